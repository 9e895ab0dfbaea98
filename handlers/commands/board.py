"""/board [last | why | picture | hide | show]"""

from typing import Literal

from domain.people import Member, Role, Team
from domain.refusals import NotNow, NotUnderstood
from handlers.args import Args, Words
from handlers.boarding import FINAL, TeamWeek, best_of, last_week, team_of_member, team_week, this_week
from handlers.colleagues import led_by
from handlers.pieces.board import (
    PLACES_LISTED,
    full_lines,
    own_lines,
    post_card,
    public_lines,
    so_far_card,
    why_lines,
)
from handlers.pieces.boardpicture import board_picture
from handlers.registry import Room, command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Text, card, t
from handlers.words import catalogue

Said = Literal["last", "why", "picture", "hide", "show"]
WORDS: tuple[Said, ...] = ("last", "why", "picture", "hide", "show")


class BoardArgs(Args):
    """This week's board or the last one, what the own points are made of, or whether one may be named."""

    lead = ("what",)
    what: Words | None = None


@command(roles=frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR}), room=Room.PUBLIC)
def board(turn: Turn, args: BoardArgs) -> Card:
    """The first places of the team, and one's own place and points to oneself alone; in a room what all may read."""
    said, page = _read(args.what or "")
    if said in ("hide", "show"):
        return _named(turn, said == "show")
    week = _week(turn, last=said == "last")
    if said == "picture":
        return _picture(turn, week)
    if turn.room is not None:
        if said == "last":
            return post_card(week.board, week.until, week.total, week.before, FINAL)
        return so_far_card(week.monday, week.board, week.total, week.before)
    if said == "why":
        return _why(turn, week)
    title = Line(t("board.title_last" if said == "last" else "board.title_so_far", first=week.monday))
    if week.team in led_by(turn.me, turn.store.teams()):
        return _leads(week, title, page, last=said == "last")
    return _own(turn, week, title, last=said == "last")


def _read(said: str) -> tuple[Said | None, int]:
    """The word, or the page of whoever leads; raises `NotUnderstood` for anything else."""
    if not said:
        return None, 0
    word, _, number = said.partition(" ")
    page = int(number) - 1 if number.isdecimal() and 0 < len(number) < 4 else 0
    found = next(
        (each for each in WORDS if word.casefold() in catalogue().listed(f"board.{each}_words")), None
    )
    if found is None and word.isdecimal() and len(word) < 4:
        return None, max(0, int(word) - 1)
    if found is None:
        raise NotUnderstood("board.what", said=said[:20])
    return found, max(0, page)


def _week(turn: Turn, *, last: bool) -> TeamWeek:
    team = _team(turn)
    if team is None:
        raise NotNow("board.no_team")
    first, until = last_week(turn.today) if last else this_week(turn.today)
    return team_week(turn.store, turn.org, team, first, until)


def _team(turn: Turn) -> Team | None:
    """The team of the room, the first one led, or one's own."""
    if turn.room is not None:
        bound = next((each.team_id for each in turn.store.rooms() if each.at == turn.room), None)
        if found := next((each for each in turn.store.teams() if each.id == bound), None):
            return found
    led = led_by(turn.me, turn.store.teams())
    return led[0] if led else team_of_member(turn.store, turn.me)


def _own(turn: Turn, week: TeamWeek, title: Line, *, last: bool) -> Card:
    mine = week.board.of(turn.me.id)
    best = best_of(turn.store, week.team.id, turn.me.id, week.label, mine.points) if mine else 1
    blocks: list[Block] = [title, *own_lines(week.board, turn.me.id, best)]
    blocks += public_lines(week.board, week.total, week.before)
    why = (Button(t("board.why_button"), "/board why"),) if mine and not last else ()
    other = Button(t("button.this_week"), "/board") if last else Button(t("button.last_week"), "/board last")
    named = _name_button(turn.me)
    picture = () if last else _picture_button(week)
    return card(*blocks, rows=((*why, other), (*picture, named)))


def _picture(turn: Turn, week: TeamWeek) -> Card:
    drawn = board_picture(week.monday, week.board, week.total)
    back = () if turn.room is not None else ((Button(t("board.board_button"), "/board"),),)
    return card(drawn, rows=back)


def _picture_button(week: TeamWeek) -> tuple[Button, ...]:
    """Only where there are places to look at."""
    return (Button(t("board.picture_button"), "/board picture"),) if week.board.named else ()


def _name_button(member: Member) -> Button:
    if member.named:
        return Button(t("board.hide_button"), "/board hide")
    return Button(t("board.show_button"), "/board show")


def _leads(week: TeamWeek, title: Line, page: int, *, last: bool) -> Card:
    """Whoever leads sees all of it, privately."""
    listed = len(week.board.placed) + len(week.board.rookies)
    lines = full_lines(week.board, page) or (Note(_nobody(week)),)
    word = "/board last" if last else "/board"
    buttons = []
    if listed > (page + 1) * PLACES_LISTED:
        buttons.append(Button(t("board.next_page"), f"{word} {page + 2}"))
    other = Button(t("button.this_week"), "/board") if last else Button(t("button.last_week"), "/board last")
    total = public_lines(week.board, week.total, week.before)[-1:] if week.total is not None else ()
    picture = () if last else _picture_button(week)
    return card(title, *lines, *total, rows=((*buttons, *picture, other),))


def _nobody(week: TeamWeek) -> Text:
    """Why nobody stands on it: no targets, or the week is young (method section 7)."""
    return t("board.no_targets" if week.total is None else "board.too_early")


def _why(turn: Turn, week: TeamWeek) -> Card:
    mine = week.board.of(turn.me.id)
    if mine is None:
        raise NotNow("board.no_points")
    return card(
        t("board.why", n=mine.points),
        *why_lines(mine, verifies=week.board.verifies),
        rows=((Button(t("board.board_button"), "/board"),),),
    )


def _named(turn: Turn, named: bool) -> Card:
    turn.store.revise_member(turn.me.id, named=named)
    back = (
        Button(t("board.hide_button"), "/board hide")
        if named
        else Button(t("board.show_button"), "/board show")
    )
    return card(
        Line(t("board.shown" if named else "board.hidden"), Mark.DONE),
        Note(t("board.shown_means" if named else "board.hidden_means")),
        rows=((back,),),
    )
