"""The settings as they stand: where each comes from, what is missing or wrong, and what the `.env` file spoils."""

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from dotenv.parser import parse_stream
from pydantic import SecretStr, ValidationError

from bot.doctor.findings import Finding, fix, hint, ok
from bot.settings import ENV_FILE, PREFIX, Settings
from bot.telegram.webhook import SECRET

# Read by the tests only (docs/testing.md).
TESTS = {"REQUIRE", "FAULT_SEED", "TEST_DATABASE_URL"}
OTHERS_MAY_READ = 0o007
# What the beginning of a Slack token says of it, and which setting it belongs to.
SLACK_TOKENS = {
    "xoxb-": ("a bot token", "slack_bot_token"),
    "xapp-": ("an app-level token", "slack_app_token"),
    "xoxp-": ("a user token", None),
    "xoxe": ("a rotating token", None),
}
BOT_TOKEN_PLACE = "api.slack.com/apps, OAuth & Permissions: Bot User OAuth Token (xoxb-)"
APP_TOKEN_PLACE = "api.slack.com/apps, Basic Information, App-Level Tokens (xapp-), scope connections:write"
SIGNING_SECRET_PLACE = "api.slack.com/apps, Basic Information, App Credentials: Signing Secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A setting that others make necessary."""

    name: str
    when: Callable[[Settings], bool]
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a setting looks like when it is set."""

    name: str
    pattern: str
    what: str
    remedy: str


NEEDS = (
    Need(
        name="telegram_token",
        when=lambda s: not (s.slack_bot_token or s.slack_app_token or s.slack_signing_secret),
        remedy="ask @BotFather for a bot and set its token, or set Slack's tokens",
    ),
    Need(
        name="slack_bot_token",
        when=lambda s: bool(s.slack_app_token or s.slack_signing_secret),
        remedy=BOT_TOKEN_PLACE,
    ),
    Need(
        name="slack_app_token",
        when=lambda s: bool(s.slack_bot_token) and not s.slack_by_http,
        remedy=APP_TOKEN_PLACE,
    ),
    Need(
        name="public_url",
        when=lambda s: bool(s.telegram_token) and s.telegram_mode == "webhook",
        remedy="set the https address at which Telegram reaches LISTEN, or TELEGRAM_MODE=polling",
    ),
)
SHAPES = (
    Shape(
        name="telegram_token",
        pattern=r"\d+:[\w-]{20,}",
        what="does not look like a bot token (digits, a colon, 35 characters)",
        remedy="copy it from @BotFather: /mybots, the bot, API Token",
    ),
    Shape(
        name="telegram_api_root",
        pattern=r"https?://[^\s/]+(?!\S*/bot/?$)\S*",
        what="is no address of a Bot API server",
        remedy="https://HOST without /bot at its end, or leave it out for Telegram's own",
    ),
    Shape(
        name="telegram_webhook_secret",
        pattern=SECRET.pattern,
        what="is too short or has characters that Telegram refuses",
        remedy="16 to 256 letters, digits, _ and -, or leave it out: one is made from the token",
    ),
    Shape(
        name="slack_signing_secret",
        pattern=r"[0-9a-z]{32}",
        what="does not look like a signing secret (32 letters and digits)",
        remedy=SIGNING_SECRET_PLACE,
    ),
    Shape(
        name="slack_api_root",
        pattern=r"https?://[^\s/]+(/\S*)?/api/",
        what="is no address of Slack's Web API",
        remedy="it ends in /api/; leave it out for Slack's own",
    ),
    Shape(
        name="public_url",
        pattern=r"https://[^\s/]+\S*",
        what="is no https address",
        remedy="https://HOST: neither Telegram nor Slack calls anything else",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What could be read; `wrong` names the settings that no check can rely on."""

    settings: Settings
    wrong: frozenset[str]
    findings: tuple[Finding, ...]

    def can_use(self, *names: str) -> bool:
        return self.wrong.isdisjoint(names)

    @property
    def secrets(self) -> list[str]:
        """What must not be shown, whoever says it."""
        values = [getattr(self.settings, name) for name in Settings.model_fields]
        password = _password(self.settings.database_url)
        hidden = [each.get_secret_value() for each in values if isinstance(each, SecretStr)]
        return [*hidden, password, unquote(password)]


def read() -> Reading:
    """Reads the settings as `dealpace run` does, but past whatever is wrong with them."""
    path = Path(ENV_FILE)
    lines, spoilt, readable = _env_file(path)
    options: dict[str, Any] = {} if readable else {"_env_file": None}
    wrong: dict[str, str] = {}
    try:
        settings = Settings(**options)
    except ValidationError as error:
        wrong = {str(each["loc"][0]): each["msg"] for each in error.errors(include_input=False)}
        settings = Settings(**options, **{name: Settings.model_fields[name].default for name in wrong})
    told = [_told(name, settings, wrong, lines) for name in Settings.model_fields]
    strange = frozenset(each.name.lower() for each in told if each.remedy)
    unknown = _unknown({*lines, *(name.lower() for name in os.environ)})
    return Reading(settings=settings, wrong=strange, findings=(*spoilt, *told, *unknown))


