"""The declarations: which commands, pushes and reactions exist, and what each is allowed to do."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, get_type_hints

from domain.events import Event
from domain.files import StoredFile
from domain.kinds import Notice
from domain.people import EVERYBODY, Member, MemberId, Organisation, Role
from domain.ports import Store
from domain.schedule import Cadence, Quiet, Rule
from domain.workdays import Calendar
from handlers.args import Args, Missing, PartSpec, part_specs
from handlers.turn import Turn
from handlers.view import Card, Rows, Text
from handlers.words import catalogue


class Scope(StrEnum):
    """Whose rows a command may touch."""

    OWN = "own"
    TEAM = "team"
    ORGANISATION = "organisation"


class Room(StrEnum):
    """How a command answers in a room: for all to read, or to the person alone."""

    PUBLIC = "public"
    PRIVATE = "private"


Run = Callable[[Turn, Any], Card]
Choices = Callable[[Turn, Missing], Rows]
About = Callable[[Turn, Missing], Text | None]
Question = Callable[[Turn, Missing], Card | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: help, menus, checks and drafts come from this declaration and its texts."""

    name: str
    run: Run
    args: type[Args]
    roles: frozenset[Role]
    scope: Scope
    room: Room
    hidden: bool
    usage: str
    choices: Choices | None
    about: About | None
    question: Question | None

    @property
    def aliases(self) -> tuple[str, ...]:
        return catalogue().listed(f"{self.name}.command.aliases")

    @property
    def parts(self) -> tuple[PartSpec, ...]:
        return part_specs(self.name, self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person a push may go to, the local date it is for, and how many before it were ignored in a row."""

    member: Member
    calendar: Calendar
    label: str
    unanswered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Recipients of one organisation whose push is due together."""

    org: Organisation
    now: datetime
    recipients: tuple[Recipient, ...]
    store: Store

    @property
    def ids(self) -> tuple[MemberId, ...]:
        return tuple(recipient.member.id for recipient in self.recipients)


Cards = Callable[[Slice], Mapping[MemberId, Card | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push: when it comes, how long it is useful, who gets it, and the cards for a slice of recipients.

    Its `kind` says how it comes. An `awaited` one counts as ignored until the person acts on it. One with `deputies` also goes to those of teams.
    """

    name: str
    kind: Notice
    cards: Cards
    cadence: Cadence
    at: Callable[[Member], time | None]
    patience: timedelta
    roles: frozenset[Role]
    awaited: bool
    deputies: bool
    quiet: Quiet

    def rule(self, member: Member) -> Rule | None:
        """When it comes to this person; None when it does not."""
        at = self.at(member)
        return _rule(self.cadence, at, self.patience, self.quiet) if at else None


@lru_cache(maxsize=1024)
def _rule(cadence: Cadence, at: time, patience: timedelta, quiet: Quiet) -> Rule:
    return Rule(cadence=cadence, at=at, patience=patience, quiet=quiet)


React = Callable[[Turn, Any], None]
Attach = Callable[[Turn, Sequence[StoredFile], str, str | None], Card]

_commands: dict[str, Command] = {}
_pushes: dict[str, Push] = {}
_reactions: dict[type, list[React]] = {}
_attachments: list[Attach] = []


def command(
    *,
    roles: frozenset[Role] = EVERYBODY,
    scope: Scope = Scope.OWN,
    room: Room = Room.PRIVATE,
    hidden: bool = False,
    choices: Choices | None = None,
    about: About | None = None,
    question: Question | None = None,
) -> Callable[[Run], Run]:
    """Declares a command by its function's name; a taken name is an error at start.

    `choices` are the buttons of a question, `about` says what a question is about when the line alone does not.
    `question` asks for a part in the command's own way, form and all; where it has none the usual one stands alone.
    """

    def declare(run: Run) -> Run:
        name = run.__name__.rstrip("_")
        if name in _commands:
            raise ValueError(f"command {name} is declared twice")
        usage = (importlib.import_module(run.__module__).__doc__ or "").splitlines()[0]
        _commands[name] = Command(
            name=name,
            run=run,
            args=get_type_hints(run)["args"],
            roles=roles,
            scope=scope,
            room=room,
            hidden=hidden,
            usage=usage,
            choices=choices,
            about=about,
            question=question,
        )
        return run

    return declare


def push(
    *,
    kind: Notice,
    at: Callable[[Member], time | None],
    patience: timedelta,
    cadence: Cadence = Cadence.WORKDAYS,
    roles: frozenset[Role] = frozenset({Role.REP}),
    awaited: bool = False,
    deputies: bool = False,
    quiet: Quiet = Quiet.MOVES,
) -> Callable[[Cards], Cards]:
    """Declares a push by its function's name; its cards may be None: nothing to say, nothing sent."""

    def declare(cards: Cards) -> Cards:
        name = cards.__name__
        if name in _pushes:
            raise ValueError(f"push {name} is declared twice")
        _pushes[name] = Push(
            name=name,
            kind=kind,
            cards=cards,
            cadence=cadence,
            at=at,
            patience=patience,
            roles=roles,
            awaited=awaited,
            deputies=deputies,
            quiet=quiet,
        )
        return cards

    return declare


def reaction(event: type[Event]) -> Callable[[React], React]:
    """Declares what follows an event; reactions only write letters."""

    def declare(react: React) -> React:
        _reactions.setdefault(event, []).append(react)
        return react

    return declare


def attachments(take: Attach) -> Attach:
    """Declares what becomes of files and forwarded words that answer no question; one function at most.

    It is given the turn, the files as they were stored (none for mere words), the words beside them or the forwarded
    ones, and from whom they were forwarded: None where they were not, "" where nobody says. What it changes is called
    after the command in whose module it stands, so that it can be undone by name.
    """
    if _attachments:
        raise ValueError("what becomes of attachments is declared twice")
    _attachments.append(take)
    return take


def taker() -> Attach | None:
    """What was declared by `attachments`, if anything was."""
    registry()
    return next(iter(_attachments), None)


def declared_in(take: Attach) -> str:
    """The command in whose module it stands."""
    return take.__module__.rpartition(".")[2]


def takes_files() -> bool:
    """Whether anything here takes a file: else none need be fetched."""
    return taker() is not None or any(
        part.files for each in registry().commands.values() for part in each.parts
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everything declared, loaded once."""

    commands: Mapping[str, Command]
    pushes: Mapping[str, Push]
    reactions: Mapping[type, Sequence[React]]
    names: Mapping[str, Command]

    def find(self, word: str) -> Command | None:
        """The command by its name or alias, in any language."""
        return self.names.get(word.casefold())


@lru_cache(maxsize=1)
def registry() -> Registry:
    """Loads the three folders and the aliases; a name taken twice is an error."""
    for folder in ("commands", "pushes", "reactions"):
        package = importlib.import_module(f"handlers.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"handlers.{folder}.{module.name}")
    names: dict[str, Command] = {}
    for each in _commands.values():
        for name in (each.name, *each.aliases):
            if names.setdefault(name.casefold(), each) is not each:
                raise ValueError(f"the name {name} is taken twice")
    return Registry(commands=_commands, pushes=_pushes, reactions=_reactions, names=names)


def may(member: Member, declared: Command) -> bool:
    """Whether the member's roles allow the command."""
    return declared.roles == EVERYBODY or member.holds(declared.roles)


def listed() -> tuple[Command, ...]:
    """The commands of help and menus, in the order of the menu."""
    seen = [each for each in registry().commands.values() if not each.hidden]
    return tuple(sorted(seen, key=lambda each: MENU.index(each.name) if each.name in MENU else len(MENU)))


def offered(member: Member) -> tuple[Command, ...]:
    """The commands a member sees in help and menus: first the eight of their role's menu, then the rest."""
    first = next((menu for role, menu in MENUS.items() if role in member.roles), NOBODYS_MENU)
    order = list(dict.fromkeys((*first, *MENU)))
    seen = [each for each in registry().commands.values() if may(member, each) and not each.hidden]
    return tuple(sorted(seen, key=lambda each: order.index(each.name) if each.name in order else len(order)))


# Telegram shows eight commands; what each role does most comes first. Who holds several roles gets the first of these.
MENU_MOST = 8
MENUS: Mapping[Role, tuple[str, ...]] = {
    Role.REP: ("today", "visit", "call", "deals", "report", "done", "undo", "help"),
    Role.MANAGER: ("today", "approve", "stalled", "deals", "members", "visit", "undo", "help"),
    Role.DIRECTOR: ("approve", "stalled", "deals", "customers", "visit", "me", "undo", "help"),
    Role.ADMIN: ("setup", "members", "teams", "invite", "dayplan", "calendar", "settings", "help"),
}
NOBODYS_MENU = ("start", "help", "language", "settings")
# What help goes on with: the day, deals and customers, then oneself, then the office.
MENU = (
    *(
        "today",
        "visit",
        "call",
        "msg",
        "meeting",
        "log",
        "report",
        "done",
        "week",
        "month",
        "score",
        "team",
        "away",
        "undo",
    ),
    *("deals", "deal", "next", "advance", "evidence", "check", "who", "task", "tool", "swot", "risk", "bid"),
    *("expense", "phase", "hold", "won", "lost", "paid", "stalled", "approve"),
    *("customer", "customers", "contact", "csat"),
    *("help", "settings", "mute", "news", "me", "link", "cancel", "language"),
    *("board", "contest", "award", "spotcheck", "target"),
    *(
        "members",
        "teams",
        "invite",
        "dayplan",
        "kpis",
        "milestones",
        "handover",
        "calendar",
        "room",
        "setup",
        "health",
    ),
)
