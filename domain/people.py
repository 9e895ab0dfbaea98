"""Who works here: organisations, teams, members and what each role may do (method section 1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import NewType

OrgId = NewType("OrgId", int)
TeamId = NewType("TeamId", int)
MemberId = NewType("MemberId", int)


class Language(StrEnum):
    """Languages the product speaks; the value is the column in the texts."""

    EN = "en"
    ZH = "zh"
    ZH_HANT = "zh-Hant"


class Role(StrEnum):
    """Roles of method section 1; a person may hold several."""

    REP = "rep"
    MANAGER = "manager"
    DIRECTOR = "director"
    HR = "hr"
    ADMIN = "admin"
    TRAINER = "trainer"


EVERYBODY = frozenset(Role)
ADMINS = frozenset({Role.ADMIN})
# A manager's or an admin's role is never given by a code alone (product section 2).
CONFIRMED_ROLES = frozenset({Role.MANAGER, Role.DIRECTOR, Role.HR, Role.ADMIN})


class Profile(StrEnum):
    """Profiles of the daily plan (product section 2.5); `field` by default."""

    FIELD = "field"
    DESK = "desk"
    KEY_ACCOUNT = "key_account"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One customer of the installation; dates are local to `zone`, `week` holds ISO weekdays 1..7.

    `quantities` are the metrics of the daily plan a role does otherwise than its profile, `choices` the team choices
    of the method that differ from what ships (`domain.choices`). `region` is whose public holidays are days off.
    """

    id: OrgId
    name: str
    language: Language
    zone: str
    currency: str
    week: frozenset[int]
    profile: Profile
    started_on: date
    quantities: Mapping[Role, Mapping[str, int]] = field(default_factory=dict)
    choices: Mapping[str, int | str] = field(default_factory=dict)
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team has one manager and one deputy; the deputy sees what the manager sees."""

    id: TeamId
    name: str
    manager_id: MemberId | None = None
    deputy_id: MemberId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Since when somebody is in a team, or in none."""

    team_id: TeamId | None
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in an organisation; `joined_on` starts the learning weeks, `day_starts` and `digest_at` are local.

    `quantities` are the metrics of the daily plan this person does otherwise; `pushes_to` is the platform pushes go
    to when there is more than one; `heard_on` the last local date anything was heard; no pushes until after
    `paused_until`; who has left has `left_on`. `capability` is in hundredths of a whole share of a team's target; who
    is not `named` stands on no public board. `region` is whose public holidays are theirs, None the organisation's.
    """

    id: MemberId
    name: str
    roles: frozenset[Role]
    team_id: TeamId | None
    language: Language
    zone: str
    profile: Profile
    joined_on: date
    day_starts: time = time(8, 30)
    nudged: bool = True
    quantities: Mapping[str, int] = field(default_factory=dict)
    digest_at: time = time(9, 0)
    pushes_to: str | None = None
    heard_on: date | None = None
    paused_until: date | None = None
    left_on: date | None = None
    capability: int = 100
    named: bool = True
    region: str | None = None

    def holds(self, roles: frozenset[Role]) -> bool:
        """Whether any of `roles` is held."""
        return not self.roles.isdisjoint(roles)


def region_of(org: Organisation, member: Member) -> str:
    """Whose public holidays are a person's days off; nobody's when empty."""
    return org.region if member.region is None else member.region


def team_of(stays: Sequence[Stay], days: Sequence[date]) -> TeamId | None:
    """The team in which somebody was on most of these days: there a mover ranks (method section 1).

    `stays` are in the order of their dates. Of two teams with as many days the later one; none without days.
    """
    counted: dict[TeamId | None, int] = {}
    for day in sorted(days):
        team = next((each.team_id for each in reversed(stays) if each.since <= day), None)
        counted[team] = counted.pop(team, 0) + 1
    return max(reversed(counted), key=lambda team: counted[team], default=None)
