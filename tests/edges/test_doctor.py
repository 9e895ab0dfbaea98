"""`dealpace doctor`: each thing that can be wrong with an installation is one line with its remedy, and no secret is in it."""

import asyncio
import os
import re
import shlex
import socket
import sqlite3
import stat
import subprocess
import sys
import zoneinfo
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import make_url, text
from telegram import Bot
from typer.testing import CliRunner

from bot.__main__ import app
from bot.app import Checkup, Fault
from bot.clock import Clock, WallClock
from bot.doctor import database, examination, machine
from bot.doctor.findings import Finding, Level
from bot.settings import Settings
from bot.slack.scopes import BOT_SCOPES
from bot.telegram.webhook import PATH
from domain.people import OrgId
from domain.ports import Address, Outcome, Urgency
from storage import schema
from storage.database import open_engine
from storage.health import examine_database
from tests.support.house import FreeClock
from tests.support.loopback import LoopbackServer, free_port
from tests.support.opened import NINE, letter, opened
from tests.support.postgres import cluster
from tests.support.slack_server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackServer
from tests.support.telegram_server import TOKEN, TelegramServer

WRONG_TOKEN = "987654321:AAHwrongwrongwrongwrongwrongwrong22"
PASSWORD = "hunter2hunter2"
NO_SLACK = "DEALPACE_SLACK_API_ROOT=http://127.0.0.1:9/api/"
NOBODY = 65534
Setting = Callable[..., None]


def in_loop(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 90))


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which nothing is set."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DEALPACE_{name.upper()}", raising=False)
    # A machine full of tests may be slow without anything being wrong.
    monkeypatch.setattr(examination, "CHECK_SECONDS", 30.0)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Setting:
    """Sets settings in the environment, by their names in lower case."""

    def put(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"DEALPACE_{name.upper()}", str(value))

    return put


class Report:
    """What the doctor said, by line."""

    def __init__(self, said: str, is_well: bool) -> None:
        self.text = said
        self.is_well = is_well
        self.lines = [line.split(None, 2) for line in said.splitlines()[:-1]]

    def of(self, name: str) -> list[str]:
        """The lines about something: level, what, and after an arrow the remedy."""
        return [f"{level} {what}" for level, about, what in self.lines if about == name]

    @property
    def to_fix(self) -> list[str]:
        return [f"{about} {what}" for level, about, what in self.lines if level == Level.FIX]


async def visit(clock: Clock | None = None) -> Report:
    said: list[str] = []
    is_well = await examination.examine(clock or WallClock(), said.append)
    [whole] = said
    return Report(whole, is_well)


def dotenv(*lines: str) -> None:
    file = Path(".env")
    file.write_text("\n".join((*lines, "")), encoding="utf-8")
    file.chmod(0o600)


# ---------------------------------------------------------------------- all well


def test_all_is_well_on_both_platforms(setting: Setting, sqlite_url: str) -> None:
    async def scenario() -> None:
        async with TelegramServer() as telegram, SlackServer() as slack:
            dotenv(f"DEALPACE_TELEGRAM_TOKEN={TOKEN}", f"DEALPACE_TELEGRAM_API_ROOT={telegram.root}")
            setting(
                slack_bot_token=BOT_TOKEN,
                slack_app_token=APP_TOKEN,
                slack_api_root=slack.api_root,
                database_url=sqlite_url,
            )
            Path(sqlite_url.removeprefix("sqlite:///")).chmod(0o600)
            found = await visit()
            assert found.is_well and found.to_fix == []
            assert [name for _, name, _ in found.lines if name.isupper()] == [
                name.upper() for name in Settings.model_fields
            ]
            assert found.of("TELEGRAM_TOKEN") == ["ok set (.env line 1)"]
            assert found.of("SLACK_BOT_TOKEN") == ["ok set (environment)"]
            assert found.of("LOG_LEVEL") == ["ok default"]
            assert found.of("PUBLIC_URL") == ["ok not set"]
            assert any("answers" in line for line in found.of("telegram"))
            assert f"ok all {len(BOT_SCOPES)} scopes are granted" in found.of("slack")
            assert "ok Socket Mode opens" in found.of("slack")
            assert found.of("database") == [f"ok writable, revision {schema.HEAD}"]
            assert found.of("clock") == ["ok right within 30 s of Slack, Telegram"]
            assert found.text.splitlines()[-1].startswith("all well, ")
            assert telegram.illegal == [] and slack.illegal == []

    in_loop(scenario())


