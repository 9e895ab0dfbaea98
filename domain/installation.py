"""The installation as a whole: whether it may speak, what a restored copy must not say again, and what a backup holds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Why(StrEnum):
    """Why an installation says nothing: it is a copy whose original may have gone on, or somebody wants silence."""

    RESTORED = "restored"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether the installation is paused, and why; `restored_from` is the instant of the backup it was made from."""

    paused: Why | None = None
    paused_at: datetime | None = None
    restored_from: datetime | None = None
    backed_up_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """What the original may have done since a copy was taken, so that the copy does it without a word.

    `letters` were written and not sent, `deliveries` taken in and not answered, `pushes` and `deadlines` (requests and
    targets that wait for an answer) have had their time.
    """

    letters: int
    deliveries: int
    pushes: int
    deadlines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A file that a row names: its name in the store and the SHA-256 of its bytes in hex."""

    kept_as: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a copy of a database holds, as of the instant it shows."""

    revision: str
    organisations: int
    letters: int
    files: tuple[NamedFile, ...]


class CopyFailed(Exception):
    """A backup could not be made or put back, and nothing of it stays; the message says why and what to do."""


class Installation(Protocol):
    """The one row about the whole, and the letters of all organisations."""

    def standing(self) -> Standing: ...
    def pause(self, now: datetime) -> None:
        """By an operator's word; a restored copy stays what it is."""
        ...

    def resume(self) -> None: ...
    def withheld(self, now: datetime) -> Withheld:
        """What a copy would do without a word if it were resumed now."""
        ...

    def withhold(self, now: datetime) -> int:
        """Takes all that would leave by now for said, but for edits, which may come twice; how many letters."""
        ...


class Copies(Protocol):
    """A database as a whole: copied while it is used, and put back where there is none."""

    kind: str
    # Where what belongs to it lies by default.
    folder: Path

    def copy(self, to: Path, now: datetime) -> Contents:
        """Copies it into a new file, as of one instant, and marks the copy as one. Raises `CopyFailed`."""
        ...

    def note(self, now: datetime) -> None:
        """The last backup was made now."""
        ...

    def check(self, revision: str) -> None:
        """That a backup at this revision may be put back here: known, and nothing in its place. Raises `CopyFailed`."""
        ...

    def put_back(self, copy: Path, made_at: datetime, now: datetime) -> Contents:
        """Makes the database of a copy, at this release's tables and paused. Raises `CopyFailed`."""
        ...
