"""/dayplan [NAME | ROLE] [METRIC N]"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.kinds import Notice
from domain.people import ADMINS, Member, MemberId, Organisation, Profile, Role
from domain.quota import (
    HABITS,
    METRICS,
    MOST_QUANTITY,
    PLANNABLE,
    PROFILES,
    Metric,
    Quantity,
    SetBy,
    learning_week,
    planned,
    quantities,
)
from domain.refusals import NotAllowed, NotUnderstood
from domain.schedule import local_date
from handlers.args import Args, Words
from handlers.colleagues import called, colleague_named, leads, led_by
from handlers.letters import teller
from handlers.pieces.listed import listed
from handlers.reading.names import fold
from handlers.reading.planned import read_quantity
from handlers.registry import Scope, command
from handlers.turn import Turn, touch_day
from handlers.view import Ask, Block, Button, Card, Line, Mark, Note, Rows, Text, card, in_rows, t
from handlers.words import catalogue

PEOPLE_SHOWN = 4
# How far from the present quantity the offered ones lie.
OFFERED = (-2, -1, 0, 1, 2, 5)


class DayplanArgs(Args):
    """Whose plan, which metric and how much of it, each where it is said; `to` answers "how much?"."""

    lead = ("what",)
    what: Words | None = None
    to: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose plan is meant: one person's, or that of everybody in a role."""

    name: str | Text
    word: str
    people: tuple[Member, ...]
    person: Member | None = None
    role: Role = Role.REP

    def own(self, org: Organisation) -> Mapping[str, int]:
        """The quantities set here, and not by what stands below."""
        return self.person.quantities if self.person else org.quantities.get(self.role, {})

    def profile(self, org: Organisation) -> Profile:
        return self.person.profile if self.person else org.profile

    def plan(self, org: Organisation) -> tuple[Quantity, ...]:
        """The plan in force; a role's is that of somebody with the organisation's profile and nothing of their own."""
        if self.person:
            return quantities(self.person, org)
        return planned(org.profile, frozenset({self.role}), org)


@command(roles=ADMINS | {Role.MANAGER}, scope=Scope.TEAM)
def dayplan(turn: Turn, args: DayplanArgs) -> Card:
    """Shows the plan in force and who set it; sets one metric for a person, or for everybody in a role."""
    said = read_quantity(" ".join(filter(None, (args.what, args.to))))
    if said.metric is None and said.quantity is None and not said.resets:
        return _shown(turn, _whose(turn, said.whose)) if said.whose else _overview(turn)
    if said.metric is None:
        raise _no_metric(turn, said.whose)
    whose = _whose(turn, said.whose)
    if whose.person is None and not turn.me.holds(ADMINS):
        raise NotAllowed("dayplan.only_admin")
    if said.quantity is None and not said.resets:
        return _how_many(turn, whose, said.metric)
    if said.quantity is not None and not 1 <= said.quantity <= MOST_QUANTITY:
        raise NotUnderstood("dayplan.range", n=said.quantity, most=MOST_QUANTITY)
    return _set(turn, whose, said.metric, said.quantity)


def _whose(turn: Turn, said: str) -> Whose:
    """A role by its name, else a colleague; raises `NotAllowed` for somebody of another's team."""
    members = turn.store.members()
    role = Role.REP if not said else _role(said)
    if role and not called(said, members):
        people = tuple(each for each in members if role in each.roles)
        return Whose(name=t(f"dayplan.all_{role}"), word=role, people=people, role=role)
    person = colleague_named(said, members)
    if not turn.me.holds(ADMINS) and not leads(turn.me, person, turn.store.teams()):
        raise NotAllowed("dayplan.not_yours", name=person.name)
    return Whose(name=person.name, word=f"M{person.id}", people=(person,), person=person)


def _role(said: str) -> Role | None:
    """A role by its code or its name in any language."""
    found = catalogue().meant(said, {role: f"role.{role}" for role in Role}) or said.casefold()
    return Role(found) if found in list(Role) else None


def _no_metric(turn: Turn, said: str) -> NotUnderstood:
    """A quantity of something that is no metric, or of a habit; the colleague it was for is not part of its name."""
    words = said.split()
    while len(words) > 1 and called(words[0], turn.store.members()):
        words = words[1:]
    name = " ".join(words)
    say = catalogue().say
    for row in HABITS:
        names = (
            say(t(f"metric.{row.metric}.name"), language) for language in catalogue().forms("dayplan.title")
        )
        if fold(name) in {fold(each) for each in (row.metric, *names)}:
            return NotUnderstood("dayplan.habit", what=say(t(f"metric.{row.metric}.name"), turn.language))
    known = say(listed([t(f"metric.{metric}.short") for metric in PLANNABLE]), turn.language)
    return NotUnderstood("dayplan.no_metric", said=name[:40] or "-", known=known)


def _overview(turn: Turn) -> Card:
    """Everybody's plan with the organisation's profile, and whose is their own."""
    admin = turn.me.holds(ADMINS)
    mine = {team.id for team in led_by(turn.me, turn.store.teams())}
    people = [
        each for each in turn.store.members() if Role.REP in each.roles and (admin or each.team_id in mine)
    ]
    whose = Whose(name=t("dayplan.all_rep"), word=Role.REP, people=tuple(people))
    own: list[str] = [each.name for each in people if each.quantities]
    persons = [Button(each.name, f"/dayplan M{each.id}") for each in people[:PEOPLE_SHOWN]]
    rows = _metric_rows(turn, whose) if admin else in_rows(persons)
    return card(
        *_lines(turn, whose), *((Note(t("dayplan.own", names=listed(own[:6]))),) if own else ()), rows=rows
    )


