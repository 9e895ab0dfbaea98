"""What a digest says of scorecards and reports: numbers that are disputed, lines of the week that nobody answered yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.disputes import Dispute
from domain.people import MemberId
from domain.periods import Span
from domain.ports import Store
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.scoreline import kpi_name
from handlers.reporting import unread
from handlers.view import Button, Text, Words, t

# So many are named; the rest is a count.
NAMED, NAME_COLUMNS = 1, 10
REPORTS_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ToAnswer:
    """Disputes with the names of their owners, the oldest first; whose line of the week `label` waits for a comment."""

    disputes: tuple[tuple[Dispute, str], ...] = ()
    reports: tuple[str, ...] = ()
    label: str = ""
    now: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.disputes or self.reports)


NOTHING = ToAnswer()
# Of each leader: the day of the digest, whom they lead by name, and whether their week begins that day.
Led = tuple[date, Mapping[MemberId, str], bool]


def gathered_answers(store: Store, led: Sequence[Led], now: datetime) -> list[ToAnswer]:
    """What waits with each leader; reports are read of on the first day of their week."""
    everybody = sorted({number for _, people, _ in led for number in people})
    if not everybody:
        return [NOTHING for _ in led]
    disputes = store.open_disputes(everybody)
    spans = {day: Span.week(day).before for day, _, first in led if first}
    waiting = {span.label: frozenset(unread(store, everybody, span)) for span in spans.values()}
    return [
        ToAnswer(
            disputes=tuple((each, people[each.member_id]) for each in disputes if each.member_id in people),
            reports=tuple(
                name for number, name in people.items() if first and number in waiting[spans[day].label]
            ),
            label=spans[day].label if first else "",
            now=now,
        )
        for day, people, first in led
    ]


def answer_lines(found: ToAnswer) -> list[Text]:
    """The oldest dispute by name, an overdue one said so; and who wrote about the week."""
    lines = []
    for each, name in found.disputes[:NAMED]:
        late = found.now is not None and each.is_late(found.now)
        words = t(
            "digest.disputes_late" if late else "digest.disputes",
            name=clipped(name, NAME_COLUMNS),
            what=kpi_name(each.kpi),
        )
        more = len(found.disputes) - NAMED
        lines.append(t("digest.and_more", what=words, n=more) if more else words)
    if found.reports:
        names: list[Words] = [clipped(each, NAME_COLUMNS) for each in found.reports[:REPORTS_NAMED]]
        lines.append(t("digest.reports", names=listed(names), n=len(found.reports)))
    return lines


def answer_buttons(found: ToAnswer) -> list[Button]:
    """One tap to each."""
    buttons = [
        Button(t("digest.answer_button", name=clipped(name, NAME_COLUMNS)), f"/score X{each.id}")
        for each, name in found.disputes[:NAMED]
    ]
    if found.reports:
        buttons.append(Button(t("digest.reports_button"), f"/week reports {found.label}"))
    return buttons
