"""Contests in words: their rules, how they stand to each alone, and who won, for all to read (method section 7)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from domain.contests import Contest, Count, Stand
from domain.people import MemberId
from domain.ranking import TeamPlace
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.view import Block, Card, Line, Note, Text, card, t

NAME_COLUMNS, PRIZE_COLUMNS = 16, 20
TEAMS_SHOWN = 4


def rules(contest: Contest) -> tuple[Block, ...]:
    """Name, what counts and until when, the minimum and the prize."""
    lines: list[Block] = [
        Line(t("contest.title", id=f"X{contest.id}", name=clipped(contest.name, NAME_COLUMNS))),
        Line(t(f"contest.counts_{contest.count}")),
        Line(t("contest.days", first=contest.first, last=contest.last)),
    ]
    if contest.minimum:
        lines.append(Line(t("contest.minimum", n=shown(contest.count, contest.minimum))))
    if contest.prize:
        lines.append(Line(t("contest.prize", text=clipped(contest.prize, PRIZE_COLUMNS))))
    return tuple(lines)


def shown(count: Count, score: Decimal) -> Text:
    """A score in what the contest counts: a percent of the own target, or a number."""
    whole = score.quantize(Decimal(1)) if score == score.to_integral_value() else score
    return t("contest.percent" if count is Count.ATTAINMENT else "contest.number", n=whole)


def own_standing(contest: Contest, stands: Sequence[Stand], member: MemberId) -> tuple[Block, ...]:
    """One's own score and place, to oneself alone, and how much is missing to the first."""
    mine = next((each for each in stands if each.member_id == member), None)
    if mine is None:
        return ()
    first = stands[0]
    lines: list[Block] = [
        Line(t("contest.yours", n=shown(contest.count, mine.score), rank=mine.rank, of=len(stands)))
    ]
    if first.score > mine.score:
        lines.append(Line(t("contest.to_first", n=shown(contest.count, first.score - mine.score))))
    return tuple(lines)


def team_places(contest: Contest, places: Sequence[TeamPlace]) -> tuple[Block, ...]:
    """Teams by their mean per head; one that is too small is shown without a place."""
    return tuple(
        Line(
            t(
                "contest.team" if each.rank else "contest.team_small",
                name=clipped(each.name, NAME_COLUMNS),
                n=shown(contest.count, each.mean),
                **({"rank": each.rank} if each.rank else {}),
            )
        )
        for each in places[:TEAMS_SHOWN]
    )


def result_card(contest: Contest, won_by: Sequence[str], *, nobody: bool = False) -> Card:
    """Who won, for all to read; of the others nothing. A tie shares the prize; who is not named leaves no gap."""
    name = clipped(contest.name, NAME_COLUMNS)
    if nobody:
        return card(t("contest.over", name=name), Note(t("contest.nobody")))
    lines: list[Block] = []
    if won_by:
        names = listed([clipped(each, NAME_COLUMNS) for each in won_by])
        lines.append(Line(t("contest.won_tie" if len(won_by) > 1 else "contest.won", names=names)))
    if contest.prize:
        lines.append(Line(t("contest.prize", text=clipped(contest.prize, PRIZE_COLUMNS))))
    return card(t("contest.over", name=name), *lines)


def when(contest: Contest, today: date) -> Text:
    """Whether it is still to come, runs, or waits for its result."""
    if today < contest.first:
        return t("contest.comes", on=contest.first)
    return t("contest.runs", on=contest.last) if today <= contest.last else t("contest.waits")