def test_the_command_exits_by_what_it_found(here: Path) -> None:
    async def scenario() -> None:
        async with TelegramServer() as telegram:
            dotenv(f"DEALPACE_TELEGRAM_TOKEN={TOKEN}", f"DEALPACE_TELEGRAM_API_ROOT={telegram.root}")
            assert await dealpace("doctor") == (0, "")
            dotenv(f"DEALPACE_TELEGRAM_TOKEN={WRONG_TOKEN}", f"DEALPACE_TELEGRAM_API_ROOT={telegram.root}")
            assert await dealpace("doctor") == (1, "")
        assert list(here.glob("dealpace.db*")) == []

    in_loop(scenario())


async def dealpace(*command: str) -> tuple[int | None, str]:
    """Runs the command as an operator does; its exit code and standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_inherited(),
    )
    out, complaint = await asyncio.wait_for(process.communicate(), 60)
    assert TOKEN.encode() not in out + complaint and WRONG_TOKEN.encode() not in out + complaint
    return process.returncode, complaint.decode()


def _inherited() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def test_nothing_set_up_says_where_to_begin() -> None:
    found = asyncio.run(visit())
    [first] = found.of("TELEGRAM_TOKEN")
    assert first.startswith("fix missing  ->  ask @BotFather")
    assert found.of("database") == ["ok writable, still empty: dealpace run makes its tables"]
    assert found.of("clock")[0].startswith("hint not compared")
    assert not found.is_well and len(found.to_fix) == 1


# ---------------------------------------------------------------------- settings and .env


@pytest.mark.parametrize(
    ("lines", "name", "said"),
    [
        (["", "# mine", "DEALPACE_TELEGRAM_TOKEN 123:abc"], ".env", "fix line 3 is not read"),
        (['DEALPACE_TELEGRAM_TOKEN="123:abc', "X=1"], ".env", "fix line 1 is not read"),
        (["X=1", "DEALPACE_TELEGRAM_TOKEN"], ".env", "fix line 2 is not read"),
        (['DEALPACE_X="1', 'Y=2"'], ".env", "fix the value of line 1 goes on beyond its line"),
        (["DEALPACE_LOG_LEVEL=loud"], "LOG_LEVEL", "fix wrong (.env line 1)  ->  it should be 'debug', "),
        (["DEALPACE_LISTEN=here"], "LISTEN", "fix wrong (.env line 1)  ->  it should be HOST:PORT"),
        (["DEALPACE_LISTEN=[::1]:65536"], "LISTEN", "fix wrong"),
        (["DEALPACE_TELEGRAM_TOKEN=123"], "TELEGRAM_TOKEN", "fix does not look like a bot token"),
        (["DEALPACE_TELEGRAM_TOKN=123"], "TELEGRAM_TOKN", "hint is no setting  ->  TELEGRAM_TOKEN?"),
        (["DEALPACE_TELEGRAM_API_ROOT=https://x.org/bot"], "TELEGRAM_API_ROOT", "fix is no address"),
        (["DEALPACE_REPLICAS=many"], "REPLICAS", "fix many, on a database of one process"),
        (["DEALPACE_REPLICAS=some"], "REPLICAS", "fix wrong"),
        (["DEALPACE_SLACK_API_ROOT=https://slack.com"], "SLACK_API_ROOT", "fix is no address"),
        (["DEALPACE_PUBLIC_URL=http://x.org"], "PUBLIC_URL", "fix is no https address"),
        (["DEALPACE_SLACK_SIGNING_SECRET=x"], "SLACK_SIGNING_SECRET", "fix does not look like a signing"),
        (["DEALPACE_SLACK_SIGNING_SECRET=x"], "SLACK_BOT_TOKEN", "fix missing"),
        (["DEALPACE_SLACK_BOT_TOKEN=xoxb-1-1-x", NO_SLACK], "SLACK_APP_TOKEN", "fix missing"),
        (
            ["DEALPACE_TELEGRAM_WEBHOOK_SECRET=a b"],
            "TELEGRAM_WEBHOOK_SECRET",
            "fix is too short or has characters",
        ),
    ],
)
def test_a_setting_that_is_wrong(lines: list[str], name: str, said: str) -> None:
    dotenv(*lines)
    found = asyncio.run(visit())
    assert [line for line in found.of(name) if line.startswith(said)], found.text
    assert "Traceback" not in found.text


def test_an_unreadable_file_leaves_the_environment(setting: Setting, here: Path) -> None:
    setting(log_level="warning")
    (here / ".env").write_bytes(b"DEALPACE_LOG_LEVEL=info\nDEALPACE_X=caf" + b"\xe9\n")
    found = asyncio.run(visit())
    assert found.of(".env") == ["fix line 2 is not UTF-8  ->  save the file as UTF-8"]
    assert found.of("LOG_LEVEL") == ["ok set (environment)"]
    (here / ".env").unlink()
    (here / ".env").mkdir()
    assert asyncio.run(visit()).of(".env")[0].startswith("fix cannot be read: Is a directory")


def test_the_environment_hides_the_file(setting: Setting, here: Path) -> None:
    dotenv("DEALPACE_LOG_LEVEL=info")
    setting(log_level="debug")
    (here / ".env").chmod(0o644)
    found = asyncio.run(visit())
    assert found.of("LOG_LEVEL") == ["ok set (environment, over .env line 1)"]
    assert found.of(".env") == ["hint others on this machine may read it  ->  chmod 600 .env"]


@pytest.mark.parametrize("line", ["DEALPACE_LOG_LEVEL=hunter2hunter2", "DEALPACE_LISTEN=hunter2hunter2"])
def test_run_ends_with_one_line_that_shows_no_value(line: str) -> None:
    dotenv(line)
    code, complaint = asyncio.run(dealpace("run"))
    assert code == 1
    [said] = complaint.splitlines()
    assert said.startswith(line.partition("=")[0] + ": ") and said.endswith("dealpace doctor")
    assert PASSWORD not in said


def test_run_ends_with_one_line_for_a_file_it_cannot_read(here: Path) -> None:
    (here / ".env").write_bytes(b"\xff\xfeD\x00")
    assert asyncio.run(dealpace("run")) == (
        1,
        ".env cannot be read (UnicodeDecodeError). What to do: dealpace doctor\n",
    )


# ---------------------------------------------------------------------- Telegram


def test_telegram_refuses_the_token(setting: Setting) -> None:
    async def scenario() -> None:
        async with TelegramServer() as server:
            setting(telegram_token=WRONG_TOKEN, telegram_api_root=server.root)
            found = await visit()
            assert found.to_fix == [
                "TELEGRAM_TOKEN Telegram refuses it  ->  "
                "copy the token from @BotFather: /mybots, the bot, API Token"
            ]
            assert found.of("clock")[0].startswith("ok")

    in_loop(scenario())


def test_telegram_is_not_where_the_root_says(setting: Setting) -> None:
    async def scenario() -> None:
        async with SlackServer() as other:
            setting(telegram_token=TOKEN, telegram_api_root=other.root)
            [line] = (await visit()).to_fix
            assert line.startswith("telegram what answers there is not Telegram (HTTP 404)  ->  ")
            root = other.root
        setting(telegram_api_root=root)
        [line] = (await visit()).to_fix
        assert line.startswith("telegram no connection  ->  check the network, proxy")

    in_loop(scenario())


@pytest.mark.parametrize(
    ("abilities", "said"),
    [
        ({"can_read_all_group_messages": True}, "hint privacy mode is off"),
        ({"can_join_groups": False}, "hint the bot cannot be added to a group"),
    ],
)
def test_how_botfather_set_the_bot_up(setting: Setting, abilities: dict[str, bool], said: str) -> None:
    async def scenario() -> None:
        async with TelegramServer() as server:
            server.api.abilities |= abilities
            setting(telegram_token=TOKEN, telegram_api_root=server.root)
            found = await visit()
            assert found.is_well and any(line.startswith(said) for line in found.of("telegram"))

    in_loop(scenario())


def test_polling_while_a_webhook_is_set_and_updates_wait(setting: Setting) -> None:
    async def scenario() -> None:
        async with TelegramServer() as server:
            setting(telegram_token=TOKEN, telegram_api_root=server.root)
            host = (await hooked(server)).removeprefix("https://")
            found = await visit()
            assert found.is_well
            hints = [line for line in found.of("telegram") if line.startswith("hint")]
            assert hints[0].startswith(f"hint polling is set, but a webhook sends updates to {host}  ->")
            assert hints[1].startswith("hint 1 updates wait")

    in_loop(scenario())


def test_the_webhook_mode_against_what_telegram_says(setting: Setting) -> None:
    async def scenario() -> None:
        async with TelegramServer() as server:
            setting(telegram_token=TOKEN, telegram_api_root=server.root, telegram_mode="webhook")
            setting(listen=f"127.0.0.1:{free_port()}")
            [missing] = (await visit()).to_fix
            assert missing.startswith("PUBLIC_URL missing  ->  set the https address")
            setting(public_url="https://bot.example.org:9000")
            found = await visit()
            assert found.to_fix == [
                "PUBLIC_URL Telegram does not call the port of DEALPACE_PUBLIC_URL  ->  use one of 80, 88, 443, 8443"
            ]
            setting(public_url="https://bot.example.org:8443/")
            found = await visit()
            assert "hint no webhook is set yet  ->  dealpace run sets it to PUBLIC_URL" in found.of(
                "telegram"
            )
            setting(public_url=await hooked(server))
            found = await visit()
            [late] = found.to_fix
            assert late.startswith("telegram Telegram could not deliver: ")
            setting(public_url="https://bot.example.org")
            assert (await visit()).is_well

    in_loop(scenario())


async def hooked(server: TelegramServer) -> str:
    """Sets a webhook to which nothing can be delivered, and lets an update wait; the public address of it."""
    url = server.behind_tls(f"http://127.0.0.1:{free_port()}{PATH}")
    async with asyncio.timeout(5), Bot(TOKEN, base_url=f"{server.root}/bot") as bot:
        await bot.set_webhook(url)
        server.user_sends(1, "hello")
        while not (await bot.get_webhook_info()).last_error_message:
            pass
    return url.removesuffix(PATH)


# ---------------------------------------------------------------------- Slack


def slack_settings(server: SlackServer) -> dict[str, str]:
    return {"slack_bot_token": BOT_TOKEN, "slack_app_token": APP_TOKEN, "slack_api_root": server.api_root}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"slack_bot_token": "xoxb-2-2-old"}, ["SLACK_BOT_TOKEN Slack refuses it: invalid_auth"]),
        (
            {"slack_app_token": "xapp-2-old"},
            ["SLACK_APP_TOKEN no Socket Mode connection with it: invalid_auth"],
        ),
        (
            {"slack_bot_token": APP_TOKEN, "slack_app_token": BOT_TOKEN},
            [
                "SLACK_BOT_TOKEN holds an app-level token, which belongs in SLACK_APP_TOKEN",
                "SLACK_APP_TOKEN holds a bot token, which belongs in SLACK_BOT_TOKEN",
            ],
        ),
        ({"slack_bot_token": "xoxp-1-1-x"}, ["SLACK_BOT_TOKEN holds a user token"]),
        ({"slack_bot_token": "xoxe.xoxb-1-x"}, ["SLACK_BOT_TOKEN holds a rotating token"]),
        ({"slack_app_token": "abc"}, ["SLACK_APP_TOKEN holds no token of Slack"]),
    ],
)
def test_slack_tokens_that_do_not_fit(setting: Setting, change: dict[str, str], said: list[str]) -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            setting(**(slack_settings(server) | change))
            found = await visit()
            assert [line.partition("  ->  ")[0].partition(", which ends")[0] for line in found.to_fix] == said
            assert all("api.slack.com/apps" in line for line in found.to_fix)

    in_loop(scenario())


def test_a_missing_scope_is_named(setting: Setting) -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            setting(**slack_settings(server))
            server.scopes = "commands,chat:write, im:write,users:read"
            [line] = (await visit()).to_fix
            assert line.startswith(
                "slack missing scopes: im:history, app_mentions:read, files:read, files:write  ->  "
            )
            assert "reinstall" in line

    in_loop(scenario())


def test_signed_http_needs_no_app_token_but_its_port(setting: Setting) -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            setting(slack_bot_token=BOT_TOKEN, slack_signing_secret=SIGNING_SECRET)
            setting(slack_api_root=server.api_root)
            with taken_port() as port:
                setting(listen=f"127.0.0.1:{port}")
                [line] = (await visit()).to_fix
                assert line.startswith(f"LISTEN port {port} is taken  ->  ")
            assert (await visit()).is_well
            assert [call.method for call in server.calls] == ["auth.test"] * 2

    in_loop(scenario())


# ---------------------------------------------------------------------- the database


@contextmanager
def sealed(folder: Path, folder_mode: int = 0o555) -> Iterator[None]:
    """The files there are read-only, even for root: root becomes somebody else for so long."""
    closed = [] if os.geteuid() else [each for each in folder.parents if not each.stat().st_mode & 0o001]
    modes = [stat.S_IMODE(each.stat().st_mode) for each in closed]
    for each in folder.iterdir():
        each.chmod(0o444)
    folder.chmod(folder_mode)
    try:
        for each in closed:
            each.chmod(0o711)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        for each, mode in zip(closed, modes, strict=True):
            each.chmod(mode)
        folder.chmod(0o755)


def judged(url: str) -> list[Finding]:
    return database.judge(examine_database(url, 1, NINE))


def one(findings: Iterable[Finding]) -> tuple[str, str, str]:
    [found] = findings
    return found.level, found.what, found.remedy


def test_a_database_that_cannot_be_written(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    file.chmod(0o600)
    assert one(judged(sqlite_url))[0] == Level.OK
    with sealed(file.parent):
        level, what, remedy = one(judged(sqlite_url))
    assert (level, what) == (Level.FIX, "cannot be written: Permission denied")
    assert remedy == f"let the bot's user write {file} and the folder it is in"


def test_a_file_that_is_read_only_in_a_folder_that_is_not(sqlite_url: str) -> None:
    with sealed(Path(sqlite_url.removeprefix("sqlite:///")).parent, folder_mode=0o777):
        assert one(judged(sqlite_url))[:2] == (Level.FIX, "cannot be written: Permission denied")


@pytest.mark.parametrize("place", ["/proc/dealpace.db", "/dev/null/dealpace.db"])
def test_a_database_that_cannot_be_made(setting: Setting, place: str) -> None:
    setting(database_url=f"sqlite:///{place}")
    [line] = [line for line in asyncio.run(visit()).to_fix if line.startswith("database")]
    assert line.startswith(("database cannot be reached: ", "database cannot be written: "))
    assert line.endswith(f"  ->  let the bot's user write {place} and the folder it is in")


def test_a_file_that_is_no_database(here: Path) -> None:
    (here / "x.db").write_text("hello " * 1000)
    (here / "x.db").chmod(0o600)
    level, what, remedy = one(judged("sqlite:///x.db"))
    assert (level, remedy) == (Level.FIX, "restore x.db from a backup, or name another file")
    assert what.startswith("is no SQLite database, or a damaged one")
    (here / "y.db").mkdir()
    assert one(judged("sqlite:///y.db"))[1] == "cannot be reached: it is a folder"


def test_a_file_that_somebody_holds(sqlite_url: str) -> None:
    file = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        level, what, _ = one(judged(sqlite_url))
        holder.execute("ROLLBACK")
    assert (level, what.partition(":")[0]) == (Level.FIX, "is locked by another process")


def test_a_pending_migration_and_one_from_the_future(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = schema.HEAD
    monkeypatch.setattr(schema, "HEAD", "9999")
    level, what, remedy = tables_of(database_url)
    assert (level, what) == (Level.FIX, f"revision {current}, this release has 9999")
    assert remedy == "back it up, then: dealpace db upgrade"
    monkeypatch.undo()
    change(database_url, "UPDATE alembic_version SET version_num = '9999'")
    level, what, remedy = tables_of(database_url)
    assert (level, what) == (
        Level.FIX,
        f"revision 9999 is from a newer release (this one: {current})",
    )
    assert remedy.startswith("run the newer release")


def test_a_pause_is_to_be_ended_and_a_backup_to_be_made(setting: Setting, database_url: str) -> None:
    setting(database_url=database_url)
    clock = FreeClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    found = asyncio.run(visit(clock))
    assert found.of("backup") == ["hint none was made yet  ->  dealpace backup"] and found.of("paused") == []
    at = int(clock.at.timestamp()) * 1_000_000
    change(
        database_url, f"UPDATE installation SET backed_up_at = {at}, paused = 'operator', paused_at = {at}"
    )
    found = asyncio.run(visit(clock))
    assert found.of("backup") == ["ok the last was made at 2026-03-02 09:00 UTC"]
    [line] = found.of("paused")
    assert line.startswith("fix This installation is paused by an operator since 2026-03-02 09:00 UTC.")
    assert line.endswith("->  dealpace admin resume") and not found.is_well
    clock.at += timedelta(days=8)
    assert asyncio.run(visit(clock)).of("backup") == [
        "hint the last was made at 2026-03-02 09:00 UTC  ->  dealpace backup, every night"
    ]
    change(database_url, "DELETE FROM installation")
    [line] = asyncio.run(visit(clock)).of("paused")
    assert line.startswith(
        "fix This installation was restored from a backup, and the original may have gone on"
    )


def test_tables_that_somebody_changed(database_url: str) -> None:
    assert tables_of(database_url) == (Level.OK, f"writable, revision {schema.HEAD}", "")
    change(database_url, "ALTER TABLE team ADD COLUMN motto TEXT")
    change(database_url, "ALTER TABLE team ADD COLUMN song TEXT")
    level, what, remedy = tables_of(database_url)
    assert level == Level.FIX and what.startswith("tables differ from this release's: ")
    assert what.endswith("and 1 more") and remedy.startswith("dealpace db check")


def test_an_empty_database_is_left_empty(empty_url: str) -> None:
    assert tables_of(empty_url)[:2] == (Level.OK, "writable, still empty: dealpace run makes its tables")
    assert not Path(make_url(empty_url).database or "").exists()


def tables_of(url: str) -> tuple[str, str, str]:
    """The finding about the tables; a copied file's mode is another matter."""
    return one(judged(url)[:1])


