"""Logs: constant event names with fields, secrets redacted, chatty libraries quiet."""

import logging
import re
import sys
from collections.abc import MutableMapping
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
    """Takes anything that looks like a token or a database URL out of a log line."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = SECRETS.sub("[secret]", value)
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
            structlog.processors.format_exc_info,
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
