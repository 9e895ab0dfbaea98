"""Commands that keep files and words and draw pictures, for the tests of what carries them; the product's own come by the same ways."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from domain.files import FileId, StoredFile
from domain.people import EVERYBODY
from domain.ports import Draft
from handlers import registry as declared
from handlers.args import Args, FileRef, FileRefs, Name, Told
from handlers.charting import charted
from handlers.registry import Command, Room, Scope, registry
from handlers.turn import Turn
from handlers.view import Attachment, Button, Card, card
from handlers.words import catalogue
from tests.support.drawings import drawing

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PDF = b"%PDF-1.7\n" + b"offer " * 40
TEXTS = {
    "keep.command.word": "/keep",
    "keep.command.example": "/keep Acme",
    "keep.command.summary": "keep something",
    "keep.part.about.ask": "About what?",
    "keep.part.text.ask": "What was it? Words or a file.",
    "keep.part.text.label": "Words",
    "keep.part.file.ask": "Send the file.",
    "keep.part.file.label": "File",
    "keep.undone": "what was kept",
    "put.undone": "what was put",
    "keeping.undone": "what came by itself",
    "put.command.word": "/put",
    "put.command.example": "/put Acme",
    "put.command.summary": "put something",
    "put.part.about.ask": "About what?",
    "put.part.file.ask": "Send the one file.",
    "put.part.text.ask": "And what is it?",
    "put.part.file.label": "File",
    "put.part.text.label": "Words",
    "draw.command.word": "/draw",
    "draw.command.example": "/draw trend",
    "draw.command.summary": "draw something",
    "draw.part.what.ask": "What?",
    "draw.undone": "what was drawn",
}


class KeepArgs(Args):
    """Words about something, or files, or both."""

    lead = ("about",)
    about: Name
    text: Told
    file: FileRefs | None = None


class PutArgs(Args):
    """One file about something, and then what it is."""

    lead = ("about",)
    about: Name
    file: FileRef
    text: Told


class DrawArgs(Args):
    """One of the pictures."""

    lead = ("what",)
    what: Name


def keep(turn: Turn, args: KeepArgs) -> Card:
    """Says what was kept and shows the files."""
    return shown(turn, args.about, args.text, args.file or ())


def put(turn: Turn, args: PutArgs) -> Card:
    return shown(turn, args.about, args.text, (args.file,))


def draw(turn: Turn, args: DrawArgs) -> Card:
    """Words with a picture and buttons; `plain` has neither picture nor button."""
    if args.what == "plain":
        return card("nothing to see")
    words = f"a {args.what}"
    rows = ((Button("Plain", "/draw plain"), Button("Trend", "/draw trend")),)
    return card(words, charted(drawing(args.what, turn.me.language)), rows=rows)


def shown(turn: Turn, about: str, text: str, numbers: Sequence[int]) -> Card:
    files = turn.store.files_of([FileId(each) for each in numbers])
    words = f"kept for {about}: {text}" if text else f"kept for {about}"
    again = "\n".join(
        (f"/keep {about}", f"text: {text}", f"file: {' '.join(f'F{each}' for each in numbers)}")
    )
    buttons = (Button("Undo", "/undo"), *((Button("Again", again),) if files else ()))
    more = (f"in full: {text}",) if len(text) > 400 else ()
    return card(
        words, *more, *(picture(each) for each in files), rows=(buttons,) if text != "no buttons" else ()
    )


def picture(file: StoredFile) -> Attachment:
    return Attachment(file.id, file.name, file.kind, f"what {file.name} shows")


def take(turn: Turn, files: Sequence[StoredFile], caption: str, forwarded_from: str | None) -> Card:
    """What comes without a question is told by name; words alone and files alike."""
    names = " ".join(f"F{each.id} {each.name} {each.mime} {each.size}" for each in files)
    return card(f"took [{names}] caption [{caption}] from [{forwarded_from}]")


@contextmanager
def keeping(*, hook: bool = True) -> Iterator[None]:
    """The commands, and unless one must do without the hook, are there until the block ends."""
    known = registry()
    made = {
        name: Command(
            name=name,
            run=run,
            args=args,
            roles=EVERYBODY,
            scope=Scope.OWN,
            room=Room.PRIVATE,
            hidden=True,
            usage=f"/{name}",
            choices=None,
            about=None,
            question=None,
        )
        for name, run, args in (("keep", keep, KeepArgs), ("put", put, PutArgs), ("draw", draw, DrawArgs))
    }
    commands, names, texts = known.commands, known.names, catalogue()._texts
    for key, words in TEXTS.items():
        catalogue()._load(key, dict.fromkeys(("en", "zh", "zh-Hant"), words))
    commands.update(made)  # type: ignore[attr-defined]
    names.update(made)  # type: ignore[attr-defined]
    before = list(declared._attachments)
    declared._attachments[:] = [take] if hook else []
    try:
        yield
    finally:
        declared._attachments[:] = before
        for name in made:
            commands.pop(name, None)  # type: ignore[attr-defined]
            names.pop(name, None)  # type: ignore[attr-defined]
        for key in TEXTS:
            texts.pop(key, None)


def asked(name: str = "keep", part: str = "text") -> Draft:
    """A question that waits."""
    return Draft(line=f"/{name} Acme", part=part)
