"""An organisation and its people for the examples: whole where nothing else is said."""

from datetime import date
from typing import Any

from domain.people import Language, Member, MemberId, Organisation, OrgId, Profile, Role
from tests.domain.records import MON_TO_FRI, ZONE

ACME = Organisation(
    id=OrgId(1),
    name="Acme",
    language=Language.EN,
    zone=ZONE,
    currency="CNY",
    week=MON_TO_FRI,
    profile=Profile.FIELD,
    started_on=date(2026, 1, 1),
)


def planner(profile: Profile, joined_on: date, **other: Any) -> Member:
    """Somebody with a daily plan; `other` says what differs from a rep without a team."""
    values: dict[str, Any] = {
        "id": MemberId(1),
        "name": "Ann",
        "roles": frozenset({Role.REP}),
        "team_id": None,
        "language": Language.EN,
        "zone": ZONE,
        **other,
    }
    return Member(profile=profile, joined_on=joined_on, **values)
