"""Roles in one process: all of them are its own."""

import asyncio
from collections.abc import Callable

from bot.jobs.port import Act


class Alone:
    """Every role belongs to the one process there is."""

    shared = False

    def want(self, role: str) -> None:
        """It has it already."""

    def owns(self, role: str) -> bool:
        return True

    def term(self, role: str) -> int | None:
        return 0

    def stands_by(self, role: str) -> bool:
        return False

    async def alone(self, role: str, act: Act) -> None:
        await act()

    def heard(self, wake: Callable[[], None]) -> None:
        """Nobody else writes letters."""

    async def run(self) -> None:
        """There is nothing to hold."""
        await asyncio.get_running_loop().create_future()

    async def leave(self) -> None:
        """Nobody waits for them."""
