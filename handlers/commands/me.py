"""/me [who | manager | pushes]"""

from domain.activity import Kind
from domain.kinds import KINDS
from domain.people import Role
from domain.ports import Footprint
from domain.refusals import NotUnderstood
from domain.retention import DELIVERIES_KEPT, LETTERS_KEPT
from domain.schedule import local_date
from handlers.args import Args
from handlers.args import Words as Typed
from handlers.digesting import digest_facts
from handlers.pieces.digest import digest_lines
from handlers.pieces.listed import listed
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Note, Words, card, t
from handlers.words import catalogue

# The table of method section 1, a row a line.
SEEN_BY = (
    t("me.who_records"),
    t("me.who_colleagues"),
    t("me.who_deals"),
    t("me.who_notes"),
    t("me.who_alone"),
    t("me.who_admin"),
)


# Under the title; the kinds that came most often.
PUSHES_SHOWN = 7


class MeArgs(Args):
    """Nothing for what is stored; `who` for who sees what, `manager` for what they see now, `pushes` for what I heed."""

    lead = ("what",)
    what: Typed | None = None


@command()
def me(turn: Turn, args: MeArgs) -> Card:
    """Everything stored about me, as counts; who sees it; what my manager sees of me now."""
    said = (args.what or "").casefold()
    if not said:
        return _stored(turn)
    if said in catalogue().listed("me.who_words"):
        return card(t("me.who_title"), *SEEN_BY, rows=((_back(),),))
    if said in catalogue().listed("me.manager_words"):
        return _managers_view(turn)
    if said in catalogue().listed("me.pushes_words"):
        return _pushes(turn)
    raise NotUnderstood("args.no_choice", said=said[:20], choices="who, manager, pushes")


def _stored(turn: Turn) -> Card:
    person, found = turn.me, turn.store.footprint(turn.me.id)
    platforms = turn.store.gather_platforms([person.id]).get(person.id, ())
    roles = listed([t(f"role.{role}") for role in Role if role in person.roles]) or t("members.waits")
    where = listed([t(f"platform.{each}") for each in platforms])
    team = turn.team.name if turn.team else None
    return card(
        t("me.title", name=person.name, roles=roles, team=team)
        if team
        else t("me.title_bare", name=person.name, roles=roles),
        t("me.since", on=person.joined_on, where=where),
        t("me.records", what=_records(found)),
        t("me.day", reports=found.reports, ticks=found.ticks, claims=found.claims),
        t("me.plans", steps=found.open_steps, drafts=found.drafts, leaves=found.leaves),
        t("me.rest", customers=found.customers, changes=found.changes, letters=found.letters),
        t("me.deals", deals=found.deals, evidence=found.evidence, files=found.files),
        Note(t("me.kept", days=DELIVERIES_KEPT.days, letters=LETTERS_KEPT.days)),
        rows=(
            (Button(t("me.who_sees"), "/me who"), Button(t("me.what_manager"), "/me manager")),
            (Button(t("me.pushes_button"), "/me pushes"), Button(t("button.settings"), "/settings")),
        ),
    )


def _pushes(turn: Turn) -> Card:
    """How often I acted on each kind of push within a day, and how often not; nobody else sees it."""
    found = [
        each
        for each in turn.store.gather_heeded([turn.me.id]).get(turn.me.id, ())
        if KINDS[each.kind].mutable
    ]
    most = sorted(found, key=lambda each: (-each.acted - each.ignored, each.kind))[:PUSHES_SHOWN]
    lines = [
        Line(t("me.heeded", what=t(f"kinds.{each.kind}"), acted=each.acted, ignored=each.ignored))
        for each in most
    ]
    back = (_back(), Button(t("mute.title"), "/mute"))
    return card(t("me.pushes_title" if lines else "me.no_pushes"), *lines, rows=(back,))


def _records(found: Footprint) -> Words:
    counted = [
        t("me.record", kind=t(f"kind.{kind}"), n=found.records[kind])
        for kind in Kind
        if kind in found.records
    ]
    return listed(counted) or t("me.no_records")


def _managers_view(turn: Turn) -> Card:
    """The manager's digest as it would be now if they led nobody else."""
    team = turn.team
    if team and team.manager_id == turn.me.id:
        return card(t("me.own_manager", name=turn.me.name), rows=((_back(),),))
    if team is None or team.manager_id is None:
        return card(t("me.no_manager"), rows=((_back(),),))
    leader = turn.store.member(team.manager_id)
    today = local_date(turn.now, leader.zone)
    facts = digest_facts(turn.store, turn.org, leader, today, turn.now, only=turn.me.id)
    title = Line(t("me.manager_title", manager=leader.name, name=turn.me.name))
    lines = digest_lines(facts) if facts else ()
    return card(title, *lines, Note(t("me.manager_more")), rows=((_back(),),))


def _back() -> Button:
    return Button(t("me.back"), "/me")