def change(url: str, statement: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_file_that_others_may_open(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    for mode, level in ((0o644, Level.FIX), (0o640, Level.HINT)):
        file.chmod(mode)
        found = judged(sqlite_url)[1]
        assert (found.level, found.remedy) == (level, f"chmod 600 {file}*")
        assert f"(mode {mode:o})" in found.what


def test_postgres_that_is_not_there(setting: Setting) -> None:
    setting(database_url=f"postgresql://ann:{PASSWORD}@127.0.0.1:{free_port()}/dealpace")
    found = asyncio.run(visit())
    [line] = found.of("database")
    assert line.startswith("fix cannot be reached: Connection refused  ->  check host, port, user")
    assert PASSWORD not in found.text


def test_a_role_that_may_only_read(postgres_url: str) -> None:
    change(
        postgres_url,
        f'ALTER DATABASE "{make_url(postgres_url).database}" SET default_transaction_read_only = on',
    )
    level, what, remedy = tables_of(postgres_url)
    assert (level, what.partition(":")[0]) == (Level.FIX, "cannot be written")
    assert remedy == "connect to the primary, with a role that owns the bot's tables"


def test_a_role_that_row_level_security_does_not_bind(postgres_url: str) -> None:
    assert one(judged(postgres_url))[0] == Level.OK
    found = judged(cluster().as_superuser(postgres_url))[1]
    assert (found.level, found.what) == (Level.HINT, "its role passes over row-level security")


@pytest.mark.parametrize("url", ["postgres://x/y", "mysql://x/y", "dealpace.db", "postgresql://x:y:z/w", "x"])
def test_an_address_of_no_database(url: str) -> None:
    level, what, remedy = one(judged(url))
    assert level == Level.FIX and what.startswith("DATABASE_URL names no database")
    assert remedy.startswith("sqlite:///FILE or postgresql://")


def test_what_no_machine_of_the_tests_shows() -> None:
    scarce = Checkup(embedded=True, file=Path("x.db"), revision="1", head="1", free_bytes=3 * 2**20)
    assert "only 3 MiB are free on its disk" in [each.what for each in database.judge(scarce)]
    full = Checkup(embedded=True, file=Path("x.db"), fault=Fault.FULL)
    assert one(database.judge(full)) == (Level.FIX, "the disk is full", "make room on the disk of x.db")
    assert set(database.REMEDIES) == set(database.WORDS) == set(Fault)
    assert one(judged("sqlite://"))[0] == Level.HINT


# ---------------------------------------------------------------------- the machine


@pytest.mark.parametrize(
    ("minutes", "said"), [(2, "120 s ahead of Telegram"), (-90, "5400 s behind Telegram")]
)
def test_a_clock_that_is_wrong(setting: Setting, minutes: int, said: str) -> None:
    async def scenario() -> None:
        async with TelegramServer() as server:
            setting(telegram_token=TOKEN, telegram_api_root=server.root)
            now = datetime.now(UTC)
            found = await visit(FreeClock(now + timedelta(minutes=minutes)))
            [line] = found.of("clock")
            seconds = int(said.split()[0])
            assert any(f"fix {seconds + near} s" in line for near in (-2, -1, 0, 1, 2)), line
            assert said.partition(" s ")[2] in line and "NTP" in line

    in_loop(scenario())


def test_a_machine_without_time_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tzdata", None)
    zoneinfo.reset_tzpath(to=())
    try:
        [found] = asyncio.run(machine.zones())
    finally:
        zoneinfo.reset_tzpath()
    assert (found.level, found.remedy) == (Level.FIX, "install the package tzdata")


@pytest.mark.parametrize(
    ("listed", "level"), [("Noto Sans CJK SC", Level.OK), ("", Level.HINT), (None, Level.HINT)]
)
def test_fonts_are_a_hint(
    here: Path, monkeypatch: pytest.MonkeyPatch, listed: str | None, level: Level
) -> None:
    programs = here / "bin"
    programs.mkdir()
    if listed is not None:
        (programs / "fc-list").write_text(f"#!/bin/sh\nprintf %s {shlex.quote(listed)}\n")
        (programs / "fc-list").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    [found] = asyncio.run(machine.fonts())
    assert found.level == level


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


@pytest.mark.parametrize(
    ("host", "said"),
    [("127.0.0.1", "is taken"), ("198.51.100.7", "not this machine's"), ("x.invalid", "not known")],
)
def test_a_port_that_cannot_be_had(setting: Setting, host: str, said: str) -> None:
    async def scenario() -> None:
        async with TelegramServer() as server:
            setting(telegram_token=TOKEN, telegram_api_root=server.root, telegram_mode="webhook")
            with taken_port() as port:
                setting(listen=f"{host}:{port}", public_url="https://x.org")
                [line] = (await visit()).to_fix
                assert line.startswith("LISTEN ") and said in line

    in_loop(scenario())


def test_the_playground_s_port_is_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    with taken_port() as port:
        monkeypatch.setattr(machine, "PLAYGROUND", ("127.0.0.1", port))
        [line] = asyncio.run(visit()).of("playground")
    assert line == f"hint port {port} is taken  ->  dealpace demo --listen 127.0.0.1:PORT takes another"


# ---------------------------------------------------------------------- together


class Odd(LoopbackServer):
    """Answers everything with a yes that says nothing."""

    def platform_routes(self) -> Iterable[web.AbstractRouteDef]:
        return [web.route("*", "/{path:.*}", self._yes)]

    async def _yes(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True})


def test_a_check_that_fails_or_hangs_hides_no_other(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "CHECK_SECONDS", 2.0)

    async def scenario() -> None:
        async with Odd() as odd, SlackServer() as slack:
            setting(telegram_token=TOKEN, telegram_api_root=odd.root, **slack_settings(slack))
            slack.fault("auth.test", delay_seconds=20)
            found = await visit()
            assert found.of("telegram")[0].startswith("fix the check itself failed: KeyError")
            assert "fix no answer within 2 s  ->  check the network, or try again" in found.of("slack")
            assert "ok Socket Mode opens" in found.of("slack")
            assert found.of("database")[0].startswith("ok")

    in_loop(scenario())


def test_no_secret_is_in_the_report(setting: Setting, capfd: pytest.CaptureFixture[str]) -> None:
    """Everything is wrong at once, and the platforms say our secrets back to us."""
    secrets = {
        "telegram_token": TOKEN,
        "telegram_webhook_secret": "canary canary canary",
        "slack_bot_token": BOT_TOKEN,
        "slack_app_token": APP_TOKEN,
        "slack_signing_secret": "canary-signing",
    }
    for name, field in Settings.model_fields.items():
        assert ("Secret" in str(field.annotation)) == (name in secrets), f"{name}: hide it in this test too"

    async def scenario() -> None:
        async with TelegramServer() as telegram, SlackServer() as slack:
            dotenv(f"DEALPACE_SLACK_CLIENT_SECRET:{PASSWORD}x", f'DEALPACE_SLACK_CLIENT_ID="{PASSWORD}')
            setting(**secrets, telegram_api_root=telegram.root, slack_api_root=slack.api_root)
            setting(database_url=f"postgresql://ann:{PASSWORD}@127.0.0.1:{free_port()}/{PASSWORD}")
            telegram.fault("getMe", code=400, description=f"Bad Request: {TOKEN}\x1b[31m\nok")
            slack.fault("auth.test", code=200, description=f"no {BOT_TOKEN} and {APP_TOKEN}")
            slack.fault("apps.connections.open", code=200, description=APP_TOKEN)
            found = await visit()
            assert not found.is_well
            assert "getMe failed: Bad Request: [secret]" in found.text
            assert "Slack refuses it: no [secret] and [secret]" in found.text
            assert "\x1b" not in found.text
            for secret in (*secrets.values(), PASSWORD):
                assert secret not in found.text

    in_loop(scenario())
    captured = capfd.readouterr()
    for secret in (*secrets.values(), PASSWORD):
        assert secret not in captured.out + captured.err


# ---------------------------------------------------------------------- files


def test_the_folder_of_files(setting: Setting, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = here / "kept"
    setting(files=folder)

    def found() -> list[str]:
        seen: list[str] = []

        async def scenario() -> None:
            seen.extend((await visit()).of("files"))

        in_loop(scenario())
        return seen

    assert found() == [f"ok {folder} not there yet: made when the first comes"]
    assert not folder.exists()
    folder.mkdir(mode=0o700)
    assert found() == [f"ok {folder} writable"]
    folder.chmod(0o755)
    assert found() == [f"fix others on this machine may open them (mode 755)  ->  chmod 700 {folder}"]
    folder.chmod(0o700)
    with monkeypatch.context() as patched:
        # Whoever runs the tests may be allowed everything.
        patched.setattr(os, "access", lambda *_: False)
        assert found()[0].startswith(f"fix {folder} cannot be written  ->  let the bot's user write {folder}")
    folder.rmdir()
    folder.write_text("")
    assert found() == [f"fix {folder} is no folder  ->  FILES=FOLDER"]
    setting(files="", database_url="sqlite:///:memory:")
    assert found()[0].startswith("hint live in a temporary folder")
    setting(database_url="nothing at all")
    assert found() == []


def test_the_page_quotes_what_the_doctor_says() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    files = [*(root / "bot" / "doctor").glob("*.py"), root / "bot" / "telegram" / "webhook.py"]
    code = "".join(each.read_text(encoding="utf-8") for each in files)
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    quoted = [each for row in rows[1:] for each in re.findall("`([^`]+)`", row) if each != ".env"]
    assert len(quoted) >= len(rows) - 1
    assert [each for each in quoted if each not in code] == []


# ---------------------------------------------------------------------- how it runs


def test_what_is_late_unreached_or_set_aside_is_told_with_what_to_do(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(database_url) as books:
        org, _, _ = books.found()
        with books.work() as work:
            for key in ("a", "b"):
                work.outbox.write(letter(key, urgency=Urgency.PUSH))
            for number in range(7):
                kept = work.inbox.keep("telegram", str(number), "telegram:1", "{}", NINE)
                assert kept
                reference = f"ref{number}"
                work.inbox.failed(kept, reference, quarantine=True, org=org, fault="ValueError")
        with books.work() as work:
            work.outbox.retry("a", NINE + timedelta(days=1), Outcome.UNKNOWN)
            work.outbox.bury(Address(platform="telegram", chat=f"chat-{org}"), NINE)
    monkeypatch.setenv("DEALPACE_DATABASE_URL", database_url)

    async def scenario() -> None:
        found = await visit(FreeClock(NINE + timedelta(minutes=90)))
        assert found.of("letters") == [
            "hint 2 due and not sent, the oldest for 90 min  ->  "
            "is dealpace run running, and does the platform take what it sends?",
            "hint 1 may have arrived already: they are sent again",
            "hint 1 of people's chats take nothing any more  ->  an admin sees by /health whose they are",
        ]
        assert found.of("quarantine") == [
            "hint 7 deliveries could not be handled: ref6, ref5, ref4, ref3, ref2 and 2 more  ->  "
            "dealpace admin quarantine; dealpace admin requeue REFERENCE"
        ]
        quiet = await visit(FreeClock(NINE + timedelta(minutes=1)))
        assert len(quiet.of("letters")) == 2

    in_loop(scenario())


def test_an_operator_lists_what_was_set_aside_and_has_it_handled_again(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALPACE_DATABASE_URL", sqlite_url)
    runner = CliRunner()

    def said(*command: str) -> tuple[int, str]:
        found = runner.invoke(app, ["admin", *command])
        return found.exit_code, found.output

    assert said("quarantine") == (0, "nothing is set aside\n")
    with opened(sqlite_url) as books, books.work() as work:
        kept = work.inbox.keep("telegram", "1", "telegram:1", '{"text": "Canary"}', NINE)
        assert kept
        work.inbox.failed(kept, "abcdef", quarantine=True, org=OrgId(3), fault="ValueError")
    assert said("quarantine") == (
        0,
        "abcdef  telegram  2026-03-02T09:00:00+00:00  ValueError  organisation 3\n",
    )
    assert said("requeue", "another")[0] == 1
    code, words = said("requeue", "abcdef")
    assert code == 0 and words.startswith("abcdef is handled again")
    code, words = said("requeue", "abcdef")
    assert code == 1 and "may have been handled meanwhile" in words
