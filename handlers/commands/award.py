"""/award [NAME | star NAME]; reason: TEXT"""

from datetime import date, timedelta
from decimal import Decimal

from domain.board_ports import Award
from domain.kinds import Notice
from domain.people import Member, MemberId, Role
from domain.refusals import NotAllowed, NotNow
from domain.schedule import after_quiet, local_date
from domain.workdays import ONE_DAY, month_label
from handlers.answer import ask
from handlers.args import Args, Missing, Told, Words
from handlers.colleagues import colleague_named, leads, led_by
from handlers.letters import UNDO_WITHIN, teller
from handlers.pieces.clipped import clipped
from handlers.pieces.undo_button import undo_button
from handlers.registry import Scope, command, registry
from handlers.targeting import reps_of
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, Note, card, in_rows, t
from handlers.words import catalogue

LEADS = frozenset({Role.MANAGER, Role.DIRECTOR})
THANKS, STAR = "thanks", "star"
OFFERED = 3
WEEKS_OF_MONTH = 6


class AwardArgs(Args):
    """Who is thanked, and what for; `star` before the name makes it the star of last month."""

    lead = ("who",)
    who: Words | None = None
    reason: Told | None = None


@command(roles=LEADS, scope=Scope.TEAM)
def award(turn: Turn, args: AwardArgs) -> Card:
    """A word of thanks that is kept and said in the team's room; the star of the month among them."""
    said = args.who or ""
    first, _, rest = said.partition(" ")
    is_star = first.casefold() in catalogue().listed("award.star_words")
    name = rest if is_star else said
    if is_star and not name:
        return _candidates(turn)
    if not name:
        people = reps_of(turn.store, led_by(turn.me, turn.store.teams()))
        buttons = [Button(clipped(each.name, 12), f"/award M{each.id}\nreason:") for each in people[:4]]
        star = (Button(t("award.star_button"), "/award star"),)
        return card(t("award.part.who.ask"), rows=(*in_rows(buttons), star))
    person = colleague_named(name, turn.store.members())
    if Role.DIRECTOR not in turn.me.roles and not leads(turn.me, person, turn.store.teams()):
        raise NotAllowed("target.not_your_team", name=person.name)
    if person.id == turn.me.id:
        raise NotNow("award.oneself")
    if args.reason is None:
        line = f"/award {'star ' if is_star else ''}M{person.id}"
        return ask(turn, registry().commands["award"], Missing(line=line, part="reason"))
    return _given(turn, person, args.reason, is_star=is_star)


def _given(turn: Turn, person: Member, reason: str, *, is_star: bool) -> Card:
    label = month_label(_last_month(turn)) if is_star else ""
    if is_star and any(each.label == label for each in turn.store.awards(person.id, 12) if each.kind == STAR):
        raise NotNow("award.star_already", name=person.name)
    turn.store.add_award(
        Award(
            member_id=person.id,
            team_id=person.team_id,
            kind=STAR if is_star else THANKS,
            label=label,
            reason=reason,
            on=turn.today,
            made_by=turn.me.id,
        )
    )
    later = turn.now + UNDO_WITHIN
    short = clipped(reason, 60)
    if person.named:
        key = "award.room_star" if is_star else "award.room"
        shown = card(t(key, name=person.name), short)
        for room in turn.store.rooms():
            if room.team_id == person.team_id:
                at = after_quiet(later, turn.org.zone)
                teller(turn).announce(room.at, "award", turn.org.language, shown, at=at)
    told = card(t("award.told_star" if is_star else "award.told", by=turn.me.name), short)
    teller(turn).tell(person.id, Notice.CONTEST, "award", told, at=after_quiet(later, person.zone))
    said = t("award.kept" if person.named else "award.kept_private", name=person.name)
    return card(Line(said, Mark.DONE), rows=((undo_button(turn),),))


def _candidates(turn: Turn) -> Card:
    """Who had the best points over the final boards of last month; whoever leads decides."""
    month = _last_month(turn)
    teams = led_by(turn.me, turn.store.teams())
    found: dict[MemberId, Decimal] = {}
    for team in teams:
        seen: set[str] = set()
        for each in turn.store.boards(team.id, WEEKS_OF_MONTH * 3):
            if each.label in seen or month_label(
                local_date(each.made_at, turn.me.zone) - timedelta(days=6)
            ) != month_label(month):
                continue
            seen.add(each.label)
            for member, points in each.points.items():
                found[member] = found.get(member, Decimal(0)) + points
    people = {each.id: each for each in reps_of(turn.store, teams)}
    best = sorted((each for each in found if each in people), key=lambda each: (-found[each], each))[:OFFERED]
    if not best:
        return card(t("award.no_boards", on=month), Note(t("award.how"), code=True))
    buttons = [Button(clipped(people[each].name, 12), f"/award star M{each}\nreason:") for each in best]
    return card(t("award.candidates", on=month), rows=in_rows(buttons, 3))


def _last_month(turn: Turn) -> date:
    """The first day of the month before this one."""
    return (turn.today.replace(day=1) - ONE_DAY).replace(day=1)
