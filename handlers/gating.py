"""Through the gate: proven, unproven, by a manager's word, or one step back (method section 3)."""

from collections.abc import Sequence

from domain.deals import Deal, Dossier, Passage, Passed, State
from domain.events import DealMoved
from domain.gates import Gate, gate
from domain.milestones import FIRST
from domain.refusals import NotAllowed, NotNow
from domain.stalled import elapsed, stopped_days
from handlers.dealing import deciders, decides, title_of
from handlers.pieces.needs import missing_buttons, missing_words
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Steps, Words, card, in_rows, t

# A card has at most eight lines, six buttons and three rows (product 6).
NAMED, SUPPLIED = 5, 4


def gate_of(turn: Turn, dossier: Dossier) -> Gate:
    """What the gate of a deal says today."""
    return gate(dossier, turn.today, organisation_since=turn.org.started_on)


def milestone_words(number: int) -> Words:
    """A milestone by its name."""
    return t(f"milestone.m{number}")


def must_be_active(deal: Deal) -> None:
    """Raises `NotNow` for a deal that rests or has ended."""
    if deal.state is not State.ACTIVE:
        raise NotNow("deals.not_active", id=f"D{deal.id}")


def stood(turn: Turn, deal: Deal) -> int:
    """The days a deal stood in its milestone, those on hold and those on which the clocks stop left out."""
    calendar = turn.store.calendar(turn.org, turn.store.member(deal.owner_id))
    stopped = stopped_days(calendar, deal.entered_on, turn.today)
    return max(elapsed(deal.entered_on, turn.today, stopped) - deal.held_days, 0)


def enter(
    turn: Turn, deal: Deal, milestone: int, passed: Passed, reason: str = "", /, **values: object
) -> None:
    """A deal leaves its milestone for another: the stay is closed, the next begins today."""
    turn.store.leave(deal.id, left_on=turn.today, days=stood(turn, deal), passed=passed, reason=reason)
    turn.store.enter(Passage(deal_id=deal.id, milestone=milestone, entered_on=turn.today))
    turn.store.revise_deal(deal.id, milestone=milestone, entered_on=turn.today, held_days=0, **values)


def forward(turn: Turn, dossier: Dossier, passed: Passed, reason: str = "") -> Card:
    """One step forward, and what the next milestone needs."""
    following, warned = through(turn, dossier, passed, reason)
    return passed_card(turn, following, passed, warned)


def through(
    turn: Turn, dossier: Dossier, passed: Passed, reason: str = ""
) -> tuple[Dossier, tuple[Words, ...]]:
    """A deal goes through its gate: all that is known of it behind, and what the gate warned of."""
    deal, seen = dossier.deal, gate_of(turn, dossier)
    marks: dict[str, object] = {}
    if passed is Passed.UNPROVEN:
        marks["unproven"] = (*deal.unproven, deal.milestone)
    if passed is Passed.OVERRIDE:
        marks["overridden"] = (*deal.overridden, deal.milestone)
    enter(turn, deal, deal.milestone + 1, passed, reason, **marks)
    _moved(turn, deal, deal.milestone + 1, passed)
    now = turn.store.deal(deal.id)
    following = turn.store.dossier(now) if now else dossier
    return following, tuple(t(f"caution.{each}") for each in seen.warnings)


def passed_card(
    turn: Turn, dossier: Dossier, passed: Passed, warned: Sequence[Words] = (), accepted_by: str = ""
) -> Card:
    """Where the deal is now, how it came there, and what the next gate asks for.

    Whoever `accepted_by` names opened the gate: the card is then a letter to the rep, who has nothing to undo.
    """
    deal, following = dossier.deal, gate_of(turn, dossier)
    title = t("advance.passed", id=f"D{deal.id}", milestone=milestone_words(deal.milestone))
    how = (Note(t(f"advance.{passed}")),) if passed in (Passed.UNPROVEN, Passed.OVERRIDE) else ()
    if accepted_by:
        how = (Note(t("approve.accepted", name=accepted_by)),)
    undo = () if accepted_by else ((undo_button(turn),),)
    needs = missing_words(following, dossier)
    return card(
        Line(title, Mark.DONE),
        Line(title_of(deal)),
        *how,
        *(Note(each) for each in warned[:1]),
        *steps_needed(needs, NAMED - len(how) - len(warned[:1])),
        rows=(*in_rows(missing_buttons(following, dossier)[:SUPPLIED]), *undo),
    )


