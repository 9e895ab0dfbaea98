"""What the two fake servers share: a socket on 127.0.0.1, the record of calls, planned faults and waiting."""

import asyncio
import contextlib
import signal
import socket
import time
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from inspect import isawaitable
from typing import Any, Self, TypeVar

from aiohttp import web

Json = dict[str, Any]
Seen = TypeVar("Seen")

LONGEST_NAP = 0.005
LARGEST_BODY = 60 * 2**20


@dataclass(slots=True, kw_only=True)
class Call:
    """One request of the bot; `outcome` is "pending", "ok", "refused: ...", "fault ..." or "dropped"."""

    method: str
    params: Json
    at: float = field(default_factory=time.monotonic)
    outcome: str = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Illegal:
    """A payload that the real platform would refuse, or that a person would see broken."""

    method: str
    params: Json
    problems: list[str]


@dataclass(slots=True, kw_only=True)
class Fault:
    """A planned failure of the next `times` matching calls (of every nth one, when `every` > 1)."""

    method: str
    times: int
    code: int = 500
    retry_after: int | None = None
    description: str | None = None
    drop: bool = False
    accept_then_drop: bool = False
    delay_seconds: float = 0.0
    every: int = 1
    when: Callable[[Json], bool] | None = None
    matched: int = 0

    @property
    def lets_through(self) -> bool:
        """Is the call carried out although its answer is late or lost?"""
        return self.accept_then_drop or self.delay_seconds > 0

    def strikes(self, call: Call) -> bool:
        if self.times == 0 or self.method not in ("*", call.method):
            return False
        if self.when is not None and not self.when(call.params):
            return False
        self.matched += 1
        if self.matched % self.every:
            return False
        self.times -= 1
        return True


@dataclass(frozen=True, slots=True)
class Sent:
    """An accepted message or edit; `at` is time.monotonic(), `place` the chat or channel."""

    at: float
    place: int | str


class LoopbackServer:
    """Own the life of one aiohttp server and the facts a test asks about it."""

    def __init__(self, *, limits: bool = False) -> None:
        self.calls: list[Call] = []
        self.sent_at: list[Sent] = []
        self._keeps_instants = limits
        self.illegal: list[Illegal] = []
        self._faults: list[Fault] = []
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: web.AppRunner | None = None
        self._port = 0

    # ------------------------------------------------------------------ life

    async def start(self, port: int = 0) -> None:
        """Listen; a server that was stopped comes back on its old port, with its old state."""
        application = web.Application(client_max_size=LARGEST_BODY)
        application.add_routes([*self.platform_routes(), *self._test_side_routes()])
        self._runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=0.01
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port or self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Cut every connection; what the server knows stays."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def platform_routes(self) -> Iterable[web.AbstractRouteDef]:
        """The routes the bot may call."""
        raise NotImplementedError

    def test_actions(self) -> Mapping[str, Callable[..., Any]]:
        """What a test in another process may do, by name: POST /_user/<name> with keyword arguments."""
        raise NotImplementedError

    def background(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------------ what a test asks

    def fault(
        self,
        method: str,
        times: int = 1,
        *,
        code: int = 500,
        retry_after: int | None = None,
        description: str | None = None,
        drop: bool = False,
        accept_then_drop: bool = False,
        delay_seconds: float = 0.0,
        every: int = 1,
        when: Callable[[Json], bool] | None = None,
    ) -> None:
        """Plan a failure of `method` ("*": any); `drop` cuts before its effect, `accept_then_drop` after."""
        planned = Fault(
            method=method,
            times=times,
            code=code,
            retry_after=retry_after,
            description=description,
            drop=drop,
            accept_then_drop=accept_then_drop,
            delay_seconds=delay_seconds,
            every=every,
            when=when,
        )
        self._faults.append(planned)

    def forget_faults(self) -> None:
        self._faults.clear()

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def busiest(self, window_seconds: float, place: int | str | None = None) -> int:
        """The most messages accepted in any such window, from all places or one (needs `limits=True`)."""
        instants = sorted(sent.at for sent in self.sent_at if place in (None, sent.place))
        ends = (bisect_left(instants, start + window_seconds) for start in instants)
        return max((end - index for index, end in enumerate(ends)), default=0)

    async def until(self, predicate: Callable[[], Seen], timeout: float = 5.0) -> Seen:
        """Wait for a true answer of `predicate` and return it; fail with the last calls otherwise."""
        deadline = time.monotonic() + timeout
        while not (seen := predicate()):
            if time.monotonic() >= deadline:
                recent = [(call.method, call.outcome) for call in self.calls[-5:]]
                raise AssertionError(
                    f"not seen within {timeout} s; last calls {recent}; illegal {self.illegal}"
                )
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LONGEST_NAP)
        return seen

    # ------------------------------------------------------------------ for the platforms

    def changed(self) -> None:
        self._changed.set()

    def record(self, method: str, params: Json) -> Call:
        call = Call(method=method, params=params)
        self.calls.append(call)
        self.changed()
        return call

    def note_sent(self, place: int | str) -> None:
        if self._keeps_instants:
            self.sent_at.append(Sent(time.monotonic(), place))

    def fault_for(self, call: Call) -> Fault | None:
        return next((planned for planned in self._faults if planned.strikes(call)), None)

    async def answer_under_faults(
        self,
        request: web.Request,
        call: Call,
        carry_out: Callable[[], Awaitable[web.StreamResponse]],
        refuse: Callable[[Fault], web.StreamResponse],
    ) -> web.StreamResponse:
        """Carry the call out unless a planned fault says otherwise."""
        fault = self.fault_for(call)
        if fault is None:
            return await carry_out()
        if fault.drop:
            call.outcome = "dropped"
            return self._cut(request)
        if not fault.lets_through:
            call.outcome = f"fault {fault.code}"
            return refuse(fault)
        response = await carry_out()
        if fault.accept_then_drop:
            call.outcome += ", then dropped"
            return self._cut(request)
        await asyncio.sleep(fault.delay_seconds)
        return response

    def _cut(self, request: web.Request) -> web.StreamResponse:
        self.changed()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    # ------------------------------------------------------------------ test side over HTTP

    def _test_side_routes(self) -> list[web.RouteDef]:
        return [
            web.post("/_user/{action}", self._act),
            web.post("/_fault", self._plan_fault),
            web.get("/_calls", self._show(lambda: self.calls)),
            web.get("/_illegal", self._show(lambda: self.illegal)),
        ]

    async def _act(self, request: web.Request) -> web.Response:
        action = self.test_actions().get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound
        result = action(**await request.json())
        return web.json_response(plain(await result if isawaitable(result) else result))

    async def _plan_fault(self, request: web.Request) -> web.Response:
        self.fault(**await request.json())
        return web.json_response({})

    @staticmethod
    def _show(facts: Callable[[], Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(_: web.Request) -> web.Response:
            return web.json_response(plain(facts()))

        return handler


def plain(value: Any) -> Any:
    """The JSON shape of what the test API returns."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else value


def serve_for_ever(server: LoopbackServer, port: int) -> None:
    """Run one fake as its own process until SIGTERM or SIGINT; prints its root when it listens."""

    async def serve() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await server.start(port)
        print(server.root, flush=True)
        await stopped.wait()
        await server.stop()

    asyncio.run(serve())


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number: int = taken.getsockname()[1]
        return number
