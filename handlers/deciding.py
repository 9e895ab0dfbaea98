"""A request for approval decided, or asked about: what that does to the deal, and who hears of it (product section 5)."""

from domain.deals import Approval, Deal, Decision, Passed
from domain.kinds import Notice
from domain.people import MemberId
from domain.refusals import NotNow, NotUnderstood
from domain.schedule import local_date, local_time
from handlers.dealing import title_of
from handlers.entitled import waiting
from handlers.gating import (
    SUPPLIED,
    gate_of,
    milestone_words,
    passed_card,
    steps_needed,
    through,
)
from handlers.letters import teller
from handlers.pieces.approval import REFERENCE, decision_row, handed_in_card
from handlers.pieces.needs import missing_buttons, missing_words
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn, approval_key, said_key
from handlers.view import Block, Button, Card, Line, Mark, Words, card, in_rows, t

# What is asked, answered or given as a reason is shown whole, and a card has eight lines.
SAID_MOST = 120


def must_be_open(turn: Turn, approval: Approval) -> None:
    """Raises `NotNow` once somebody decided, saying who and when, or once nothing is asked for any more."""
    number = f"D{approval.deal_id}"
    if approval.decision is Decision.OPEN:
        return
    if approval.decided_by is None or approval.decided_at is None:
        raise NotNow("approve.no_longer", id=number)
    zone = turn.me.zone
    name, on = turn.store.member(approval.decided_by).name, local_date(approval.decided_at, zone)
    at = local_time(approval.decided_at, zone).strftime("%H:%M")
    if on == turn.today:
        raise NotNow(f"approve.{approval.decision}_at", id=number, name=name, at=at)
    raise NotNow(f"approve.{approval.decision}_on", id=number, name=name, at=at, on=on)


def accept(turn: Turn, approval: Approval, deal: Deal) -> Card:
    """The gate is approved: the deal goes through at once, unless something is missing by now; the rep hears which."""
    _decide(turn, approval, Decision.ACCEPTED)
    turn.store.revise_deal(deal.id, approved=deal.milestone)
    dossier = turn.store.dossier(turn.store.deal(deal.id) or deal)
    seen = gate_of(turn, dossier)
    if seen.is_ready:
        following, warned = through(turn, dossier, Passed.PROVEN)
        _tell_asker(turn, approval, deal, passed_card(turn, following, Passed.PROVEN, warned, turn.me.name))
        onward = t("advance.passed", id=f"D{deal.id}", milestone=milestone_words(following.deal.milestone))
        return _done(turn, deal, onward)
    missing = missing_words(seen, dossier)
    kept = card(
        t("approve.kept", id=f"D{deal.id}", name=turn.me.name),
        *steps_needed(missing),
        rows=(
            *in_rows(missing_buttons(seen, dossier)[:SUPPLIED]),
            (Button(t("deal.advance_button"), f"/advance D{deal.id}"),),
        ),
    )
    _tell_asker(turn, approval, deal, kept)
    return _done(
        turn,
        deal,
        t("approve.kept_for", id=f"D{deal.id}", name=_asker(turn, approval)),
        *steps_needed(missing),
    )


def return_(turn: Turn, approval: Approval, deal: Deal, reason: str) -> Card:
    """Back to the rep, with the reason and what can be done."""
    _decide(turn, approval, Decision.RETURNED, whole(reason))
    now = turn.store.approval(approval.id) or approval
    for each in _askers(approval, deal):
        # It lives on: the reason stays to be read, and is gone when the decision is taken back.
        key = approval_key(each, approval.id)
        teller(turn).tell(each, Notice.DECIDED, "decided", handed_in_card(turn.store, now, deal, key))
    return _done(turn, deal, t("approve.sent_back", id=f"D{deal.id}", name=_asker(turn, approval)))


def ask(turn: Turn, approval: Approval, deal: Deal, question: str) -> Card:
    """A question to the rep; nothing is decided by asking, so there is nothing to take back."""
    words = whole(question)
    shown = card(
        t("approve.asks", id=f"D{deal.id}", name=turn.me.name),
        Line(words),
        rows=((Button(t("approve.answer_button"), f"/approve {REFERENCE}{approval.id} answer"),),),
        key=said_key(approval.asked_by, turn.event),
    )
    teller(turn).tell(approval.asked_by, Notice.QUESTION, "question", shown)
    if turn.me.id not in approval.asked:
        # Whoever took over the team since: the answer is for them too.
        turn.store.move_approval(
            approval.id,
            rank=approval.rank,
            escalate_at=approval.escalate_at,
            asked=(*approval.asked, turn.me.id),
            covers=approval.covers,
        )
    return card(
        Line(t("approve.question_sent", id=f"D{deal.id}", name=_asker(turn, approval)), Mark.DONE),
        t("approve.still_open"),
        rows=((Button(t("approve.open_button", id=f"D{deal.id}"), f"/approve {REFERENCE}{approval.id}"),),),
    )


def answer(turn: Turn, approval: Approval, deal: Deal, said: str) -> Card:
    """The rep's answer to whoever was asked for the decision, with the buttons to decide; not to who is away."""
    title, words = t("approve.answers", id=f"D{deal.id}", name=turn.me.name), Line(whole(said))
    covered = turn.store.covers(turn.today)
    for each in approval.asked:
        if each not in covered:
            shown = card(title, words, rows=(decision_row(approval),), key=said_key(each, turn.event))
            teller(turn).tell(each, Notice.QUESTION, "answer", shown)
    return card(Line(t("approve.answer_sent", id=f"D{deal.id}"), Mark.DONE))


def whole(said: str) -> str:
    """Somebody's words on one line; raises `NotUnderstood` where a card cannot show them whole."""
    words = " ".join(said.split())
    if len(words) > SAID_MOST:
        raise NotUnderstood("args.too_long", n=len(words), most=SAID_MOST).at("reason")
    return words


def _decide(turn: Turn, approval: Approval, decision: Decision, reason: str = "") -> None:
    turn.store.revise_approval(
        approval.id, decision=decision, decided_by=turn.me.id, decided_at=turn.said_at, reason=reason
    )


def _tell_asker(turn: Turn, approval: Approval, deal: Deal, shown: Card) -> None:
    """A new message, since it must be noticed; also to the owner, where a colleague asked."""
    for each in _askers(approval, deal):
        teller(turn).tell(each, Notice.DECIDED, "decided", shown)


def _askers(approval: Approval, deal: Deal) -> tuple[MemberId, ...]:
    return tuple(dict.fromkeys((approval.asked_by, deal.owner_id)))


def _asker(turn: Turn, approval: Approval) -> str:
    return turn.store.member(approval.asked_by).name


def _done(turn: Turn, deal: Deal, words: Words, *blocks: Block) -> Card:
    """What was decided, the way back, and on to what else waits."""
    rest = len(waiting(turn.store, turn.me))
    more = (Button(t("approve.rest_button", n=rest), "/approve"),) if rest else ()
    return card(Line(words, Mark.DONE), Line(title_of(deal)), *blocks, rows=((*more, undo_button(turn)),))
