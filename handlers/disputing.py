"""Disputes about a number of a scorecard: asked by its owner, answered by whoever leads them, told to both."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from domain.disputes import ASK_DAYS, Answer, Dispute, answer_by
from domain.kinds import Notice
from domain.kpis import Kpi, Measure
from domain.people import Member, MemberId, Role
from domain.periods import Span
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from domain.schedule import after_quiet, local_date, local_time
from domain.scorecard import Why
from handlers.colleagues import leads
from handlers.correcting import changed_words, corrected
from handlers.deciding import whole
from handlers.letters import teller
from handlers.pieces.scorecard import Shown, command_of, shown_of, when
from handlers.pieces.scoreline import kpi_name, pair_words, value_words
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn, touch_digest
from handlers.view import Ask, Button, Card, Line, Mark, Note, Text, card, in_rows, t
from handlers.words import catalogue

# A card has six buttons; a set has six KPIs at most.
MOST_LINES = 6
CANCEL = (Button(t("button.cancel"), "/cancel"),)


def may_answer(me: Member, owner: Member, turn: Turn) -> bool:
    """Whoever leads the owner, and directors; nobody decides about the own card."""
    return me.id != owner.id and (Role.DIRECTOR in me.roles or leads(me, owner, turn.store.teams()))


def leaders_of(turn: Turn, member: Member) -> tuple[MemberId, ...]:
    """Who is asked about somebody's card: the team's manager, else its deputy, else the directors.

    Who is away is passed over for the cover they named, and for the next in rank where they named none.
    """
    teams = {team.id: team for team in turn.store.teams()}
    team = teams.get(member.team_id) if member.team_id else None
    directors = [each.id for each in turn.store.members() if Role.DIRECTOR in each.roles]
    ranks: Sequence[Sequence[MemberId | None]] = (
        (team.manager_id if team else None,),
        (team.deputy_id if team else None,),
        directors,
    )
    covers = turn.store.covers(turn.today)
    for rank in ranks:
        there = [
            covers.get(each, each) for each in rank if each and each != member.id and not _away(turn, each)
        ]
        there += [covers[each] for each in rank if each and each in covers and covers[each] != member.id]
        if there:
            return tuple(dict.fromkeys(there))
    return tuple(dict.fromkeys(each for rank in ranks for each in rank if each and each != member.id))[:1]


def _away(turn: Turn, member: MemberId) -> bool:
    found = turn.store.member(member)
    return turn.store.calendar(turn.org, found).is_away(local_date(turn.now, found.zone))


def which_line(shown: Shown) -> Card:
    """Asks which number is wrong; raises `NotFound` for a card on which nothing counts."""
    buttons = [
        Button(kpi_name(each.kpi), command_of(shown, mine=True, rest=f"dispute {each.kpi}"))
        for each in shown.score.lines
        if each.points is not None and each.target is not None
    ]
    if not buttons:
        raise NotFound("score.nothing_to_dispute")
    return card(t("score.which_line"), rows=in_rows(buttons[:MOST_LINES]))


def dispute(turn: Turn, shown: Shown, kpi: Kpi, reason: str | None, amount: Decimal | None) -> Card:
    """The owner says that a number is wrong, and why; whoever leads them is asked at once."""
    must_be_disputable(turn, shown, kpi)
    rest = command_of(shown, mine=True, rest=f"dispute {kpi}")
    if not reason:
        line = f"{rest}\namount: {amount}" if amount is not None else rest
        return card(
            t("score.dispute_what", name=kpi_name(kpi)),
            t("score.dispute_why"),
            ask=Ask(line, "reason"),
            rows=(CANCEL,),
        )
    asked_on = turn.today
    asked = Dispute(
        id=0,
        member_id=turn.me.id,
        label=shown.span.label,
        kpi=kpi,
        reason=whole(reason),
        asked_at=turn.said_at,
        answer_by=answer_by(asked_on, turn.calendar(), turn.me.zone),
        claimed=amount,
    )
    number = turn.store.add_dispute(asked)
    told = leaders_of(turn, turn.me)
    for each in told:
        leader = turn.store.member(each)
        letter = request_card(turn, _with_number(asked, number), shown)
        teller(turn).tell(each, Notice.DISPUTE, "dispute", letter, at=after_quiet(turn.now, leader.zone))
        touch_digest(turn.store, each, local_date(turn.now, leader.zone))
    names = [turn.store.member(each).name for each in told]
    by = local_date(asked.answer_by, turn.me.zone)
    return card(
        Line(t("score.disputed", name=kpi_name(kpi), id=f"X{number}"), Mark.DONE),
        Note(t("score.answer_by", name=names[0], on=by) if names else t("score.nobody_answers")),
        rows=((undo_button(turn),),),
    )


def _with_number(asked: Dispute, number: int) -> Dispute:
    values = {name: getattr(asked, name) for name in Dispute.__slots__}
    return Dispute(**{**values, "id": number})


def must_be_disputable(turn: Turn, shown: Shown, kpi: Kpi) -> None:
    """Raises for a running week, an old card, a line that does not count, and one that is disputed already."""
    line = shown.score.line(kpi)
    if line is None or line.points is None or line.target is None:
        raise NotFound("score.no_line", name=plain_name(turn, kpi))
    if shown.runs:
        raise NotNow("score.still_runs")
    closed_on = local_date(shown.span.closes_at(turn.calendar(), turn.me.zone), turn.me.zone)
    until = closed_on
    for _ in range(ASK_DAYS - 1):
        until = turn.calendar().after(until)
    if turn.today > until:
        raise NotNow("score.too_late", on=until)
    if any(each.kpi is kpi and each.decision is Answer.OPEN for each in shown.disputes):
        raise NotNow("score.disputed_already", name=plain_name(turn, kpi))


def plain_name(turn: Turn, kpi: Kpi) -> str:
    """A KPI's name for a refusal, in the speaker's language."""
    return catalogue().say(kpi_name(kpi), turn.language)


def request_card(turn: Turn, asked: Dispute, shown: Shown) -> Card:
    """What whoever leads decides: the number on the card, the number claimed, why, and until when."""
    line = shown.score.line(asked.kpi)
    number = f"X{asked.id}"
    pair = pair_words(line) if line and line.state is Measure.MEASURED else t("score.no_number")
    owner = shown.member
    claimed = value_words(asked.kpi, Fraction(asked.claimed)) if asked.claimed is not None else None
    buttons = [Button(t("score.accept_button", value=claimed), f"/score {number} accept")] if claimed else []
    buttons += [
        Button(t("score.other_button"), f"/score {number} accept\namount:"),
        Button(t("score.decline_button"), f"/score {number} decline"),
        Button(t("score.records_button"), command_of(shown, mine=False, rest=asked.kpi)),
    ]
    return card(
        t("score.disputes", name=owner.name, what=kpi_name(asked.kpi)),
        t("score.on_card", what=when(shown.span), pair=pair),
        *((t("score.claims", value=claimed),) if claimed else ()),
        asked.reason,
        Note(t("score.answer_until", on=local_date(asked.answer_by, turn.me.zone))),
        rows=in_rows(buttons),
    )


def found(turn: Turn, number: int) -> tuple[Dispute, Shown]:
    """A dispute with its card, for its owner and whoever may answer; nobody else decides about it meanwhile."""
    asked = turn.store.dispute(number, held=True)
    owner = turn.store.member(asked.member_id) if asked else None
    if asked is None or owner is None or asked.decision is Answer.WITHDRAWN:
        raise NotFound("score.no_dispute", id=f"X{number}"[:20])
    if turn.me.id != owner.id and not may_answer(turn.me, owner, turn):
        raise NotFound("score.no_dispute", id=f"X{number}"[:20])
    span = Span.labelled(asked.label)
    shown = shown_of(turn.store, turn.org, owner, span, turn.now) if span else None
    if shown is None:
        raise NotFound("score.no_dispute", id=f"X{number}"[:20])
    return asked, shown


def state_card(turn: Turn, asked: Dispute, shown: Shown) -> Card:
    """Where a dispute stands: to be decided, or what was said."""
    if asked.decision is Answer.OPEN and turn.me.id != asked.member_id:
        return request_card(turn, asked, shown)
    what = t("score.dispute_of", name=kpi_name(asked.kpi), what=when(shown.span))
    if asked.decision is Answer.OPEN:
        late = asked.is_late(turn.now)
        by = local_date(asked.answer_by, turn.me.zone)
        return card(what, asked.reason, Note(t("score.late" if late else "score.answer_until", on=by)))
    return card(what, asked.reason, *_answered(turn, asked))


def _answered(turn: Turn, asked: Dispute) -> tuple[Text | str, ...]:
    by = turn.store.member(asked.decided_by).name if asked.decided_by else ""
    if asked.decision is Answer.ACCEPTED and asked.granted is not None:
        return (t("score.accepted", name=by, value=value_words(asked.kpi, Fraction(asked.granted))),)
    return (t("score.declined", name=by), asked.answer)


def accept(turn: Turn, asked: Dispute, shown: Shown, amount: Decimal | None) -> Card:
    """The number is put right: a new version of the card, which its owner is told of in one line."""
    _must_decide(turn, asked, shown)
    granted = asked.claimed if amount is None else amount
    if granted is None:
        return card(
            t("score.grant_what", name=kpi_name(asked.kpi)),
            ask=Ask(f"/score X{asked.id} accept", "amount"),
            rows=(CANCEL,),
        )
    if granted < 0:
        raise NotUnderstood("score.negative").at("amount")
    turn.store.revise_dispute(
        asked.id, decision=Answer.ACCEPTED, decided_by=turn.me.id, decided_at=turn.said_at, granted=granted
    )
    new = corrected(turn.store, turn.org, shown.member, shown.span, Why.DISPUTE, turn.now)
    value = value_words(asked.kpi, Fraction(granted))
    words = (
        Line(t("score.accepted", name=turn.me.name, value=value), Mark.DONE),
        Line(t("score.dispute_of", name=kpi_name(asked.kpi), what=when(shown.span))),
        *((Line(changed_words(shown.score, new.score)),) if new else ()),
    )
    open_it = (Button(t("score.back_button"), command_of(shown, mine=True)),)
    teller(turn).tell(asked.member_id, Notice.ANSWERED, "answered", card(*words, rows=(open_it,)))
    touch_digest(turn.store, turn.me.id, turn.today)
    return card(*words, rows=((undo_button(turn),),))


def decline(turn: Turn, asked: Dispute, shown: Shown, reason: str | None) -> Card:
    """The number stands, for a reason that its owner reads."""
    _must_decide(turn, asked, shown)
    if not reason:
        return card(t("score.decline_what"), ask=Ask(f"/score X{asked.id} decline", "reason"), rows=(CANCEL,))
    said = whole(reason)
    turn.store.revise_dispute(
        asked.id, decision=Answer.DECLINED, decided_by=turn.me.id, decided_at=turn.said_at, answer=said
    )
    words = (
        t("score.declined", name=turn.me.name),
        t("score.dispute_of", name=kpi_name(asked.kpi), what=when(shown.span)),
        said,
    )
    rows = ((Button(t("score.records_button"), command_of(shown, mine=True, rest=asked.kpi)),),)
    teller(turn).tell(asked.member_id, Notice.ANSWERED, "answered", card(*words, rows=rows))
    touch_digest(turn.store, turn.me.id, turn.today)
    return card(*words, rows=((undo_button(turn),),))


def _must_decide(turn: Turn, asked: Dispute, shown: Shown) -> None:
    if not may_answer(turn.me, shown.member, turn):
        raise NotAllowed("score.own_dispute")
    if asked.decision is Answer.OPEN:
        return
    name = turn.store.member(asked.decided_by).name if asked.decided_by else ""
    at = local_time(asked.decided_at, turn.me.zone).strftime("%H:%M") if asked.decided_at else ""
    raise NotNow("score.answered_already", name=name, at=at)
