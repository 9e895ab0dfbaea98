"""What a running bot tells Prometheus: a table of metrics, and their figures in its format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from domain.upkeep import Figures

if TYPE_CHECKING:
    # Loaded when somebody asks for the first time.
    from collections.abc import Iterator

    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

PREFIX = "dealpace_"
# Under no label.
ALONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """All figures at one moment; none of the database's while it does not answer."""

    now: datetime
    ages: Mapping[str, float]
    skews: Mapping[str, float]
    healed: Mapping[str, int]
    throttled: Mapping[str, int]
    jumps: int
    turns: int
    tick_late: float | None
    figures: Figures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric: its values by the value of its label, which is never a person's or a customer's."""

    name: str
    help: str
    of: Callable[[Readings], Mapping[str, float]]
    label: str = ""
    counts: bool = False

    @property
    def full_name(self) -> str:
        """As Prometheus has it."""
        return PREFIX + self.name + ("_total" if self.counts else "")


def _of_database(read: Callable[[Figures, datetime], float]) -> Callable[[Readings], Mapping[str, float]]:
    """A figure of the database: absent while there is none."""
    return lambda at: {ALONE: read(at.figures, at.now)} if at.figures else {}


def _age(since: datetime | None, now: datetime) -> float:
    """How long ago; nothing waits: 0."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0


METRICS: tuple[Metric, ...] = (
    Metric(
        name="reception_age_seconds",
        help="since a platform last proved that we receive from it",
        of=lambda at: at.ages,
        label="platform",
    ),
    Metric(
        name="doors_restarted",
        help="times the connection to a platform was made anew because nothing proved that we receive",
        of=lambda at: at.healed,
        label="platform",
        counts=True,
    ),
    Metric(
        name="throttled",
        help="times a platform told us to send more slowly (429)",
        of=lambda at: at.throttled,
        label="platform",
        counts=True,
    ),
    Metric(
        name="clock_skew_seconds",
        help="this machine's clock minus a platform's",
        of=lambda at: at.skews,
        label="platform",
    ),
    Metric(
        name="clock_jumps",
        help="times the machine's clock was set by more than 5 minutes",
        of=lambda at: {ALONE: at.jumps},
        counts=True,
    ),
    Metric(
        name="turns", help="deliveries handled since the start", of=lambda at: {ALONE: at.turns}, counts=True
    ),
    Metric(
        name="tick_late_seconds",
        help="by which the tick that finds what is due began, or is by now, too late",
        of=lambda at: {} if at.tick_late is None else {ALONE: at.tick_late},
    ),
    Metric(
        name="database_up",
        help="1 while the database answers, else 0, and then the figures below are absent",
        of=lambda at: {ALONE: at.figures is not None},
    ),
    Metric(
        name="inbox_new", help="deliveries stored and not yet handled", of=_of_database(lambda f, _: f.new)
    ),
    Metric(
        name="inbox_oldest_new_seconds",
        help="since the oldest of them came",
        of=_of_database(lambda f, now: _age(f.oldest_new, now)),
    ),
    Metric(
        name="outbox_due",
        help="letters that are due and have not left",
        of=_of_database(lambda f, _: f.late),
    ),
    Metric(
        name="outbox_oldest_due_seconds",
        help="since the oldest of them was due",
        of=_of_database(lambda f, now: _age(f.oldest_late, now)),
    ),
    Metric(
        name="outbox_unknown",
        help="letters among them that were tried, and nobody knows whether they arrived",
        of=_of_database(lambda f, _: f.unsure),
    ),
    Metric(
        name="outbox_ended",
        help="letters of the last 30 days that did not arrive and are not tried again",
        of=lambda at: at.figures.ended if at.figures else {},
        label="state",
    ),
    Metric(
        name="outbox_repeated",
        help="letters of the last 30 days that arrived, and may have come twice",
        of=_of_database(lambda f, _: f.repeated),
    ),
    Metric(
        name="destinations_dead",
        help="people's chats that take nothing any more",
        of=_of_database(lambda f, _: f.unreached),
    ),
    Metric(
        name="quarantine",
        help="deliveries that were set aside because they could not be handled",
        of=_of_database(lambda f, _: f.quarantined),
    ),
)


class Exposed:
    """A collector over one set of readings."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> "Iterator[CounterMetricFamily | GaugeMetricFamily]":
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for each in METRICS:
            made = CounterMetricFamily if each.counts else GaugeMetricFamily
            family = made(PREFIX + each.name, each.help, labels=[each.label] if each.label else [])
            for value, figure in each.of(self._readings).items():
                family.add_metric([value] if each.label else [], figure)
            yield family


def exposition(readings: Readings) -> tuple[bytes, str]:
    """The readings as Prometheus reads them, and the type of that text; nothing is kept between two calls."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(Exposed(readings))
    return generate_latest(registry), CONTENT_TYPE_LATEST
