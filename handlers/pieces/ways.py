"""Buttons that lead on: only to commands that a member's roles allow."""

from domain.people import Member
from handlers.registry import may, registry
from handlers.view import Button, t

FIRST = ("visit", "setup", "today", "help")


def way(name: str) -> Button:
    """The button of a command by its name."""
    return Button(t(f"button.{name}"), f"/{name}")


def first_row(member: Member) -> tuple[Button, ...]:
    """The first two things to do."""
    return tuple(way(name) for name in FIRST if may(member, registry().commands[name]))[:2]


def home(member: Member) -> Button:
    """Where a refusal leads back to: the day of a rep, the help of all others."""
    return way("today" if may(member, registry().commands["today"]) else "help")
