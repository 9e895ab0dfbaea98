"""/check DEAL [ITEM | all | confirm | move +5]; note: TEXT; source: WHO or V81; confirm: COACH or yes; reason: TEXT"""

from domain.deals import Dossier
from domain.refusals import NotUnderstood
from handlers.args import Args, Name, Told, Words
from handlers.checking import choices, item_asked, item_in_question, item_named, rated
from handlers.confirming import confirmed
from handlers.dealing import SELLERS, Right, dossier_meant, works
from handlers.pieces.checklist import checklist_card
from handlers.pieces.items import confirm_card, items_card
from handlers.reaching import dossier_now, may_change
from handlers.registry import command
from handlers.shifting import moved
from handlers.turn import Turn
from handlers.view import Card
from handlers.words import catalogue


class CheckArgs(Args):
    """Which deal, which item of the checklist, and what is known of it."""

    lead = ("deal", "item")
    deal: Name
    item: Words | None = None
    note: Told | None = None
    source: Words | None = None
    confirm: Name | None = None
    reason: Words | None = None

    @property
    def says(self) -> bool:
        """Whether anything is said of an item."""
        return any((self.note, self.source, self.confirm))


@command(roles=SELLERS, choices=choices, about=item_in_question)
def check(turn: Turn, args: CheckArgs) -> Card:
    """The checklist of a deal: where it stands, one of its items, all of them, what waits for a confirmation."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("check", deal=number), Right.SEE)
    if isinstance(found, Card):
        return found
    word, _, rest = (args.item or "").strip().partition(" ")
    if not word and args.says:
        raise NotUnderstood("check.which_item").at("item")
    if not word:
        return checklist_card(turn, found)
    if word.casefold() in catalogue().listed("check.all_words"):
        # Whoever only looks sees the counts, not what is noted (method section 1).
        whole = works(turn.me, found, turn.store.teams())
        return items_card(turn, found, _page(rest)) if whole else checklist_card(turn, found)
    may_change(turn, found, closed=not (args.says or rest))
    if word.casefold() in catalogue().listed("check.confirm_words"):
        return confirm_card(turn, found)
    if word.casefold() in catalogue().listed("check.move_words"):
        may_change(turn, found)
        return moved(turn, found, rest, args.reason)
    return _item(turn, found, args)


def _page(said: str) -> int:
    return int(said[:6]) if said.isdecimal() else 1


def _item(turn: Turn, found: Dossier, args: CheckArgs) -> Card:
    item = item_named(args.item or "")
    if args.confirm:
        if args.note:
            rated(turn, found, item, args.note, None)
            found = dossier_now(turn, found)
        return confirmed(turn, found, item, args.confirm, args.source)
    if args.says:
        return rated(turn, found, item, args.note, args.source)
    return item_asked(turn, found, item)
