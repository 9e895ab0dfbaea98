"""/bid DEAL [RATINGS]; conditions: NAMES; signs: NAMES"""

from handlers.answer import arguments
from handlers.args import Args, Missing, Name, Words, YesNo
from handlers.bidding import (
    CONDITIONS,
    CRITERIA,
    SIGNS,
    asked,
    bid_card,
    changing,
    check_of,
    named_in,
    rated,
    ratings_in,
)
from handlers.dealing import SELLERS, Right, deal_in_question, dossier_meant
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Card
from handlers.words import catalogue


class BidArgs(Args):
    """Which deal, five ratings of 0 to 5 in a row or each by its name, the conditions that hold, the stop signs seen."""

    lead = ("deal", "ratings")
    deal: Name
    ratings: Words | None = None
    conditions: Words | None = None
    signs: Words | None = None
    real: Name | None = None
    compete: Name | None = None
    win: Name | None = None
    worth: Name | None = None
    deliver: Name | None = None
    spec: YesNo | None = None
    relation: YesNo | None = None
    genuine: YesNo | None = None
    odd: YesNo | None = None
    vague: YesNo | None = None
    ahead: YesNo | None = None

    @property
    def said(self) -> dict[str, str]:
        """Every part that was said, by its name; raises `NotUnderstood` for a rating or a name that is none."""
        found = ratings_in(self.ratings) if self.ratings else {}
        for part in CRITERIA:
            if value := getattr(self, part):
                found[part] = rated(part, value)
        found |= named_in("conditions", self.conditions, CONDITIONS) if self.conditions else {}
        found |= named_in("signs", self.signs, SIGNS) if self.signs else {}
        return found | {each: value for each in (*CONDITIONS, *SIGNS) if (value := getattr(self, each))}


def _question(turn: Turn, missing: Missing) -> Card | None:
    """A part asked for by a button, with its taps."""
    if missing.part in (*BidArgs.lead, "conditions", "signs"):
        return None
    _, args = arguments(turn, missing.line)
    if not isinstance(args, BidArgs):
        return None
    found = dossier_meant(turn, args.deal, lambda number: args.again("bid", deal=number), Right.WORK)
    return found if isinstance(found, Card) else asked(turn, check_of(found, args.said), missing.part)


@command(roles=SELLERS, about=deal_in_question, question=_question)
def bid(turn: Turn, args: BidArgs) -> Card:
    """Whether to bid: a weighted score, and a rule of three conditions and three stop signs."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("bid", deal=number), Right.SEE)
    if isinstance(found, Card):
        return found
    word = (args.ratings or "").strip().casefold()
    if word in catalogue().listed("bid.change_words"):
        return changing(turn, found, CRITERIA)
    if word in catalogue().listed("bid.signs_words"):
        return changing(turn, found, (*CONDITIONS, *SIGNS))
    return bid_card(turn, found, args.said)
