"""Logs: constant event names with fields, secrets redacted, chatty libraries quiet."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

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


def redacted(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Takes anything that looks like a token or a database URL out of a log line."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = SECRETS.sub("[secret]", value)
    return event


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
        cache_logger_on_first_use=True,
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