def _told(name: str, settings: Settings, wrong: Mapping[str, str], lines: Mapping[str, int]) -> Finding:
    """The line of one setting."""
    shown = name.upper()
    source = _source(name, lines)
    if name in wrong:
        rule = wrong[name].removeprefix("Value error, ").replace("Input should be", "it should be")
        return fix(shown, f"wrong ({source})", rule)
    value = getattr(settings, name)
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not plain:
        need = next((each for each in NEEDS if each.name == name and each.when(settings)), None)
        return fix(shown, "missing", need.remedy) if need else ok(shown, "not set")
    if name == "replicas" and settings.cannot_replicate:
        return fix(
            shown, f"many, on a database of one process ({source})", "DATABASE_URL=postgresql://..., or one"
        )
    if misplaced := _misplaced(name, str(plain)):
        return fix(shown, *misplaced)
    for shape in SHAPES:
        if shape.name == name and not re.fullmatch(shape.pattern, str(plain)):
            return fix(shown, f"{shape.what} ({source})", shape.remedy)
    return ok(shown, f"set ({source})" if name in settings.model_fields_set else "default")


def _source(name: str, lines: Mapping[str, int]) -> str:
    """Where a value comes from; the environment wins over the file."""
    line = lines.get(f"{PREFIX}{name}".lower())
    if any(each.lower() == f"{PREFIX}{name}".lower() for each in os.environ):
        return f"environment, over {ENV_FILE} line {line}" if line else "environment"
    return f"{ENV_FILE} line {line}"


def _misplaced(name: str, value: str) -> tuple[str, str] | None:
    """A Slack token that is not of the kind its setting wants, or stands where none belongs: in words, and what to do."""
    kind, home = next((SLACK_TOKENS[each] for each in SLACK_TOKENS if value.startswith(each)), ("", None))
    if name not in ("slack_bot_token", "slack_app_token") or home == name:
        return None
    place = BOT_TOKEN_PLACE if name == "slack_bot_token" else APP_TOKEN_PLACE
    if home:
        return f"holds {kind}, which belongs in {home.upper()}", place
    if kind == "a rotating token":
        return f"holds {kind}, which ends after 12 hours", f"make an app without token rotation; {place}"
    return f"holds {kind or 'no token of Slack'}", place


def _env_file(path: Path) -> tuple[dict[str, int], list[Finding], bool]:
    """The line of each name in the file, what is wrong with the file, and whether it can be read at all."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except FileNotFoundError:
        return {}, [ok(ENV_FILE, "not there: the environment alone counts")], True
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return {}, [fix(ENV_FILE, f"line {line} is not UTF-8", "save the file as UTF-8")], False
    except OSError as error:
        remedy = "make it a file of lines NAME=value that the bot's user may read, or remove it"
        return {}, [fix(ENV_FILE, f"cannot be read: {error.strerror}", remedy)], False
    lines, found = _lines(text)
    if path.stat().st_mode & OTHERS_MAY_READ:
        found.append(hint(ENV_FILE, "others on this machine may read it", f"chmod 600 {ENV_FILE}"))
    return lines, found or [ok(ENV_FILE, f"{len(lines)} settings")], True


def _lines(text: str) -> tuple[dict[str, int], list[Finding]]:
    """The same reading as the settings' own, with the lines it passes over in silence."""
    lines: dict[str, int] = {}
    found: list[Finding] = []
    for each in parse_stream(StringIO(text)):
        string = each.original.string
        line = each.original.line + string[: len(string) - len(string.lstrip())].count("\n")
        if each.error or (each.key and each.value is None):
            found.append(fix(ENV_FILE, f"line {line} is not read", "NAME=value, quotes closed"))
        elif each.key:
            if each.value and "\n" in each.value:
                found.append(
                    fix(ENV_FILE, f"the value of line {line} goes on beyond its line", "close its quotes")
                )
            lines[each.key.lower()] = line
    return lines, found


def _unknown(names: Iterable[str]) -> list[Finding]:
    """Names with our prefix that nobody reads: a typo leaves a setting at its default without a word."""
    known = {each.upper() for each in Settings.model_fields}
    found = []
    for each in sorted(names):
        name = each.upper().removeprefix(PREFIX)
        if not each.startswith(PREFIX.lower()) or name in known | TESTS or not re.fullmatch(r"\w+", name):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        found.append(hint(name, "is no setting", f"{near[0]}?" if near else "remove it"))
    return found


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return url.rpartition("@")[0].rpartition(":")[2]
