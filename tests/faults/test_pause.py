"""An operator wants silence, and a copy is restored: the bot goes down in good order, stays down, and comes back by a word."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.people import Rep, founded
from tests.faults.process import PATIENCE, Bot, Fake, until
from tests.faults.storm import TELEGRAM

pytestmark = pytest.mark.faults
EX_TEMPFAIL = 75
REP = Rep(platform="telegram", account="7001", chat="7001")
# Room for the start of an archive, not for all of it.
ROOM = "1400k"


def says(bot: Bot, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the operator, on the bot's database."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=bot.folder,
        env=bot._environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def ended(bot: Bot) -> int:
    """The code with which it ended by itself."""
    process = bot.process
    assert process is not None
    code = until(lambda: (process.poll() is not None) and (process.returncode,), "the end of the bot")
    assert code
    bot.process = None
    return code[0]


def test_a_running_bot_falls_silent_and_speaks_again(sqlite_url: str, tmp_path: Path) -> None:
    founded(sqlite_url, [REP], morning_due=False)
    with Fake(TELEGRAM) as fake, Bot(tmp_path, sqlite_url, telegram=fake) as bot:
        fake.act("open_private", user_id=int(REP.account))
        bot.start()
        until(lambda: bot.alive() and bot.events("running"), "running")
        # A backup while it runs.
        made = says(bot, "backup", "kept.tar")
        assert made.returncode == 0, made.stderr
        paused = says(bot, "admin", "pause")
        assert paused.returncode == 0 and "paused by an operator" in paused.stdout
        assert ended(bot) == EX_TEMPFAIL
        before = fake.sent()
        fake.act("send", user_id=int(REP.account), text="/visit Acme; met: Li Wei; result: ok")
        # Started all the same, it opens no door.
        bot.start()
        assert ended(bot) == EX_TEMPFAIL
        assert fake.act("pending") == 1 and fake.sent() == before
        assert "What to do: dealpace admin resume" in bot.log.read_text()
        resumed = says(bot, "admin", "resume")
        assert resumed.returncode == 0 and "letters withheld: 0" in resumed.stdout
        bot.start()
        until(lambda: bot.alive() and fake.sent() > before and not fake.act("pending"), "the answer")
        assert bot.terminate()[0] == 0


def test_a_restored_copy_stays_down_until_it_is_resumed(sqlite_url: str, tmp_path: Path) -> None:
    founded(sqlite_url, [REP], morning_due=True)
    copy = f"sqlite:///{tmp_path / 'copy' / 'dealpace.db'}"
    with (
        Fake(TELEGRAM) as fake,
        Bot(tmp_path, sqlite_url, telegram=fake) as original,
        Bot(tmp_path, copy, telegram=fake) as bot,
    ):
        fake.act("open_private", user_id=int(REP.account))
        assert says(original, "backup", "kept.tar").returncode == 0
        original.start()
        until(lambda: original.alive() and fake.sent() == 1, "the morning card")
        assert original.terminate()[0] == 0
        restored = says(bot, "restore", "kept.tar")
        assert restored.returncode == 0 and "It is paused" in restored.stdout
        bot.start()
        assert ended(bot) == EX_TEMPFAIL
        # Nobody is there to say that the original is stopped.
        assert says(bot, "admin", "resume").returncode != 0
        resumed = says(bot, "admin", "resume", "--yes")
        assert "pushes whose time has passed 1," in resumed.stdout and resumed.returncode == 0
        bot.start()
        fake.act("send", user_id=int(REP.account), text="/today")
        until(lambda: bot.alive() and fake.sent() == 2 and not fake.act("pending"), "an answer, and no card")
        assert bot.terminate()[0] == 0
        assert fake.sent() == 2


def test_a_disk_that_is_full_keeps_no_half_backup(sqlite_url: str, tmp_path: Path) -> None:
    """A file system of its own, as small as it takes."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        founded(sqlite_url, [REP])
        with Bot(tmp_path, sqlite_url) as bot:
            made = says(bot, "backup", str(place / "kept.tar"))
            assert made.returncode == 1
            assert "full" in made.stderr or "No space left on device" in made.stderr
            assert list(place.iterdir()) == []
            made = says(bot, "backup", str(tmp_path / "kept.tar"))
            assert made.returncode == 0, made.stderr
            target = f"sqlite:///{place / 'dealpace.db'}"
            (place / "filler").write_bytes(bytes(900_000))
            restored = says(bot, "restore", str(tmp_path / "kept.tar"), "--to", target)
            assert restored.returncode == 1 and "Traceback" not in restored.stderr
            assert [each.name for each in place.iterdir()] == ["filler"]
    finally:
        subprocess.run(["umount", str(place)], check=True)