def steps_needed(needs: Sequence[Words], room: int = NAMED) -> tuple[Block, ...]:
    """What is missing, as far as there is room, and how much more there is."""
    if not needs:
        return ()
    # A line that says "and 1 more" could say what.
    room = len(needs) if len(needs) == room + 1 else room
    shown = tuple((Mark.OPEN, each) for each in needs[:room])
    more = (Note(t("day.more", n=len(needs) - room)),) if len(needs) > room else ()
    return (Steps(shown), *more)


def refused_card(turn: Turn, dossier: Dossier, seen: Gate) -> Card:
    """All that is missing, each with its button; where the gate only advises, the way past it (method section 3)."""
    deal = dossier.deal
    needs = missing_words(seen, dossier)
    key = "advance.missing_one" if len(needs) == 1 else "advance.missing"
    past: tuple[Button, ...] = ()
    if not seen.holds:
        past = (Button(t("advance.unproven_button"), f"/advance D{deal.id} unproven"),)
    elif may_override(turn, deal):
        past = (Button(t("advance.override_button"), f"/advance D{deal.id} override\nreason:"),)
    supplied = missing_buttons(seen, dossier)
    return card(
        t(key, id=f"D{deal.id}"),
        *steps_needed(needs),
        *((Note(t("advance.holds")),) if seen.holds else ()),
        rows=(*in_rows(supplied[:SUPPLIED]), *((past,) if past else ())),
    )


def may_override(turn: Turn, deal: Deal) -> bool:
    """A manager, not of the own deal; where nobody else is there who could, whoever works on it (no dead end)."""
    teams, members = turn.store.teams(), turn.store.members()
    return decides(turn.me, deal, teams) or not deciders(deal, teams, members)


def _moved(turn: Turn, deal: Deal, milestone: int, passed: Passed) -> None:
    turn.happened.append(
        DealMoved(
            deal_id=deal.id,
            owner_id=deal.owner_id,
            milestone=milestone,
            passed=passed,
            by_id=turn.me.id,
            by_name=turn.me.name,
        )
    )


def override(turn: Turn, dossier: Dossier, reason: str) -> Card:
    """By a manager's word, with a reason: written down and shown on the card (method section 3)."""
    if not may_override(turn, dossier.deal):
        raise NotAllowed("advance.no_override", id=f"D{dossier.deal.id}")
    return forward(turn, dossier, Passed.OVERRIDE, reason)


def back(turn: Turn, dossier: Dossier, reason: str) -> Card:
    """One step back, with a reason; it is counted (method section 3)."""
    deal = dossier.deal
    if deal.milestone <= FIRST:
        raise NotNow("advance.no_way_back", id=f"D{deal.id}")
    milestone = deal.milestone - 1
    enter(
        turn,
        deal,
        milestone,
        Passed.BACK,
        reason,
        backs=deal.backs + 1,
        approved=min(deal.approved, milestone - 1),
        unproven=tuple(each for each in deal.unproven if each < milestone),
        overridden=tuple(each for each in deal.overridden if each < milestone),
    )
    _moved(turn, deal, milestone, Passed.BACK)
    return card(
        Line(t("advance.back", id=f"D{deal.id}", milestone=milestone_words(milestone)), Mark.DONE),
        Line(title_of(deal)),
        rows=((undo_button(turn),),),
    )
