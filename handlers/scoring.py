"""Scores of many people at once: what the numbers of a week or a month are worth (method section 6)."""

from collections.abc import Mapping
from datetime import date

from domain.people import Member, MemberId, Organisation
from domain.ports import Store
from domain.scorecard import Score
from domain.workdays import Calendar

People = Mapping[MemberId, tuple[Member, Calendar]]


def gathered_scores(
    store: Store, org: Organisation, people: People, monday: date, until: date
) -> dict[MemberId, Score]:
    """The cards of the week from `monday` as they stand on `until`, in a constant number of queries."""
    raise NotImplementedError
