"""The card of a week or a month: the total, how it changed, result and effort apart, and each line explained."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.disputes import Dispute
from domain.kpis import Measure
from domain.people import Member, MemberId, Organisation
from domain.periods import Span
from domain.ports import Store
from domain.scorecard import Score, Scorecard, best_in
from domain.workdays import Calendar
from handlers.kpis import role_scored
from handlers.pieces.scoreline import kpi_name, line_words
from handlers.scoring import gathered_of, latest, today_of, with_grants
from handlers.view import Block, Button, Card, Line, Note, Rows, Text, card, in_rows, t

LINES, LINE_BUTTONS = 8, 4
# A trend looks back over so many weeks, and "best in" over as many.
TREND = 8
# A best of one or two is no news.
BEST_FROM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A card as it is looked at: the period, what was frozen of it and of those before, and what is disputed.

    `card` is the last frozen version, None while the period runs or is provisional.
    """

    member: Member
    calendar: Calendar
    span: Span
    now: datetime
    score: Score
    card: Scorecard | None
    before: tuple[Decimal | None, ...]
    disputes: tuple[Dispute, ...] = ()

    @property
    def total(self) -> Decimal | None:
        return self.score.total

    @property
    def change(self) -> Decimal | None:
        """Against the period before."""
        last = self.before[0] if self.before else None
        return None if self.total is None or last is None else self.total - last

    @property
    def best(self) -> int:
        return 0 if self.total is None else best_in(self.total, self.before)

    @property
    def runs(self) -> bool:
        return today_of(self.member, self.now) <= self.span.last

    @property
    def is_provisional(self) -> bool:
        """Over, but not frozen yet."""
        return not self.runs and self.card is None


def gathered_cards(
    store: Store,
    org: Organisation,
    people: dict[MemberId, tuple[Member, Calendar]],
    span: Span,
    now: datetime,
) -> dict[MemberId, Shown]:
    """The cards of many people: what is frozen as it was frozen, the rest as it stands; constant queries."""
    scored = {number: each for number, each in people.items() if role_scored(each[0])}
    if not scored:
        return {}
    spans = span.back(TREND)
    labels = [each.label for each in spans]
    frozen = {number: latest(versions) for number, versions in store.scorecards(list(scored), labels).items()}
    disputes = store.disputes(list(scored), [span.label])
    unfrozen = {number: each for number, each in scored.items() if span.label not in frozen.get(number, {})}
    today = max((today_of(member, now) for member, _ in unfrozen.values()), default=span.first)
    fresh = gathered_of(store, org, unfrozen, span, today) if unfrozen else {}
    found = {}
    for number, (member, calendar) in scored.items():
        mine, theirs = frozen.get(number, {}), disputes.get(number, ())
        kept = mine.get(span.label)
        score = kept.score if kept else with_grants(fresh[number], theirs)
        before = tuple(mine[label].score.total if label in mine else None for label in reversed(labels[:-1]))
        found[number] = Shown(
            member=member,
            calendar=calendar,
            span=span,
            now=now,
            score=score,
            card=kept,
            before=before,
            disputes=theirs,
        )
    return found


def shown_of(store: Store, org: Organisation, member: Member, span: Span, now: datetime) -> Shown | None:
    """One person's card; None for who has none."""
    people = {member.id: (member, store.calendar(org, member))}
    return gathered_cards(store, org, people, span, now).get(member.id)


def score_card(shown: Shown, *, mine: bool) -> Card:
    """At most eight lines: what period, the total, result and effort, each line; below them what a tap opens."""
    lines = [line_words(each, rushed=is_rushed(shown)) for each in shown.score.lines]
    blocks: list[Block] = [Line(title(shown, mine=mine)), Line(total_words(shown))]
    parts = _parts(shown)
    if parts and len(blocks) + len(lines) < LINES:
        blocks.append(Line(parts))
    blocks += [Line(each) for each in lines]
    if shown.total is None and len(blocks) < LINES:
        blocks.append(Note(t("score.excused_means")))
    return card(*blocks, rows=_rows(shown, mine=mine))


def is_rushed(shown: Shown) -> bool:
    return bool(shown.score.weekly and shown.score.weekly.rushed)


def title(shown: Shown, *, mine: bool) -> Text:
    """Which period, and whether its numbers are final."""
    kind = "month" if shown.span.is_month else "week"
    if shown.runs:
        words = t(f"score.running_{kind}", first=shown.span.first)
    elif shown.is_provisional:
        words = t(f"score.provisional_{kind}", first=shown.span.first)
    elif shown.card and shown.card.version > 1:
        words = t(f"score.corrected_{kind}", first=shown.span.first, version=shown.card.version)
    else:
        words = t(f"score.closed_{kind}", first=shown.span.first)
    return words if mine else t("score.of", name=shown.member.name, what=words)


def when(span: Span) -> Text:
    """Which period, within a line."""
    return t("score.when_month" if span.is_month else "score.when_week", first=span.first)