def _shown(turn: Turn, whose: Whose) -> Card:
    may_set = whose.person is not None or turn.me.holds(ADMINS)
    return card(*_lines(turn, whose), rows=_metric_rows(turn, whose) if may_set else ())


def _lines(turn: Turn, whose: Whose) -> tuple[Block, ...]:
    """The plan, a metric a line with who set it; and that learning weeks make it lighter."""
    plan: list[Block] = [
        Line(t("dayplan.line", what=_quantity(each.metric, each.quantity), by=_by(turn, whose, each)))
        for each in whose.plan(turn.org)
    ]
    person = whose.person
    week = learning_week(person.joined_on, local_date(turn.now, person.zone)) if person else None
    learning = (Note(t("day.learning", week=week)),) if week else ()
    return (Line(t("dayplan.title", name=whose.name)), *plan, *learning)


def _by(turn: Turn, whose: Whose, each: Quantity) -> Text:
    if each.set_by is SetBy.PROFILE:
        return t(f"dayplan.profile_{whose.profile(turn.org)}")
    return t(f"dayplan.by_{each.set_by}")


def _quantity(metric: Metric, quantity: int) -> Text:
    return t(f"dayplan.per_{METRICS[metric].period}", what=t(f"metric.{metric}.short"), n=quantity)


def _asked(metric: Metric, plan: Iterable[Quantity]) -> Text:
    """What a plan asks of a metric, if anything."""
    found = _amounts(plan).get(metric)
    return _quantity(metric, found) if found else t("dayplan.unscored", what=t(f"metric.{metric}.short"))


def _metric_rows(turn: Turn, whose: Whose) -> Rows:
    """A button for each metric, those in the plan first."""
    planned = [each.metric for each in whose.plan(turn.org)]
    rest = [metric for metric in PLANNABLE if metric not in planned]
    return in_rows(
        [
            Button(t(f"metric.{metric}.short"), f"/dayplan {whose.word} {metric}")
            for metric in (*planned, *rest)
        ]
    )


def _how_many(turn: Turn, whose: Whose, metric: Metric) -> Card:
    """Asks for the quantity, offering some near the one in force."""
    line = f"/dayplan {whose.word} {metric}"
    plan = whose.plan(turn.org)
    present = _amounts(plan).get(metric)
    near = present or METRICS[metric].quantity
    offered = [n for n in (near + step for step in OFFERED) if 1 <= n <= MOST_QUANTITY and n != present]
    buttons = [Button(str(n), f"{line} {n}") for n in offered]
    if metric in whose.own(turn.org):
        buttons = buttons[:-1]
        buttons.append(Button(t("dayplan.reset"), f"{line} reset"))
    return card(
        t("dayplan.now", name=whose.name, what=_asked(metric, plan)),
        t("dayplan.part.to.ask"),
        ask=Ask(line, "to"),
        rows=in_rows(buttons, 3),
    )


def _set(turn: Turn, whose: Whose, metric: Metric, quantity: int | None) -> Card:
    """Sets one metric, or takes what was set back; whose plan it is hears of it, the cards of their day follow."""
    before = {each.id: quantities(each, turn.org) for each in whose.people}
    was = whose.own(turn.org).get(metric)
    own = {name: known for name, known in whose.own(turn.org).items() if name != metric}
    if quantity is not None:
        own[metric.value] = quantity
    if whose.person:
        turn.store.set_quantities(own, whose.person.id)
    else:
        turn.store.set_role_quantities({**turn.org.quantities, whose.role: own})
    org = turn.store.organisation()
    _tell(turn, metric, org, _changed(turn, org, before))
    now = replace(whose, person=turn.store.member(whose.person.id)) if whose.person else whose
    adds = quantity is not None and metric not in PROFILES[now.profile(org)]
    line = f"/dayplan {whose.word} {metric}"
    back = t("dayplan.reset") if was is None else t("dayplan.back", n=was)
    return card(
        Line(t("dayplan.set", name=whose.name, what=_asked(metric, now.plan(org))), Mark.DONE),
        *((Note(t("dayplan.adds", what=t(f"metric.{metric}.short"))),) if adds else ()),
        rows=(
            (Button(back, f"{line} {was or 'reset'}"), Button(t("dayplan.all"), f"/dayplan {whose.word}")),
        ),
    )


def _changed(
    turn: Turn, org: Organisation, before: Mapping[MemberId, tuple[Quantity, ...]]
) -> tuple[Member, ...]:
    """Whose plan is another one now; their cards of the day are to show it."""
    members = (each for each in turn.store.members() if each.id in before)
    found = tuple(each for each in members if _amounts(quantities(each, org)) != _amounts(before[each.id]))
    for each in found:
        touch_day(turn.store, each.id, local_date(turn.now, each.zone))
    return found


def _amounts(plan: Iterable[Quantity]) -> dict[Metric, int]:
    return {each.metric: each.quantity for each in plan}


def _tell(turn: Turn, metric: Metric, org: Organisation, changed: Sequence[Member]) -> None:
    """Everybody whose plan another changed hears what is asked now; a reset asks each by their own profile."""
    told: dict[int | None, list[Member]] = {}
    for each in changed:
        if each.id != turn.me.id:
            told.setdefault(_amounts(quantities(each, org)).get(metric), []).append(each)
    for people in told.values():
        words = t("dayplan.told", name=turn.me.name, what=_asked(metric, quantities(people[0], org)))
        letter = card(words, rows=((Button(t("button.today"), "/today"),),))
        teller(turn).tell_all(people, Notice.PLAN, "dayplan", letter)
