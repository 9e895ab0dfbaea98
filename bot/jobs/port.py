"""The ports of scheduled work and of roles: what is done every so often, and what only one process may do."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Protocol

Act = Callable[[], Awaitable[object]]


class Jobs(Protocol):
    """Calls what is due; a fixed handful of jobs, never one per person."""

    def every(self, seconds: float, name: str, act: Act) -> None:
        """Does it every so often, in one process of the installation at a time."""
        ...

    def shared(self, name: str, act: Act) -> None:
        """Work that any process may be asked to take a part of."""
        ...

    async def defer(self, name: str) -> None:
        """Asks the other processes to take their part of something shared."""
        ...

    def start(self) -> None: ...
    async def stop(self) -> None: ...


class Roles(Protocol):
    """What only one process of an installation may do at a time, such as using a bot's token to send."""

    # Whether there may be other processes at all.
    shared: bool

    def want(self, role: str) -> None:
        """From now on this process takes the role whenever nobody has it."""
        ...

    def owns(self, role: str) -> bool:
        """Whether it may act in the role this very moment."""
        ...

    def term(self, role: str) -> int | None:
        """The number of the term of office, a new one each time the role is taken; None while it is not ours."""
        ...

    def stands_by(self, role: str) -> bool:
        """Whether another process has the role and this one is ready to take over."""
        ...

    async def alone(self, role: str, act: Act) -> None:
        """Runs `act` while the role is ours: waits for it, ends what runs when it is lost, begins anew with it."""
        ...

    def heard(self, wake: Callable[[], None]) -> None:
        """Calls `wake` when another process has written letters, and when a role comes or goes."""
        ...

    async def run(self) -> None:
        """Holds what is wanted, until all is given back or it is cancelled."""
        ...

    async def leave(self) -> None:
        """Gives all roles back, so that another process has them at once."""
        ...


def role_of(what: str, platform: str, token: str) -> str:
    """The name of a role that belongs to a bot's token, which nobody can read out of it."""
    return f"{what}:{platform}:{sha256(token.encode()).hexdigest()[:12]}"
