"""What is done with files and with forwarded words: they answer the open question, or go to whoever declared to take them."""

from collections.abc import Mapping, Sequence

from domain.files import FileId, FileKind, KeptFile
from domain.ports import Draft
from domain.refusals import NotNow, NotUnderstood
from handlers.answer import LINE_LIMIT, given
from handlers.args import NAME_LIMIT, PartSpec, split_parts
from handlers.reading.typed import tidy
from handlers.registry import declared_in, registry, taker
from handlers.turn import Turn
from handlers.view import Card, card, t

# The part that words beside a file, or forwarded ones, fill.
WORDS = "text"
# The parts that say whether they were forwarded, and from whom.
FORWARDED, SOURCE = "forwarded", "source"


def attached(turn: Turn, kept: Sequence[KeptFile], caption: str, forwarded_from: str | None) -> Card:
    """The card for files, which become rows only where somebody takes them. Raises `Refusal`."""
    draft, open_parts = _asked(turn)
    part, take = _takes_files(draft, open_parts), taker()
    words, said_by = _tidied(caption), _name(forwarded_from)
    if draft and part:
        if len(kept) > 1 and not part.many:
            raise NotNow("file.one_at_a_time", n=len(kept))
        turn.store.name_change(_named(draft)[0])
        values = {part.field: " ".join(f"F{number}" for number in _added(turn, kept, said_by))}
        if words and WORDS in open_parts:
            values[WORDS] = words
        return given(turn, draft.line, values | _forwarded(open_parts, said_by))
    if take:
        turn.store.name_change(declared_in(take))
        return take(turn, turn.store.files_of(_added(turn, kept, said_by)), words, said_by)
    return unread("photo" if kept[0].kind is FileKind.PHOTO else "file")


def forwarded(turn: Turn, text: str, forwarded_from: str) -> Card:
    """The card for somebody else's words, which are never run as a command. Raises `Refusal`."""
    draft, open_parts = _asked(turn)
    words, take = _tidied(text), taker()
    if draft and WORDS in open_parts and (draft.part == WORDS or _takes_files(draft, open_parts)):
        return given(turn, draft.line, {WORDS: words} | _forwarded(open_parts, _name(forwarded_from)))
    if take is None:
        return unread("forwarded")
    turn.store.name_change(declared_in(take))
    return take(turn, (), words, _name(forwarded_from))


def _forwarded(open_parts: Mapping[str, PartSpec], said_by: str | None) -> dict[str, str]:
    """That it was forwarded, and from whom, where a command wants to know."""
    if said_by is None or FORWARDED not in open_parts:
        return {}
    return {FORWARDED: "yes"} | ({SOURCE: said_by} if said_by and SOURCE in open_parts else {})


def unread(what: str) -> Card:
    """Something that nobody here takes: said, and nothing kept of it."""
    return card(t("answer.cannot_read_yet", what=t(f"what.{what}")))


def _added(turn: Turn, kept: Sequence[KeptFile], said_by: str | None) -> list[FileId]:
    return [turn.store.add_file(turn.me.id, each, said_by or "", turn.said_at) for each in kept]


def _tidied(words: str) -> str:
    tidied = tidy(words)
    if len(tidied) > LINE_LIMIT:
        raise NotUnderstood("answer.too_long", n=len(tidied), most=LINE_LIMIT)
    return tidied


def _name(forwarded_from: str | None) -> str | None:
    return None if forwarded_from is None else " ".join(tidy(forwarded_from).split())[:NAME_LIMIT]


def _asked(turn: Turn) -> tuple[Draft | None, Mapping[str, PartSpec]]:
    """The question that waits, and the parts its command has not been given yet."""
    draft = turn.draft
    if draft is None or draft.suspended:
        return None, {}
    name, rest = _named(draft)
    declared = registry().find(name)
    if declared is None:
        return None, {}
    _, named = split_parts(declared.parts, rest)
    return draft, {spec.field: spec for spec in declared.parts if spec.field not in named}


def _named(draft: Draft) -> tuple[str, str]:
    """The command of a draft, and what stands after it."""
    first, _, rest = draft.line.partition("\n")
    name, _, lead = first.removeprefix("/").partition(" ")
    return name, f"{lead}\n{rest}"


def _takes_files(draft: Draft | None, open_parts: Mapping[str, PartSpec]) -> PartSpec | None:
    """The part that a file answers: the one asked for, or the file of a command that asks for words or a file."""
    asked = open_parts.get(draft.part) if draft else None
    if asked is None or (not asked.files and asked.field != WORDS):
        return None
    return asked if asked.files else next((each for each in open_parts.values() if each.files), None)
