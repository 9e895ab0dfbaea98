"""The processes of a fault run: the bot as an operator starts it, and fake platforms that outlive its deaths."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.support.slack_server import APP_TOKEN, BOT_TOKEN
from tests.support.telegram_server import TOKEN

ROOT = Path(__file__).parents[2]
PATIENCE, NAP = 60.0, 0.01
REQUEST_SECONDS = 30.0
T = TypeVar("T")


def until(seen: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """The first true answer of `seen`; fails with `what` when none comes in time."""
    clock, deadline = threading.Event(), time.monotonic() + patience
    while not (found := seen()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience:g} s: {what}")
        clock.wait(NAP)
    return found


class Fake:
    """A fake platform in its own process; each thread that asks it keeps one connection."""

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.root = self._process.stdout.readline().strip()
        self._local = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def act(self, action: str, **facts: Any) -> Any:
        """What a person or the test does there."""
        return self._ask("POST", f"/_user/{action}", facts)

    def fault(self, method: str, times: int, **facts: Any) -> None:
        """Plans a failure of the next calls of a method."""
        self._ask("POST", "/_fault", {"method": method, "times": times, **facts})

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def sent(self) -> int:
        """How many messages and edits were accepted so far."""
        return int(self.act("sent"))

    def _ask(self, verb: str, path: str, body: Mapping[str, Any] | None) -> Any:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            host = self.root.removeprefix("http://")
            connection = self._local.connection = http.client.HTTPConnection(host, timeout=REQUEST_SECONDS)
        try:
            connection.request(
                verb, path, None if body is None else json.dumps(body), {"content-type": "application/json"}
            )
            response = connection.getresponse()
            said = response.read()
        except (OSError, http.client.HTTPException):
            self._local.connection = None
            raise
        if response.status != 200:
            raise AssertionError(f"{path}: {response.status} {said[:500]!r}")
        return json.loads(said)


class Bot:
    """`dealpace run` on one database, started and ended again and again; its log goes on in one file."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        telegram: Fake | None = None,
        slack: Fake | None = None,
        replicas: str = "one",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.log = folder / "bot.log"
        self.log.touch()
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", str(folder)),
            "PYTHONPATH": str(ROOT),
            "DEALPACE_DATABASE_URL": database_url,
            "DEALPACE_LOG_FORMAT": "json",
            "DEALPACE_REPLICAS": replicas,
        }
        if telegram:
            self._environment |= {
                "DEALPACE_TELEGRAM_TOKEN": TOKEN,
                "DEALPACE_TELEGRAM_API_ROOT": telegram.root,
            }
        if slack:
            self._environment |= {
                "DEALPACE_SLACK_BOT_TOKEN": BOT_TOKEN,
                "DEALPACE_SLACK_APP_TOKEN": APP_TOKEN,
                "DEALPACE_SLACK_API_ROOT": f"{slack.root}/api/",
            }
        self._environment |= settings or {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        self.started += 1
        with self.log.open("ab") as log:
            # In its own folder: no `.env` of the checkout is read.
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=self.folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)
            self.process = None

    def alive(self) -> bool:
        """Whether it runs; one that ended by itself fails the run, with the end of its log."""
        assert self.process is not None
        code = self.process.poll()
        assert code is None, f"the bot ended by itself with {code}: {self.log.read_text()[-3000:]}"
        return True

    def terminate(self, patience: float = PATIENCE) -> tuple[int, float]:
        """SIGTERM; the exit code and how many seconds it took."""
        assert self.process is not None
        process, self.process = self.process, None
        asked_at = time.monotonic()
        process.terminate()
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"still running {patience:g} s after SIGTERM") from None
        return code, time.monotonic() - asked_at

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log lines of one event; a line cut by a kill is none."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict) and said.get("event") == name:
                found.append(said)
        return found
