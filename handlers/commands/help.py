"""/help [WORD | PAGE]"""

from domain.refusals import NotFound
from handlers.args import Args, Words
from handlers.pieces.listed import listed
from handlers.pieces.ways import first_row
from handlers.registry import Command, command, may, offered, registry
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, card, t

# So many fit a card beside the line below them.
SHOWN = 7


class HelpArgs(Args):
    """A command word, or the number of a page."""

    lead = ("word",)
    word: Words | None = None


@command()
def help_(turn: Turn, args: HelpArgs) -> Card:
    """What there is for this person, page by page; one command in detail with an example to copy."""
    if args.word and not args.word.isdecimal():
        return _one(turn, args.word.lstrip("/"))
    lines = [_line(each) for each in offered(turn.me)]
    last = (len(lines) - 1) // SHOWN + 1
    page = min(max(int((args.word or "1")[:3]), 1), last)
    back = (Button(t("help.first"), f"/help {page - 1}"),) if page > 1 else first_row(turn.me)[:1]
    more = (Button(t("help.rest"), f"/help {page + 1}"),) if page < last else ()
    # Whoever asks in a room wonders why nothing else is answered there.
    note = Note(t("help.one") if turn.private else t("room.privacy"))
    return card(*lines[(page - 1) * SHOWN : page * SHOWN], note, rows=((*more, *back),))


def _line(each: Command) -> Line:
    name = t(f"{each.name}.command.word")
    return Line(t("help.line", name=name, what=t(f"{each.name}.command.summary")))


def _one(turn: Turn, word: str) -> Card:
    found = registry().find(word)
    if found is None or not may(turn.me, found):
        raise NotFound("help.no_such", word=word[:40])
    return card(
        _line(found),
        Note(t(f"{found.name}.command.example"), code=True),
        *_names(found),
    )


def _names(found: Command) -> tuple[Block, ...]:
    """The other words for a command and its parts, so that they need not be guessed."""
    parts = [t(f"{spec.key}.label") for spec in found.parts if not spec.leads]
    blocks: list[Block] = []
    if found.aliases:
        blocks.append(Note(t("help.also", words=listed(found.aliases))))
    if parts:
        blocks.append(Note(t("help.parts", parts=listed(parts))))
    return tuple(blocks)
