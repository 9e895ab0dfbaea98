"""How an installation and one organisation of it run: what waits, what did not arrive, what was set aside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType, Protocol

from domain.people import OrgId

# A short code by which a bug was logged and the person was told of it.
Reference = NewType("Reference", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a whole installation: counts and instants, nobody's names.

    `late` are the letters due by now, of which `unsure` had a try whose outcome is unknown; `ended` counts those that
    will not be tried again, by their state, `repeated` those that arrived and may have come twice.
    """

    new: int = 0
    oldest_new: datetime | None = None
    late: int = 0
    oldest_late: datetime | None = None
    unsure: int = 0
    ended: Mapping[str, int] = field(default_factory=dict)
    repeated: int = 0
    unreached: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """A person of an organisation, and the platform where nothing reaches them any more."""

    name: str
    platform: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFigures:
    """The same for one organisation, for its admins; `revision` is the database's, where it has one."""

    late: int
    oldest_late: datetime | None
    unsure: int
    unreached: tuple[Unreached, ...]
    quarantined: int
    revision: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A delivery that was set aside: never what it says, only when it came, from where and what kind of error it met."""

    reference: Reference
    platform: str
    received_at: datetime
    fault: str
    org_id: OrgId | None


class Upkeep(Protocol):
    """What whoever runs the installation asks of its database."""

    def is_at_head(self) -> bool:
        """Whether the database has the tables of this release."""
        ...

    def figures(self, now: datetime) -> Figures: ...
    def quarantine(self, most: int) -> tuple[Quarantined, ...]:
        """What was set aside, the latest first."""
        ...

    def requeue(self, reference: Reference) -> bool:
        """Lets a delivery that was set aside be handled again; False when none is set aside under the reference."""
        ...
