"""The language of transcripts: a `.chat` file read into its header and items (product section 9)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import available_timezones

from domain.people import Language, Profile, Role

CONTINUED = "     "
WEEKS = {"Mon-Fri": "12345", "Mon-Sat": "123456", "Sun-Thu": "12347"}
PLATFORMS = ("telegram", "slack", "web")
RESERVED = ("bot", "at", "org", "team", "in")
HANDLE = r"[a-z][a-z0-9_]*"
SAID = re.compile(rf"(?P<who>{HANDLE})(?: in (?P<room>[^:]+?))?(?P<edits> edits)?: (?P<text>.*)")
AGAIN = re.compile(rf"(?P<who>{HANDLE}) again")
PRESSES = re.compile(
    rf"(?P<who>{HANDLE}) presses (?P<label>.+?)(?:#(?P<n>\d+))?(?: on (?P<owner>[^#]+?)(?:-(?P<k>\d+))?)?"
)
SENDS = re.compile(rf"(?P<who>{HANDLE}) sends (?P<path>[^:]+)(?:: (?P<caption>.*))?")
FORWARDS = re.compile(rf"(?P<who>{HANDLE}) forwards (?P<source>[^:]+): (?P<text>.*)")
EXPECT = re.compile(rf"bot(?P<edits> edits)?(?: to (?P<to>{HANDLE})| in (?P<room>[^:]+))?: ?(?P<text>.*)")
AT = re.compile(r"at (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d)")
MEMBER = re.compile(rf"(?P<handle>{HANDLE}) \((?P<words>[^)]+)\)")


class ScriptError(Exception):
    """A line that is not of the language; the message names its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """One member of a header."""

    handle: str
    roles: frozenset[Role]
    deputy: bool
    language: Language | None
    zone: str | None
    platform: str


@dataclass(slots=True, kw_only=True)
class Header:
    """The organisation and its teams."""

    name: str
    zone: str = "UTC"
    language: Language = Language.EN
    currency: str = "USD"
    week: str = "12345"
    profile: Profile = Profile.FIELD
    learning: bool = False
    teams: list[tuple[str, list[Seated]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item with the lines it stands on, from `start` to before `end`."""

    kind: str
    start: int
    end: int
    words: dict[str, str | None]
    text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole transcript."""

    header: Header
    items: tuple[Item, ...]
    lines: tuple[str, ...]


def read(source: str) -> Script:
    """The script of a file. Raises `ScriptError` with the number of the first line that does not fit."""
    lines = source.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    header: Header | None = None
    items: list[Item] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if not line.strip() or line.startswith("#"):
            number += 1
            continue
        end = number + 1
        while end < len(lines) and lines[end].startswith(CONTINUED):
            end += 1
        if header is None:
            header = _organisation(line, number)
        elif line.startswith("team ") and not items:
            header.teams.append(_team(line, number))
        else:
            items.append(_item(lines, number, end))
        number = end
    if header is None:
        raise ScriptError("line 1: a transcript begins with `org NAME`")
    return Script(header=header, items=tuple(items), lines=tuple(lines))


def _organisation(line: str, number: int) -> Header:
    if not line.startswith("org "):
        raise ScriptError(f"line {number + 1}: a transcript begins with `org NAME`")
    name, *pairs = line.removeprefix("org ").split(", ")
    header = Header(name=name)
    for pair in pairs:
        key, _, value = pair.partition(" ")
        try:
            _set(header, key, value)
        except (KeyError, ValueError):
            raise ScriptError(f"line {number + 1}: unknown in the header: {pair}") from None
    return header


def _set(header: Header, key: str, value: str) -> None:
    match key:
        case "zone" if value in available_timezones():
            header.zone = value
        case "language":
            header.language = Language(value)
        case "currency":
            header.currency = value
        case "week":
            header.week = WEEKS[value]
        case "profile":
            header.profile = Profile(value)
        case "start" if value == "learning":
            header.learning = True
        case _:
            raise KeyError(key)


def _team(line: str, number: int) -> tuple[str, list[Seated]]:
    name, colon, rest = line.removeprefix("team ").partition(": ")
    seats = [_seat(found["handle"], found["words"], number) for found in MEMBER.finditer(rest)]
    if not colon or not seats or ", ".join(found[0] for found in MEMBER.finditer(rest)) != rest:
        raise ScriptError(f"line {number + 1}: a team is `team NAME: ann (rep), bob (rep, zh)`")
    return name, seats


def _seat(handle: str, words: str, number: int) -> Seated:
    roles, deputy, language, zone, platform = set(), False, None, None, "telegram"
    for word in words.split(", "):
        if word in list(Role):
            roles.add(Role(word))
        elif word == "deputy":
            deputy = True
            roles.add(Role.REP)
        elif word in list(Language):
            language = Language(word)
        elif word in PLATFORMS:
            platform = word
        elif word.startswith("zone=") and word[5:] in available_timezones():
            zone = word[5:]
        else:
            raise ScriptError(f"line {number + 1}: unknown for a member: {word}")
    if handle in RESERVED or not roles:
        raise ScriptError(f"line {number + 1}: {handle} cannot be a member here")
    return Seated(
        handle=handle, roles=frozenset(roles), deputy=deputy, language=language, zone=zone, platform=platform
    )


KINDS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("at", AT),
    ("expect", EXPECT),
    ("again", AGAIN),
    ("press", PRESSES),
    ("send", SENDS),
    ("forward", FORWARDS),
    ("say", SAID),
)


def _item(lines: list[str], start: int, end: int) -> Item:
    line = lines[start]
    more = tuple(each.removeprefix(CONTINUED) for each in lines[start + 1 : end])
    for kind, pattern in KINDS:
        found = pattern.fullmatch(line)
        if found:
            words = found.groupdict()
            text = (words.get("text") or "", *more)
            return Item(kind=kind, start=start, end=end, words=words, text=text)
    raise ScriptError(f"line {start + 1}: not understood: {line}")


def moment_of(item: Item) -> datetime:
    """The wall time of an `at` item."""
    return datetime.fromisoformat(item.words["at"] or "")
