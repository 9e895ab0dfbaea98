"""/help [WORD]"""

from domain.refusals import NotFound
from handlers.args import Args, Words
from handlers.registry import Command, command, may, offered, registry
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, card, t

SHOWN = 12


class HelpArgs(Args):
    """A command word, or nothing for all of them."""

    lead = ("word",)
    word: Words | None = None


@command()
def help_(turn: Turn, args: HelpArgs) -> Card:
    """What there is for this person; one command in detail with an example to copy."""
    if args.word:
        return _one(turn, args.word.lstrip("/"))
    lines: list[Block] = [Line(t("help.title"))]
    lines += [
        Line(t("help.line", name=f"/{each.name}", what=t(f"{each.name}.command.summary")))
        for each in offered(turn.me)
    ]
    return card(
        *lines[: SHOWN + 1],
        Note(t("help.more")),
        rows=((Button(t("button.today"), "/today"), Button(t("button.visit"), "/visit")),),
    )


def _one(turn: Turn, word: str) -> Card:
    found = registry().find(word)
    if found is None or not may(turn.me, found):
        raise NotFound("help.no_such", word=word[:40])
    return card(
        t("help.line", name=f"/{found.name}", what=t(f"{found.name}.command.summary")),
        Note(t(f"{found.name}.command.example"), code=True),
        *_names(found),
    )


def _names(found: Command) -> tuple[Block, ...]:
    """The other words for a command and its parts, so that they need not be guessed."""
    parts = ", ".join("/".join(spec.names[:3]) for spec in found.parts if spec.field not in found.args.lead)
    blocks: list[Block] = []
    if found.aliases:
        blocks.append(Note(t("help.also", words=", ".join(found.aliases))))
    if parts:
        blocks.append(Note(t("help.parts", parts=parts)))
    return tuple(blocks)
