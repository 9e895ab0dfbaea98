"""What both platforms show once a second account is linked: where pushes go, and the button that turns them here."""

from collections.abc import Sequence

from domain.refusals import NotFound
from handlers.pieces.listed import listed
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Text, card, t
from handlers.words import catalogue

PUSHES_HERE = Button(t("link.pushes_here"), "/link here")


def platform_meant(turn: Turn, said: str, platforms: Sequence[str]) -> str:
    """The one of a person's platforms that is called so; raises `NotFound` for any other."""
    found = catalogue().meant(said, {each: f"platform.{each}" for each in platforms}) or said.casefold()
    if found not in platforms:
        known = catalogue().say(listed([t(f"platform.{each}") for each in platforms]), turn.language)
        raise NotFound("link.not_linked", name=said[:40], known=known)
    return found


def linked_card(done: Text, pushes_to: str, here: str, *notes: Text) -> Card:
    """The line on what was done; pushes are turned here where they do not come anyway."""
    blocks: Sequence[Block] = (
        Line(done, Mark.DONE),
        Line(t("link.pushes", platform=t(f"platform.{pushes_to}"))),
        *(Note(each) for each in notes),
    )
    return card(*blocks, rows=() if here == pushes_to else ((PUSHES_HERE,),))
