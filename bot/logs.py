"""Logs: constant event names with fields, secrets redacted, chatty libraries quiet."""

import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

log = structlog.get_logger()
SECRETS = re.compile(r"\d{5,}:[\w-]{20,}|xox[a-z]-[\w-]+|xapp-[\w-]+|xoxe[\w.-]+|postgresql(\+\w+)?://\S+")
# These print tokens or bodies below WARNING (platforms 0.15).
QUIET = (
    "httpx",
    "httpcore",
    "telegram",
    "slack_sdk",
    "slack_bolt",
    "aiohttp",
    "apscheduler",
    "uvicorn",
    "alembic",
)
# Anybody can make the HTTP server complain; the same complaint is worth a line a minute.
AGAIN_SECONDS = 60.0


def redacted(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Takes anything that looks like a token or a database URL out of a log line, however deep it stands."""
    for key, value in event.items():
        event[key] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    match value:
        case str():
            return SECRETS.sub("[secret]", value)
        case int() | float() | None:
            return value
        case BaseException():
            return _named(value)
        case Mapping():
            return {_clean(key): _clean(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(each) for each in value]
    return SECRETS.sub("[secret]", str(value))


def traced(error: BaseException) -> str:
    """Where an error came from and through, the first cause first; its words only where they cannot quote anybody.

    The words of a bug may hold what people wrote: what could not be read as a number, the name of a missing key.
    """
    told: list[str] = []
    seen: set[int] = set()
    causes: list[BaseException | None] = [error]
    while causes:
        each = causes.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        frames = "".join(traceback.format_tb(each.__traceback__))
        told.append(f"Traceback (most recent call last):\n{frames}{_named(each)}")
        causes += getattr(each, "exceptions", ())
        causes.append(each.__cause__ or (None if each.__suppress_context__ else each.__context__))
    return "\n\n".join(reversed(told))


def _named(error: BaseException) -> str:
    """An error's kind, with the words of the system and of SQLite, which name no values."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}: {error}" if isinstance(error, OSError | sqlite3.OperationalError) else name


def _traced(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What `exc_info` means becomes the text of the trace."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event["exception"] = traced(error)
    return event


class Complaints(logging.Handler):
    """What the HTTP server complains of becomes one event of our log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: dict[object, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[0] if record.exc_info else None
        kind = (record.msg, fault)
        if record.created - self._said.get(kind, 0.0) < AGAIN_SECONDS:
            return
        self._said[kind] = record.created
        log.log(
            record.levelno, "http_server", complaint=record.getMessage().strip(), exc_info=record.exc_info
        )


def configure(log_format: str, log_level: str) -> None:
    """Sets up logging for the process, on standard error."""
    level = logging.getLevelNamesMapping()[log_level.upper()]
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _traced,
            redacted,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        # No line is logged on the way of a message, so nothing is gained by loggers that cannot be set up anew.
        cache_logger_on_first_use=False,
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    server = logging.getLogger("uvicorn")
    server.handlers, server.propagate = [Complaints()], False
