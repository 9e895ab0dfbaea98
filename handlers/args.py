"""Words to a model: leading words and named parts become the checked arguments of a command."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from domain.files import FileId
from domain.people import Language
from domain.refusals import NotUnderstood
from handlers.reading.amounts import amount
from handlers.reading.moments import Moment, moment, no_moment, promise, span, split_moment
from handlers.reading.typed import as_typed, halved
from handlers.view import t
from handlers.words import catalogue

TEXT_LIMIT, NAME_LIMIT = 1000, 80
# A card of the tool kit has up to four fields, which must fit one line while they are asked for one by one.
ENTRY_LIMIT = 600


class Args(BaseModel):
    """Arguments of a command; `lead` names the fields that take the leading words, in order."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)
    lead: ClassVar[tuple[str, ...]] = ()
    _said: dict[str, str] = PrivateAttr(default_factory=dict)

    def again(self, name: str, **values: str) -> str:
        """The same command as a line, with some parts replaced: what a button of a question carries."""
        said = {**self._said, **values}
        words = " ".join(said.pop(field) for field in self.lead if field in said)
        return "\n".join(
            (f"/{name} {words}".strip(), *(f"{field}: {value}" for field, value in said.items()))
        )


class NoArgs(Args):
    """For commands that take nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A next step as typed: what, and by when if a date was named."""

    text: str
    due_on: date | None
    due_time: time | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A command that cannot run yet: its line so far and the part to ask for."""

    line: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSpec:
    """One named part: its field, the words that name it and whether it must be there; for a form also what may be
    chosen, and whether it takes several lines. One that `leads` needs no name: it stands right after the command.
    One that takes `files` is answered by sending them; `many` of them only where it takes more than one.
    One `aside` comes from a button or a later question: no form asks for it.
    """

    field: str
    names: tuple[str, ...]
    required: bool
    key: str
    leads: bool
    options: tuple[tuple[str, str], ...] = ()
    lines: bool = False
    files: bool = False
    many: bool = False
    aside: bool = False


def _today(info: ValidationInfo) -> date:
    today: date = info.context["today"]  # type: ignore[index]
    return today


def _bad(key: str, **values: Any) -> PydanticCustomError:
    return PydanticCustomError("refusal", "{key}", {"key": key, **values})


def _moment(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    found = moment(value, _today(info))
    if found is None:
        raise _bad("args.no_date", said=value)
    return found


def _date(value: Any, info: ValidationInfo) -> Any:
    found = _moment(value, info)
    if isinstance(found, Moment):
        if found.on is None or found.at is not None:
            raise _bad("args.no_date", said=value)
        return found.on
    return found


def _promise(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    words, when = promise(value, _today(info))
    words = as_typed(words, value)
    if when is None and (said := no_moment(value, _today(info))):
        raise _bad("args.no_date", said=said)
    if when and when.on and when.on < _today(info):
        raise _bad("args.past_date", said=value, on=when.on)
    due_on = when.on or _today(info) if when else None
    return Promise(text=words, due_on=due_on, due_time=when.at if when else None)


def _span(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    found = span(value, _today(info))
    if found is None:
        raise _bad("args.no_date", said=value)
    return found


def _amount(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = amount(value)
    if found is None:
        raise _bad("args.no_amount", said=value[:80])
    return found


def _yes_or_no(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    for key, meant in (("parts.yes_words", "yes"), ("parts.no_words", "no")):
        if value.strip().casefold() in catalogue().listed(key):
            return meant
    raise _bad("args.no_yes_or_no", said=value[:80])


def said_as(word: str, key: str) -> BeforeValidator:
    """Takes each word of a list of the catalogue for `word`: "last" in any language."""

    def meant(value: Any) -> Any:
        said = value.casefold() if isinstance(value, str) else value
        return word if said in catalogue().listed(key) else value

    return BeforeValidator(meant)


def _text(value: Any) -> Any:
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        raise _bad("args.too_long", n=len(value), most=TEXT_LIMIT)
    return value


def _name(value: Any) -> Any:
    if isinstance(value, str) and len(value) > NAME_LIMIT:
        raise _bad("args.too_long", n=len(value), most=NAME_LIMIT)
    return value


def _file(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    found = _FILE.fullmatch(value.strip())
    if found is None or not _is_mine(info, FileId(int(found[1]))):
        raise _bad("args.no_file", said=value[:80])
    return int(found[1])


def _files(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(_file(each, info) for each in re.split(r"[\s,]+", value.strip()))


def _is_mine(info: ValidationInfo, file: FileId) -> bool:
    """Whether the speaker sent it: a number can be typed by anybody."""
    is_mine: Callable[[FileId], bool] = (info.context or {}).get("is_my_file", lambda _file: False)
    return is_mine(file)


_FILE = re.compile(r"[Ff]([1-9][0-9]{0,17})")


def _entry(value: Any) -> Any:
    if isinstance(value, str) and len(value) > ENTRY_LIMIT:
        raise _bad("args.too_long", n=len(value), most=ENTRY_LIMIT)
    return value


# Marks a part that a form gives several lines.
SEVERAL_LINES = "several lines"
# Marks a part that takes a file, and one that takes more than one.
TAKES_FILE, TAKES_FILES = "takes a file", "takes files"
# Marks a part that no form asks for.
ASIDE = "aside"
Words = Annotated[str, BeforeValidator(_text)]
Told = Annotated[str, BeforeValidator(_text), SEVERAL_LINES]
Name = Annotated[str, BeforeValidator(_name)]
Entry = Annotated[str, BeforeValidator(_entry), SEVERAL_LINES]
# A whole table: only the length of the line bounds it.
Pasted = Annotated[str, SEVERAL_LINES]
When = Annotated[Moment, BeforeValidator(_moment)]
OnDate = Annotated[date, BeforeValidator(_date)]
NextStep = Annotated[Promise, BeforeValidator(_promise)]
YesNo = Annotated[Literal["yes", "no"], BeforeValidator(_yes_or_no)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Days = Annotated[tuple[date, date], BeforeValidator(_span)]
# `F12` as the number of a file that the speaker sent; several stand beside each other.
FileRef = Annotated[int, BeforeValidator(_file), TAKES_FILE]
FileRefs = Annotated[tuple[int, ...], BeforeValidator(_files), TAKES_FILES]


@lru_cache(maxsize=256)
def part_specs(name: str, model: type[Args]) -> tuple[PartSpec, ...]:
    """The parts of a command, with their words from the command's texts or the shared ones."""
    specs = []
    for field, info in model.model_fields.items():
        own = f"{name}.part.{field}"
        key = own if f"{own}.ask" in catalogue() else f"parts.{field}"
        names = (field, *catalogue().listed(f"parts.{field}.aliases"), *catalogue().listed(f"{own}.aliases"))
        codes, marks = _codes(info.annotation), (*info.metadata, *_marks(info.annotation))
        specs.append(
            PartSpec(
                field=field,
                names=names,
                required=info.is_required(),
                key=key,
                leads=field in model.lead,
                options=tuple(
                    (f"{key}.option_{code}", code) for code in codes if f"{key}.option_{code}" in catalogue()
                ),
                lines=SEVERAL_LINES in marks,
                files=TAKES_FILE in marks or TAKES_FILES in marks,
                many=TAKES_FILES in marks,
                aside=ASIDE in info.metadata or ASIDE in marks,
            )
        )
    return tuple(specs)


