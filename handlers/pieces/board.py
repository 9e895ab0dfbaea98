"""The board: what a room reads of a week, and what each person reads of their own (method section 7)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.people import MemberId
from domain.quota import half_up
from domain.ranking import Board, Placed
from handlers.pieces.clipped import clipped
from handlers.view import Block, Line, Note, Text, Words, card, t
from handlers.view import Card as ViewCard

NAME_COLUMNS = 12
PROVISIONAL, FINAL = 0, 1
PLACES_LISTED = 6


def post_card(
    board: Board,
    until: date,
    total: Fraction | None,
    before: Fraction | None,
    version: int,
    reason: str = "",
) -> ViewCard:
    """What all may read: the first places, the most improved, the rookies' first, the team; nobody below them."""
    return card(_title(until, version), *public_lines(board, total, before), *_last(version, reason))


def _title(until: date, version: int) -> Text:
    if version == PROVISIONAL:
        return t("board.title", on=until)
    return t("board.title_final" if version == FINAL else "board.title_corrected", on=until)


def _last(version: int, reason: str) -> tuple[Block, ...]:
    if version == PROVISIONAL:
        return (Note(t("board.final_on_monday")),)
    return (Note(t("board.corrected", reason=clipped(reason, 24))),) if version > FINAL else ()


def so_far_card(first: date, board: Board, total: Fraction | None, before: Fraction | None) -> ViewCard:
    """What a room reads when somebody asks there before the week is over, or of the last one."""
    return card(t("board.title_so_far", first=first), *public_lines(board, total, before))


def public_lines(board: Board, total: Fraction | None, before: Fraction | None) -> tuple[Block, ...]:
    """The lines without a title, for a room and for everybody's own card."""
    lines: list[Block] = []
    if board.named:
        lines.append(Line(_places(board.named)))
    if board.named_rookies:
        lines.append(Line(t("board.rookies", places=_places(board.named_rookies))))
    if (best := board.most_improved) and best.change is not None:
        name = clipped(best.entry.name, NAME_COLUMNS)
        lines.append(Line(t("board.improved", name=name, n=half_up(Fraction(best.change)))))
    if total is not None:
        lines.append(Line(_team(total, before)))
    if not lines:
        lines.append(Note(t("board.no_targets")))
    return tuple(lines)


def _places(named: Sequence[Placed]) -> Words:
    """`1 Ann  2 Bob  3 Cy`: the first places on one line."""
    line: Words = t("board.place", n=named[0].rank, name=clipped(named[0].entry.name, NAME_COLUMNS))
    for each in named[1:]:
        name = clipped(each.entry.name, NAME_COLUMNS)
        line = t("board.places", first=line, n=each.rank, name=name)
    return line


def _team(total: Fraction, before: Fraction | None) -> Text:
    done = half_up(total * 100)
    if before is None:
        return t("board.team", percent=done)
    change = done - half_up(before * 100)
    return (
        t("board.team_change", percent=done, change=signed(change))
        if change
        else t("board.team_same", percent=done)
    )


def signed(n: int) -> str:
    return f"+{n}" if n > 0 else str(n)


def own_lines(board: Board, member: MemberId, best: int) -> tuple[Block, ...]:
    """Where somebody stands, to themselves alone: points, change, own rank, and how far the next place is."""
    mine = board.of(member)
    if mine is None:
        return (Note(_why_not(board, member)),)
    points = half_up(Fraction(mine.points))
    lines: list[Block] = []
    change = None if mine.change is None else half_up(Fraction(mine.change))
    if best > 1 and change is not None:
        lines.append(Line(t("board.points_best", n=points, change=signed(change), weeks=best)))
    elif change is not None:
        lines.append(Line(t("board.points_change", n=points, change=signed(change))))
    else:
        lines.append(Line(t("board.points", n=points)))
    among = board.rookies if mine in board.rookies else board.placed
    key = "board.rank_rookie" if mine in board.rookies else "board.rank"
    lines.append(Line(t(key, rank=mine.rank, of=len(among))))
    gap = board.to_next(member)
    if gap:
        lines.append(Line(t("board.to_next", n=max(1, half_up(Fraction(gap))))))
    return tuple(lines)


def _why_not(board: Board, member: MemberId) -> Text:
    """What keeps somebody off the board; nothing to be ashamed of."""
    entry = next((each for each in board.unranked if each.member_id == member), None)
    if entry is None:
        return t("board.not_in_team")
    if entry.learning:
        return t("board.learning")
    if entry.attainment is None:
        return t("board.no_target")
    return t("board.few_days", n=entry.scored_days)


def why_lines(placed: Placed, *, verifies: bool) -> tuple[Block, ...]:
    """What the points are made of, each part with its weight."""
    entry = placed.entry
    parts = [
        ("attainment", entry.attainment, "50" if verifies else "62.5"),
        ("plan", entry.completion, "30" if verifies else "37.5"),
    ]
    if verifies:
        parts.append(("verified", entry.verified, "20"))
    return tuple(
        Line(t(f"board.part_{name}", percent=half_up((ratio or Fraction(0)) * 100), weight=Decimal(weight)))
        for name, ratio, weight in parts
    )


def full_lines(board: Board, page: int) -> tuple[Block, ...]:
    """Everybody's points, for whoever leads the team alone."""
    shown = (*board.placed, *board.rookies)[page * PLACES_LISTED : (page + 1) * PLACES_LISTED]
    return tuple(
        Line(
            t(
                "board.full_rookie" if each in board.rookies else "board.full",
                rank=each.rank,
                name=clipped(each.entry.name, NAME_COLUMNS),
                n=half_up(Fraction(each.points)),
            )
        )
        for each in shown
    )
