"""What scorecards ask of the storage: frozen versions, disputes, and the line and comment of a week's report."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from domain.disputes import Dispute, WeekReport
from domain.people import MemberId
from domain.scorecard import Scorecard


class ScoreStore(Protocol):
    """The scorecards of one organisation within one transaction; a frozen version is never revised."""

    def freeze(self, cards: Sequence[Scorecard]) -> tuple[Scorecard, ...]:
        """Keeps new versions; one that is there already stays as it is. Those that were new."""
        ...

    def scorecards(
        self, members: Sequence[MemberId], labels: Sequence[str]
    ) -> dict[MemberId, tuple[Scorecard, ...]]:
        """All versions of these periods, by label and version."""
        ...

    def add_dispute(self, dispute: Dispute) -> int: ...
    def dispute(self, dispute: int, *, held: bool = False) -> Dispute | None:
        """One dispute, also one that was taken back; nobody else decides about a `held` one until the turn ends."""
        ...

    def revise_dispute(self, dispute: int, **values: object) -> None: ...
    def disputes(
        self, members: Sequence[MemberId], labels: Sequence[str]
    ) -> dict[MemberId, tuple[Dispute, ...]]:
        """What was disputed of these periods and not taken back, the oldest first."""
        ...

    def open_disputes(self, members: Sequence[MemberId]) -> tuple[Dispute, ...]:
        """Whatever nobody has answered, the oldest first."""
        ...

    def touched_disputes(self) -> frozenset[int]:
        """The disputes that this turn changed."""
        ...

    def touched_scores(self) -> frozenset[tuple[MemberId, date]]:
        """Whose money or ratings this turn changed, and of which date: closed cards may look back at it."""
        ...

    def keep_week_report(self, report: WeekReport) -> int:
        """The line of a week, and its comment; one with a number is revised."""
        ...

    def week_reports(
        self, members: Sequence[MemberId], labels: Sequence[str]
    ) -> dict[MemberId, tuple[WeekReport, ...]]:
        """The lines of these weeks, by label."""
        ...
