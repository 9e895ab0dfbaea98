"""From a line to a card: finds the command, checks the role, fills the arguments, asks, runs, suggests."""

import re
from collections.abc import Mapping
from dataclasses import replace

from rapidfuzz import process

from domain.files import FileId
from domain.ports import Draft
from domain.refusals import NotAllowed, NotFound, NotUnderstood, Refusal
from handlers.args import Args, Missing, fill, split_parts
from handlers.matching import is_customer
from handlers.pieces.clipped import clipped
from handlers.pieces.ways import home
from handlers.reading.typed import clean, halved, tidy, visible
from handlers.registry import Command, may, registry
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Field, Form, Line, Mark, Note, Text, Words, card, t
from handlers.words import catalogue

LINE_LIMIT = 4000
# From so many parts on a form is quicker than questions, where a platform has forms (platforms U9).
FORM_FROM = 3
# A word this close to a command's name is offered, never run.
CLOSE_ENOUGH = 70
# A question with this many choices has no room for its Cancel; the word does the same.
MOST_BUTTONS, MOST_ROWS = 6, 3
_COMMAND = re.compile(r"/(?P<name>[^\s@/:;]+)(?:@\S+)?(?P<rest>(?:.|\n)*)")
_WORDS = re.compile(r"(?P<name>[^\s:;]+)(?P<rest>(?:.|\n)*)")
# Stands for a colon in words that must not name parts.
_COLON, LIKE_A_COLON = re.compile(r"(?<=[^\W\d])(\s*)[:\uff1a](?!//)"), "\\1\u2236"
# Words that leave a question, whatever it asks.
ESCAPES = ("cancel", "undo", "help")


def answer(turn: Turn, said: str) -> Card:
    """The card for what was said; keeps or drops the draft. Raises `Refusal` when nothing can be done."""
    line = tidy(said)
    if len(line) > LINE_LIMIT:
        raise Refusal("answer.too_long", n=len(line), most=LINE_LIMIT)
    if not visible(line):
        return card(t("answer.nothing_to_read"), Note(t("answer.example"), code=True))
    if not halved(line).startswith("/"):
        return _plain(turn, line)
    word, rest = _split(_COMMAND, line)
    if not word:
        return _unknown(turn, line, "")
    declared, after = _command_in(word, rest)
    return _run(turn, declared, after) if declared else _unknown(turn, word, rest)


def _split(pattern: re.Pattern[str], line: str) -> tuple[str, str]:
    """The first word of a line and the rest as it was typed; no word when the pattern does not fit."""
    found = pattern.fullmatch(halved(line))
    return (found["name"], line[found.start("rest") :]) if found else ("", "")


def _plain(turn: Turn, line: str) -> Card:
    """Words without a slash: an escape, the answer to a question, a command word, or something unread."""
    word, rest = _split(_WORDS, line)
    declared, rest = _command_in(word, rest) if word else (None, "")
    if turn.draft and not turn.draft.suspended:
        if declared and declared.name in ESCAPES and not rest:
            return _run(turn, declared, "")
        if declared and _names_parts(declared, rest):
            return _run(turn, declared, rest)
        return answer(turn, f"{turn.draft.line}\n{turn.draft.part}: {line}")
    if declared:
        try:
            return _run(turn, declared, rest)
        except (NotUnderstood, NotFound) as refusal:
            first = declared.args.lead[0] if declared.args.lead else declared.name
            # Without a slash a line is a command only when it reads as one: "today was great" is not, nor is
            # "who signs in the end?", whose first word after the command is nobody's name.
            if refusal.values.get("said") == rest or refusal.part == first:
                return _unread(turn, line)
            raise
    return _unread(turn, line)


def _names_parts(declared: Command, rest: str) -> bool:
    """Whether the line is a whole command with parts of its own: it must not end up in the record a question is about."""
    try:
        return bool(split_parts(declared.parts, rest)[1])
    except NotUnderstood:
        return False


def _command_in(word: str, rest: str) -> tuple[Command | None, str]:
    """The command a line begins with, and what stands after it; Chinese names need no blank before named parts."""
    declared = registry().find(word)
    if declared is None and ":" in halved(rest):
        begun = [name for name in registry().names if not name.isascii() and word.startswith(name)]
        name = max(begun, key=len, default="")
        declared, rest = registry().find(name), word.removeprefix(name) + rest
    return declared, rest.strip()


