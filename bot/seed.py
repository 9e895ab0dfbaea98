"""Organisations made at once: the header of a transcript and the playground's team."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.people import Language, Member, MemberId, Organisation, OrgId, Profile, Role, TeamId
from domain.ports import Address, Work
from handlers.tick import plan_pushes


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One member to be: the handle is also the account and the chat."""

    handle: str
    name: str
    roles: frozenset[Role]
    language: Language
    platform: str
    zone: str | None = None
    deputy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """An organisation and its teams, as they are on their first day."""

    name: str
    language: Language
    zone: str
    currency: str
    week: frozenset[int]
    profile: Profile
    started_on: date
    joined_on: date
    teams: Sequence[tuple[str, Sequence[Seat]]]


# Past the learning weeks and past the ramp of targets (method section 5).
PAST_LEARNING = timedelta(days=120)


def found(work: Work, founding: Founding, now: datetime) -> dict[str, tuple[OrgId, MemberId]]:
    """Makes the organisation with its people, bound to their chats and their pushes planned."""
    number = work.people.found(
        Organisation(
            id=OrgId(0),
            name=founding.name,
            language=founding.language,
            zone=founding.zone,
            currency=founding.currency,
            week=founding.week,
            profile=founding.profile,
            started_on=founding.started_on,
        )
    )
    store = work.store(number)
    org, seated = store.organisation(), {}
    for team_name, seats in founding.teams:
        team = store.add_team(team_name)
        for seat in seats:
            member = store.add_member(_member(seat, founding, team))
            work.people.bind(Address(platform=seat.platform, chat=seat.handle), seat.handle, number, member)
            if Role.MANAGER in seat.roles:
                store.lead_team(team, member)
            elif seat.deputy:
                store.lead_team(team, None, member)
            plan_pushes(store, org, store.member(member), now)
            seated[seat.handle] = (number, member)
    return seated


def _member(seat: Seat, founding: Founding, team: TeamId) -> Member:
    return Member(
        id=MemberId(0),
        name=seat.name,
        roles=seat.roles,
        team_id=team,
        language=seat.language,
        zone=seat.zone or founding.zone,
        profile=founding.profile,
        joined_on=founding.joined_on,
    )
