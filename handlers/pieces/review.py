"""The review of a deal in seven sections: what a deal talk goes through (product section 5)."""

from datetime import date

from domain.bids import Decision
from domain.coverage import uncovered
from domain.deals import Dossier, State
from domain.gates import met
from domain.milestones import LAST, Tool
from handlers.bidding import decision_of
from handlers.clockwork import assessed
from handlers.dealing import title_of, works
from handlers.gating import gate_of, milestone_words
from handlers.pieces.clipped import clipped
from handlers.pieces.deal import bar, flag_words
from handlers.pieces.listed import listed
from handlers.pieces.needs import missing_words, need_words
from handlers.pieces.nextbest import best_words
from handlers.pieces.reach import buyers_seen, gaps_seen, name_of
from handlers.tasking import overdue, own_tasks, own_words
from handlers.turn import Turn
from handlers.view import Button, Card, Facts, Words, card, t

SHOWN = 3


def review_card(turn: Turn, dossier: Dossier) -> Card:
    """Progress, raise the stage, rivals, problems, what is still to be known, relationships, expenses."""
    deal, whole = dossier.deal, works(turn.me, dossier, turn.store.teams())
    if not deal.is_open:
        return _closing_review(dossier, whole=whole)
    seen = gate_of(turn, dossier)
    stands, _ = assessed(turn.store, turn.org, deal, turn.now)
    needs = missing_words(seen, dossier)
    flags = [
        *_problems(dossier, turn.today),
        *flag_words(deal, seen, stands, gaps_seen(turn, dossier, whole=whole)),
    ]
    unknown = _unknown(dossier, turn.today, whole=whole)
    pairs: list[tuple[Words, Words]] = [
        (t("review.progress"), bar(dossier, turn.today)),
        (t("review.raise"), _some(_to_do(dossier, needs, whole=whole))),
        (t("review.rivals"), _some(tuple(each.name for each in dossier.rivals)) or t("review.none_known")),
        (t("review.problems"), listed(flags) if flags else t("review.none")),
        (t("review.unknown"), _some(unknown) if unknown else t("review.none")),
        (t("review.people"), _people(dossier, whole=whole)),
        (t("review.expenses"), _expenses(dossier)),
    ]
    number = f"D{deal.id}"
    return card(
        t("deal.title", id=number, what=title_of(deal)),
        Facts(tuple(pairs)),
        rows=(
            (
                Button(t("deal.check_button"), f"/check {number}"),
                Button(t("deal.who_button"), f"/who {number}"),
            ),
            (
                Button(t("deal.advance_button"), f"/advance {number}"),
                Button(t("deal.next_button"), f"/next {number}"),
            ),
            (
                Button(t("task.button"), f"/task {number}"),
                Button(t("tool.kit_button"), f"/tool {number}"),
            ),
        ),
    )


def _closing_review(dossier: Dossier, *, whole: bool) -> Card:
    """What closing a deal writes: the result, the lesson, what to keep (method section 9)."""
    deal = dossier.deal
    line = f"/won D{deal.id}" if deal.state is State.WON else f"/lost D{deal.id}"
    pairs: tuple[tuple[Words, Words], ...] = (
        (t("review.result"), t(f"deal.ended_{deal.state}", on=deal.closed_on or deal.entered_on)),
        (t("won.part.lesson.label"), clipped(deal.lesson) or t("review.none")),
        (t("won.part.keep.label"), clipped(deal.kept) or t("review.none")),
        (t("review.rivals"), _some(tuple(each.name for each in dossier.rivals)) or t("review.none_known")),
        (t("review.people"), _people(dossier, whole=whole)),
        (t("review.expenses"), _expenses(dossier)),
    )
    return card(
        t("deal.title", id=f"D{deal.id}", what=title_of(deal)),
        Facts(pairs),
        rows=(
            (
                Button(t("won.part.lesson.label"), f"{line}\nlesson:"),
                Button(t("won.part.keep.label"), f"{line}\nkeep:"),
            ),
        ),
    )


def _ready(dossier: Dossier, *, whole: bool) -> Words:
    """Nothing is missing; where the checklist is weighed, the item that adds most."""
    ready = t("review.ready", milestone=milestone_words(min(dossier.deal.milestone + 1, LAST + 1)))
    if dossier.weighs_c139 and whole:
        return t("review.ready_best", ready=ready, best=best_words(dossier))
    return ready


def _to_do(dossier: Dossier, needs: tuple[Words, ...], *, whole: bool) -> tuple[Words, ...]:
    """What the gate asks, or that it asks no more; the deal's own tasks beside it, the earliest in front."""
    first, *others = (own_words(each) for each in own_tasks(dossier)) if own_tasks(dossier) else (None,)
    gate = needs or (_ready(dossier, whole=whole),)
    return (*((first,) if first else ()), *gate, *others)


def _problems(dossier: Dossier, today: date) -> tuple[Words, ...]:
    """What the bid check and the deal's own tasks warn of; neither keeps a deal from going on."""
    checks = dossier.of_tool(Tool.BID)
    no_go = bool(checks) and decision_of(checks[-1]) is Decision.NO_GO
    late = overdue(dossier, today)
    return (*((t("review.no_go"),) if no_go else ()), *((t("review.late_tasks", n=late),) if late else ()))


def _unknown(dossier: Dossier, today: date, *, whole: bool) -> tuple[Words, ...]:
    """The information of this stage that is still missing; of the checklist others see the counts (method section 1)."""
    milestone = dossier.deal.milestone
    return tuple(
        need_words(each)
        for each in dossier.stage.info
        if (whole or each.item is None) and not met(each, dossier, today, milestone)
    )


def _people(dossier: Dossier, *, whole: bool) -> Words:
    """Who is known and which roles are open; stance is for the deal team and the manager (method section 1)."""
    buyers = buyers_seen(dossier, whole=whole)
    if not buyers:
        return t("review.nobody")
    names = _some(tuple(name_of(each.name) for each in buyers))
    gaps = uncovered(dossier)
    if not gaps:
        return names
    return t("review.people_open", names=names, roles=listed([t(f"buying.{role}") for role in gaps]))


def _expenses(dossier: Dossier) -> Words:
    budget = dossier.deal.budget
    if budget is None:
        return t("review.spent", spent=dossier.spent)
    return t("review.spent_of", spent=dossier.spent, budget=budget)


def _some(names: tuple[Words, ...]) -> Words:
    more = len(names) - SHOWN
    if more > 0:
        return t("review.more", what=listed(names[:SHOWN]), n=more)
    return listed(names)