def arguments(turn: Turn, said: str) -> tuple[Command, Args]:
    """A line as one whole command and its arguments, without running it. Raises `NotUnderstood` for any other."""
    line = tidy(said)
    word, rest = _split(_COMMAND, line) if halved(line).startswith("/") else _split(_WORDS, line)
    declared, rest = _command_in(word, rest) if word else (None, "")
    args = _filled(turn, declared, rest, None) if declared else None
    if declared is None or args is None or isinstance(args, Missing):
        raise NotUnderstood("answer.unread", said=line[:60])
    return declared, args


def filled(turn: Turn, line: str, values: Mapping[str, str]) -> Card:
    """The card for a form: the command it stands for, with what it was filled in with. Raises `Refusal`."""
    word, rest = _split(_COMMAND, line)
    declared, rest = _command_in(word, rest)
    if declared is None:
        raise NotFound("press.unknown")
    for part, value in values.items():
        if len(value) > LINE_LIMIT:
            raise NotUnderstood("answer.too_long", n=len(value), most=LINE_LIMIT).at(part)
    return _run(turn, declared, rest, {part: tidy(value) for part, value in values.items()})


def given(turn: Turn, line: str, values: Mapping[str, str]) -> Card:
    """The card for a command so far and parts that nobody typed: whatever words they hold name no part. Raises `Refusal`.

    Where a question is left, they stand in its line, with a sign like a colon for each that would be read as one.
    """
    word, rest = _split(_COMMAND, line)
    declared, rest = _command_in(word, rest)
    if declared is None:
        raise NotFound("press.unknown")
    tidied = {part: tidy(value) for part, value in values.items()}
    if not isinstance(_filled(turn, declared, rest, tidied), Missing):
        return _run(turn, declared, rest, tidied)
    parts = (f"\n{part}: {_COLON.sub(LIKE_A_COLON, value)}" for part, value in tidied.items())
    return _run(turn, declared, rest + "".join(parts))


def _run(turn: Turn, declared: Command, rest: str, values: Mapping[str, str] | None = None) -> Card:
    if not may(turn.me, declared):
        word = catalogue().say(t(f"{declared.name}.command.word"), turn.language)
        raise NotAllowed("answer.not_allowed", command=word)
    turn.store.name_change(declared.name)
    args = _filled(turn, declared, rest, values)
    if values is not None and isinstance(args, Missing):
        raise NotUnderstood("answer.needed").at(args.part)
    shown = ask(turn, declared, args) if isinstance(args, Missing) else declared.run(turn, args)
    return _drafted(turn, declared, rest, shown)


def _filled(turn: Turn, declared: Command, rest: str, values: Mapping[str, str] | None) -> Args | Missing:
    context = {
        "today": turn.today,
        "language": turn.language,
        "is_known": lambda name: is_customer(turn, name),
        "is_my_file": lambda file: _is_mine(turn, file),
    }
    return fill(declared.name, declared.args, rest, context, values)


def _is_mine(turn: Turn, number: FileId) -> bool:
    found = turn.store.file(number)
    return found is not None and found.member_id == turn.me.id


def ask(turn: Turn, declared: Command, missing: Missing) -> Card:
    """The question for a missing part: what it is about, its choices, and for a bare command one example to copy."""
    own = declared.question(turn, missing) if declared.question else None
    if own:
        return own
    key = next(spec.key for spec in declared.parts if spec.field == missing.part)
    about = declared.about(turn, missing) if declared.about else None
    bare = missing.line == f"/{declared.name}" and missing.part in declared.args.lead
    choices = declared.choices(turn, missing) if declared.choices else ()
    full = sum(map(len, choices)) >= MOST_BUTTONS
    leave = (Button(t("button.cancel"), "/cancel"),)
    # A fourth row would be one too many.
    rows = (*choices[:-1], choices[-1] + leave) if len(choices) == MOST_ROWS else (*choices, leave)
    return card(
        *((Line(about, Mark.DONE),) if about else ()),
        t(f"{key}.ask"),
        *((Note(t(f"{declared.name}.command.example"), code=True),) if bare else ()),
        ask=Ask(missing.line, missing.part),
        rows=choices if full else rows,
    ).with_form(None if declared.question else form_of(declared, missing))


