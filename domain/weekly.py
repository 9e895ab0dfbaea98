"""One person's week as it is scored and ranked: everything a scorecard line and the leaderboard start from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.people import MemberId, TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """The week from `monday` as it stands on `until`, the last of its days that is looked at (method sections 2 and 7).

    `sales` is the money won by share in the window of the sales KPI up to `until`, `target` the own locked target of the
    days present in it, ramped and shrunk by leave; None without any. `completion` is plan completion after the quality
    coefficient, `done` before it; None for a week away. `visits` are the credited visits, `verified` those of them with
    photo, location, a customer's word or a valid sample. `scored_days` are working days present with the day closed.
    `coefficient` is 1 - invalid / sampled, 1 without a sample. `rushed` says that most records came in the last hours.
    `team_id` is the team of most of its days.
    """

    member_id: MemberId
    team_id: TeamId | None
    monday: date
    until: date
    sales: Decimal
    target: Decimal | None
    completion: Fraction | None
    done: Fraction | None
    visits: int
    verified: int
    scored_days: int
    coefficient: Fraction
    learning: bool
    ramping: bool
    rushed: bool = False

    @property
    def attainment(self) -> Fraction | None:
        """Sales against the target, not capped; None without a target."""
        return Fraction(self.sales) / Fraction(self.target) if self.target else None

    @property
    def verified_share(self) -> Fraction | None:
        """Credited visits that somebody else than the rep vouches for; None without a credited visit."""
        return Fraction(self.verified, self.visits) if self.visits else None
