"""What both platforms show once a second account is linked: where pushes go, and the button that turns them here."""

from collections.abc import Sequence

from handlers.view import Block, Button, Card, Line, Mark, Note, Text, card, t

PUSHES_HERE = Button(t("link.pushes_here"), "/link here")


def linked_card(done: Text, pushes_to: str, here: str, *notes: Text) -> Card:
    """The line on what was done; pushes are turned here where they do not come anyway."""
    blocks: Sequence[Block] = (
        Line(done, Mark.DONE),
        Line(t("link.pushes", platform=t(f"platform.{pushes_to}"))),
        *(Note(each) for each in notes),
    )
    return card(*blocks, rows=() if here == pushes_to else ((PUSHES_HERE,),))