def total_words(shown: Shown) -> Text:
    """The total, the change on the period before, and of how many periods it is the best."""
    if shown.total is None:
        return t("score.excused")
    if shown.change is None:
        return t("score.total", total=shown.total)
    change = signed(shown.change)
    if shown.best < BEST_FROM:
        return t("score.total_change", total=shown.total, change=change)
    kind = "months" if shown.span.is_month else "weeks"
    return t(f"score.total_best_{kind}", total=shown.total, change=change, n=shown.best)


def remark(shown: Shown) -> Text | None:
    """What is said beside a total: the change, and of how many periods it is the best."""
    if shown.change is None:
        return None
    change = signed(shown.change)
    if shown.best < BEST_FROM:
        return t("score.remark", change=change)
    kind = "months" if shown.span.is_month else "weeks"
    return t(f"score.remark_best_{kind}", change=change, n=shown.best)


def signed(change: Decimal) -> str:
    """A difference with its sign; none has both."""
    if not change:
        return "\N{PLUS-MINUS SIGN}0"
    return f"{change.normalize():+f}".replace("-", "\N{MINUS SIGN}")


def _parts(shown: Shown) -> Text | None:
    """Result and effort apart, where both weigh (product section 6)."""
    result, effort = shown.score.part(effort=False), shown.score.part(effort=True)
    if result is None or effort is None:
        return None
    return t("score.parts", result=result, effort=effort)


def command_of(shown: Shown, *, mine: bool, rest: str = "") -> str:
    """The command that shows this card, or a part of it."""
    who = "" if mine else f"M{shown.member.id} "
    return f"/score {who}{rest}{' ' if rest else ''}{shown.span.label}"


def _rows(shown: Shown, *, mine: bool) -> Rows:
    """A tap on a line opens it: the four that weigh most; then the dispute and the rest."""
    weighing = [each for each in shown.score.lines if each.state in (Measure.MEASURED, Measure.MISSING)]
    heavy = sorted(weighing, key=lambda each: -each.weight)[:LINE_BUTTONS]
    buttons = [
        Button(kpi_name(each.kpi), command_of(shown, mine=mine, rest=each.kpi))
        for each in weighing
        if each in heavy
    ]
    last = [Button(t("button.more"), command_of(shown, mine=mine, rest="more"))]
    if mine and not shown.runs and weighing:
        last.insert(0, Button(t("score.dispute_button"), command_of(shown, mine=True, rest="dispute")))
    return (*in_rows(buttons), tuple(last))


def more_card(shown: Shown, *, mine: bool, today: Span, month: Span) -> Card:
    """What else there is: the lines without a button, the trend, other periods."""
    weighing = [each for each in shown.score.lines if each.state in (Measure.MEASURED, Measure.MISSING)]
    heavy = sorted(weighing, key=lambda each: -each.weight)[:LINE_BUTTONS]
    who = "" if mine else f"M{shown.member.id} "
    buttons = [
        Button(kpi_name(each.kpi), command_of(shown, mine=mine, rest=each.kpi))
        for each in weighing
        if each not in heavy
    ][:1]
    buttons += [
        Button(t("score.picture_button"), command_of(shown, mine=mine, rest="picture")),
        Button(t("score.trend_button"), f"/score {who}trend"),
    ]
    others = (
        (today, "score.this_week_button"),
        (today.before, "score.last_week_button"),
        (month, "score.this_month_button"),
        (month.before, "score.last_month_button"),
    )
    buttons += [
        Button(t(key), f"/score {who}{span.label}") for span, key in others if span.label != shown.span.label
    ]
    notes: list[Block] = []
    if shown.card:
        notes.append(Note(t(f"score.version_{shown.card.why}", version=shown.card.version)))
    if is_rushed(shown):
        notes.append(Note(t("score.rushed_means")))
    return card(Line(title(shown, mine=mine)), Line(total_words(shown)), *notes, rows=in_rows(buttons[:6]))


def trend_card(trend: Sequence[tuple[Span, Decimal | None]], shown: Shown, *, mine: bool) -> Card:
    """Up to eight weeks, two to a line, the oldest first; the picture is a tap away."""
    words = [
        t("score.trend_at", on=span.first, total=total)
        if total is not None
        else t("score.trend_none", on=span.first)
        for span, total in trend
    ]
    pairs = [words[n : n + 2] for n in range(0, len(words), 2)]
    blocks = [
        Line(t("score.trend_two", one=pair[0], other=pair[1]) if len(pair) == 2 else pair[0])
        for pair in pairs
    ]
    title = t("score.trend", n=TREND) if mine else t("score.trend_of", name=shown.member.name, n=TREND)
    who = "" if mine else f"M{shown.member.id} "
    picture = Button(t("score.picture_button"), f"/score {who}trend picture")
    return card(Line(title), *blocks, rows=((picture, _back(shown, mine=mine)),))


def _back(shown: Shown, *, mine: bool) -> Button:
    return Button(t("score.back_button"), command_of(shown, mine=mine))
