"""The review of a deal in seven sections: what a deal talk goes through (product section 5)."""

from datetime import date

from domain.deals import Dossier
from domain.gates import met, uncovered
from domain.milestones import LAST
from handlers.clockwork import assessed
from handlers.dealing import title_of
from handlers.gating import gate_of, milestone_words
from handlers.pieces.deal import bar, flag_words
from handlers.pieces.listed import listed
from handlers.pieces.needs import missing_words, need_words
from handlers.pieces.person import person_words
from handlers.turn import Turn
from handlers.view import Button, Card, Facts, Words, card, t

SHOWN = 3


def review_card(turn: Turn, dossier: Dossier) -> Card:
    """Progress, raise the stage, rivals, problems, what is still to be known, relationships, expenses."""
    deal = dossier.deal
    seen = gate_of(turn, dossier)
    stands, _ = assessed(turn.store, turn.org, deal, turn.now)
    needs = missing_words(seen, dossier)
    flags = flag_words(deal, seen, stands)
    unknown = _unknown(dossier, turn.today)
    pairs: list[tuple[Words, Words]] = [
        (t("review.progress"), bar(dossier, turn.today)),
        (
            t("review.raise"),
            _some(needs)
            if needs
            else t("review.ready", milestone=milestone_words(min(deal.milestone + 1, LAST + 1))),
        ),
        (t("review.rivals"), _some(tuple(each.name for each in dossier.rivals)) or t("review.none_known")),
        (t("review.problems"), listed(flags) if flags else t("review.none")),
        (t("review.unknown"), _some(unknown) if unknown else t("review.none")),
        (t("review.people"), _people(dossier)),
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
        ),
    )


def _unknown(dossier: Dossier, today: date) -> tuple[Words, ...]:
    """The information of this stage that is still missing."""
    milestone = dossier.deal.milestone
    return tuple(need_words(each) for each in dossier.stage.info if not met(each, dossier, today, milestone))


def _people(dossier: Dossier) -> Words:
    """Who is known and which roles are open; stance is for the deal team and the manager (method section 1)."""
    if not dossier.buyers:
        return t("review.nobody")
    names = _some(tuple(person_words(each) for each in dossier.buyers))
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