def _marks(annotation: Any) -> tuple[Any, ...]:
    """What an annotation says besides its type."""
    return (
        *getattr(annotation, "__metadata__", ()),
        *(m for each in get_args(annotation) for m in _marks(each)),
    )


def _codes(annotation: Any) -> tuple[str, ...]:
    """The codes a part can be, when it is one of a few."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    found = (_codes(each) for each in get_args(annotation) if each is not type(None))
    return next((each for each in found if each), ())


@lru_cache(maxsize=256)
def _splitter(specs: tuple[PartSpec, ...]) -> tuple[re.Pattern[str], Mapping[str, str]]:
    fields = {name.casefold(): spec.field for spec in specs for name in spec.names}
    if not fields:
        return re.compile(r"(?!)"), fields
    names = "|".join(re.escape(name) for name in sorted(fields, key=len, reverse=True))
    # Case is folded for ASCII letters only: a dotless i would match a name that `fields` does not have.
    return re.compile(rf"(?:^|[;\s])\s*({names})\s*:", re.IGNORECASE | re.ASCII), fields


# What may stand around a part: the wide semicolon is U+FF1B.
BETWEEN = " ;\n\uff1b"
# A name ends in a letter (`15:00` is a time), and is not the beginning of an address.
_UNKNOWN_PART = re.compile(r"[;\n]\s*(\w{0,19}[^\W\d])\s*:(?!//)")


def split_parts(
    specs: tuple[PartSpec, ...], rest: str, language: Language = Language.EN
) -> tuple[str, dict[str, str]]:
    """The leading words and the named parts; raises `NotUnderstood` for a part the command does not have."""
    pattern, fields = _splitter(specs)
    # The grammar is read in half width; what stands between its words is kept as it was typed.
    found = list(pattern.finditer(halved(rest)))
    starts, ends = [0, *(each.end() for each in found)], [*(each.start() for each in found), len(rest)]
    lead, *values = (rest[start:end].strip(BETWEEN) for start, end in zip(starts, ends, strict=True))
    parts = {fields[each[1].casefold()]: value for each, value in zip(found, values, strict=True)}
    for start, end in zip(starts, ends, strict=True):
        unknown = _UNKNOWN_PART.search(halved(rest[start:end]))
        if unknown:
            known = _labels(specs, language)
            raise NotUnderstood("args.unknown_part", part=unknown[1], known=known or "-")
    return lead, parts


def _labels(specs: tuple[PartSpec, ...], language: Language) -> str:
    """The parts by the words the reader would type; the leading words have none."""
    labels = [key for key in (f"{spec.key}.label" for spec in specs if not spec.leads) if key in catalogue()]
    return ", ".join(catalogue().say(t(key), language).casefold() for key in labels)


def fill(
    name: str,
    model: type[Args],
    rest: str,
    context: Mapping[str, Any],
    values: Mapping[str, str] | None = None,
) -> Args | Missing:
    """The arguments, or the part to ask for: a required one that is absent, or one named without a value.

    `values` are what a form was filled in with: parts that need not be read out of words. Raises `NotUnderstood` for
    a value that does not parse.
    """
    specs = part_specs(name, model)
    lead, named = split_parts(specs, rest, context.get("language", Language.EN))
    said = {
        **_leading(model, lead, context),
        **{part: value for part, value in named.items() if value},
        **{part: value for part, value in (values or {}).items() if value},
    }
    empty = next((part for part, value in named.items() if not value and part not in said), None)
    absent = next((spec.field for spec in specs if spec.required and spec.field not in said), None)
    if asked := absent or empty:
        line = "\n".join(
            (f"/{name} {lead}".strip(), *(f"{part}: {value}" for part, value in named.items() if value))
        )
        return Missing(line=line, part=asked)
    try:
        args = model.model_validate(said, context=dict(context))
    except ValidationError as error:
        raise _refusal(error) from None
    args._said.update(said)
    return args


@lru_cache(maxsize=256)
def _is_moment(model: type[Args], field: str) -> bool:
    return "Moment" in str(model.model_fields[field].annotation)


def _leading(model: type[Args], words: str, context: Mapping[str, Any]) -> dict[str, str]:
    """The leading words over the fields of `lead`: one word each and the rest to the last.

    Where the last is a moment, it takes the date and time at the end of the words (`Acme Thu 3pm`), unless they
    are all one name that is known (`Rising Sun`).
    """
    *firsts, last = model.lead or ("",)
    if not words or not last:
        return {"": words} if words else {}
    if firsts and _is_moment(model, last):
        return _name_and_moment(firsts[0], last, words, context)
    found = {}
    for field in firsts:
        word, _, words = words.partition(" ")
        words = words.strip()
        # Of three, the second may be absent.
        if word:
            found[field] = word
    return {**found, last: words} if words else found


def _name_and_moment(name: str, when: str, words: str, context: Mapping[str, Any]) -> dict[str, str]:
    today: date = context["today"]
    rest, found = split_moment(words, today)
    rest = as_typed(rest, words)
    if found is None:
        if said := no_moment(words, today):
            raise NotUnderstood("args.no_date", said=said)
        return {name: words}
    is_known: Callable[[str], bool] = context.get("is_known", lambda _name: False)
    return {name: words} if is_known(words) else {name: rest, when: written(found, today)}


def written(when: Moment, today: date) -> str:
    """A moment in words that read back as the same one."""
    at = f" {when.at:%H:%M}" if when.at else ""
    return f"{(when.on or today).isoformat()}{at}"


def _refusal(error: ValidationError) -> NotUnderstood:
    first = error.errors()[0]
    if first["loc"] == ("",):
        return NotUnderstood("args.takes_nothing", said=str(first["input"])[:80])
    part = str(first["loc"][0])
    if first["type"] == "refusal":
        values = dict(first["ctx"])
        return NotUnderstood(values.pop("key"), **values).at(part)
    said = str(first["input"])[:80]
    expected = first.get("ctx", {}).get("expected", "")
    if expected:
        return NotUnderstood("args.no_choice", said=said, choices=str(expected).replace("'", "")).at(part)
    return NotUnderstood("args.not_understood", said=said, part=part).at(part)


def choices(enum: type[StrEnum]) -> str:
    """The values of a choice, for an example."""
    return ", ".join(each.value for each in enum)