def form_of(declared: Command, missing: Missing) -> Form | None:
    """The parts a command still takes as a form; for one or two of them a question is quicker."""
    line = _split(_COMMAND, missing.line)[1]
    lead, named = split_parts(declared.parts, line)
    given = {*named, *declared.args.lead[: bool(lead)]}
    fields = tuple(
        Field(
            name=spec.field,
            label=t(f"{spec.key}.label" if f"{spec.key}.label" in catalogue() else f"{spec.key}.ask"),
            ask=t(f"{spec.key}.ask"),
            required=spec.field == missing.part,
            options=tuple((t(label), code) for label, code in spec.options),
            lines=spec.lines,
        )
        for spec in declared.parts
        if spec.field not in given and not spec.files and not spec.aside
    )
    # No form takes a file: one that is asked for is sent in the chat.
    if len(fields) < FORM_FROM or any(spec.files and spec.field == missing.part for spec in declared.parts):
        return None
    return Form(title=t(f"{declared.name}.command.summary"), line=missing.line, fields=fields)


def _drafted(turn: Turn, declared: Command, rest: str, shown: Card) -> Card:
    """Keeps the question of a card as the draft; a finished command leaves another's draft suspended."""
    draft = turn.draft
    chat = turn.at.chat
    if shown.ask:
        turn.store.keep_draft(turn.me.id, chat, Draft(line=shown.ask.line, part=shown.ask.part))
        return shown
    if draft is None:
        return shown
    if declared.name == "cancel" or _goes_on(draft, declared, rest):
        turn.store.keep_draft(turn.me.id, chat, None)
        return shown
    if not draft.suspended:
        turn.store.keep_draft(turn.me.id, chat, replace(draft, suspended=True))
    # A card that lives on is edited to what is so; with the reminder it is an answer like any other.
    return replace(shown, key=None).plus(
        Note(t("answer.unfinished", what=drafted(turn, draft))),
        rows=((Button(t("button.continue"), continued(draft)), Button(t("button.drop"), "/cancel")),),
    )


def _goes_on(draft: Draft, declared: Command, rest: str) -> bool:
    """Whether a command is the drafted one with its answer, not the same command about something else."""
    first = draft.line.splitlines()[0].split()
    # Of a command with questions of its own all leading words count: another card of the same deal is another thing.
    name, *about = first if declared.question else first[:2]
    return name == f"/{declared.name}" and rest.split()[: len(about)] == about


def drafted(turn: Turn, draft: Draft) -> Words:
    """What a draft is about: its record, or its command and the words after it."""
    first = draft.line.splitlines()[0]
    name, _, rest = first.lstrip("/").partition(" ")
    declared = registry().find(name)
    if declared is None:
        return first
    about = declared.about(turn, Missing(line=draft.line, part=draft.part)) if declared.about else None
    return about or clipped(rest) or t(f"{declared.name}.command.word")


def continued(draft: Draft) -> str:
    """The line that asks a draft's question again."""
    return f"{draft.line}\n{draft.part}:"


def _unknown(turn: Turn, word: str, rest: str) -> Card:
    """No such command: the likely ones, each with what was typed after it."""
    names = {name: each for name, each in registry().names.items() if may(turn.me, each)}
    close = process.extract(word.casefold(), list(names), limit=3, score_cutoff=CLOSE_ENOUGH)
    likely = dict.fromkeys(names[name].name for name, _, _ in close)
    row = tuple(Button(t(f"{name}.command.word"), f"/{name}{rest}") for name in likely)
    return card(
        t("answer.unknown_command", word=word[:40]),
        rows=(*((row,) if row else ()), (Button(t("button.help"), "/help"),)),
    )


def _unread(turn: Turn, line: str) -> Card:
    return card(
        t("answer.unread", said=line[:60]),
        Note(t("answer.example"), code=True),
        rows=((home(turn.me),),),
    )


def question_of(draft: Draft) -> Text | None:
    """What a draft asks, for a refusal of what was answered."""
    name, _, _ = draft.line.lstrip("/").replace("\n", " ").partition(" ")
    declared = registry().find(name)
    keys = [spec.key for spec in declared.parts if spec.field == draft.part] if declared else []
    return t(f"{keys[0]}.ask") if keys else None


def refused(refusal: Refusal, command: str | None = None) -> Card:
    """A refusal as a card; words that were not understood get an example of the command to copy."""
    shown = card(t(refusal.key, **refusal.values))
    example = f"{command}.command.example"
    if command and isinstance(refusal, NotUnderstood) and example in catalogue():
        return shown.plus(Note(t(example), code=True))
    return shown


def command_of(said: str) -> str | None:
    """The command a line names, for the example beside a refusal."""
    found = _COMMAND.fullmatch(clean(said))
    declared = registry().find(found["name"] if found else (clean(said).split(maxsplit=1) or [""])[0])
    return declared.name if declared else None
