"""The next best step of a deal: what the gate misses, then the item of the checklist that adds most (method section 3)."""

from domain.c139 import LETTER, Item, Standing, gains, next_best, upcoming
from domain.deals import Dossier
from handlers.view import Words, t

SIXTY = Standing(clear=8, first=1)


def item_name(item: Item) -> Words:
    """What an item of the checklist is called."""
    return t(f"check.name_{item}")


def with_gain(dossier: Dossier, item: Item) -> Words:
    """An item and what it adds, in points of the table before the cap; nothing is said of an item that adds none."""
    gain = gains(dossier.claimed()).get(LETTER[item], 0)
    return t("check.with_gain", what=item_name(item), n=gain) if gain else item_name(item)


def offered_items(dossier: Dossier, most: int) -> tuple[Item, ...]:
    """The missing items to work on next: those the gate asks for, and among them always the one that adds most."""
    ratings = tuple(dossier.ratings.values())
    found, best = upcoming(ratings, dossier.stage.minimum)[:most], next_best(ratings)
    return found if best is None or best in found else (*found[:-1], best)


def best_words(dossier: Dossier) -> Words:
    """The item that adds most, with its gain."""
    item = next_best(tuple(dossier.ratings.values()))
    return t("check.best", what=with_gain(dossier, item)) if item else t("check.all_count")


def below_sixty(standing: Standing) -> tuple[int, int]:
    """How many C and F a standing lacks to be on the 60 % line (method section 3)."""
    return max(SIXTY.clear - standing.clear, 0), max(SIXTY.first - standing.first, 0)
