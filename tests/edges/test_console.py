"""`dealpace chat`: lines in, cards with numbered buttons out."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import SetClock
from bot.console import adapter
from bot.console.adapter import run_chat
from domain.people import Language
from handlers.view import t
from handlers.words import catalogue

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
VISIT = ["/visit Acme\\", "met: Li Wei (CFO)\\", "result: budget confirmed\\", "next: send quote by Fri"]


async def each(lines: Sequence[str]) -> AsyncIterator[str]:
    for line in lines:
        yield line


def talk(lines: Sequence[str], language: Language = Language.EN) -> list[str]:
    """What the terminal printed, without its greeting."""
    printed: list[str] = []
    asyncio.run(run_chat(each(lines), printed.append, language, SetClock(MONDAY)))
    return printed[2:]


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


def test_a_visit_of_four_lines_is_logged_and_undone_by_a_number() -> None:
    logged, undone = talk([*VISIT, "1"])
    assert logged.startswith("✓ Acme")
    assert "budget confirmed" in logged
    assert logged.rstrip().endswith("[1 Undo]")
    assert undone.startswith("(changed)")
    assert "Undone" in undone


def test_a_number_that_no_button_has_says_so_and_does_nothing() -> None:
    _, wrong, undone = talk([*VISIT, "7", "1"])
    assert wrong == "There is no button 7 now.\n"
    assert "Undone" in undone


def test_a_number_without_buttons_is_a_message() -> None:
    (answer,) = talk(["42"])
    assert "“42”" in answer


def test_the_day_card_does_not_take_the_numbers_of_an_answer() -> None:
    shown = talk(["/today", *VISIT, "1"])
    assert len(shown) == 3
    assert "Undone" in shown[2]


def test_an_unfinished_message_is_sent_at_the_end_of_the_input() -> None:
    (logged,) = talk(["/visit Acme\\", "met: Li Wei\\", "result: ok\\"])
    assert logged.startswith("✓ Acme")


def test_it_speaks_chinese_from_the_first_line() -> None:
    example = catalogue().say(t("visit.command.example"), Language.ZH).split("\n")
    printed: list[str] = []
    lines = [*(f"{line}\\" for line in example[:-1]), example[-1]]
    asyncio.run(run_chat(each(lines), printed.append, Language.ZH, SetClock(MONDAY)))
    assert printed[0] == catalogue().say(t("console.hello"), Language.ZH) + "\n"
    assert printed[2].startswith("✓ " + example[0].split()[1])
    assert f"[1 {catalogue().say(t('button.undo'), Language.ZH)}]" in printed[2]


def test_bad_input_is_answered_and_nothing_breaks() -> None:
    empty, long, broken, fine = talk(["", "\u200b\u200b", "x" * 10_000, "half \udc80 a sign", "/today"])
    assert "/visit Acme" in empty
    assert "10000" in long.replace(",", "")
    assert "half" in broken
    assert "Today" in fine


def test_what_falls_due_is_shown_while_nobody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "LOOK_SECONDS", 0.01)
    clock, printed = SetClock(datetime(2026, 3, 2, 8, 29, tzinfo=UTC)), list[str]()
    pushed = asyncio.Event()

    def out(text: str) -> None:
        printed.append(text)
        if text.startswith("Today"):
            pushed.set()

    async def silent() -> AsyncIterator[str]:
        clock.advance(timedelta(minutes=1))
        await asyncio.wait_for(pushed.wait(), 30)
        yield "/week"

    asyncio.run(run_chat(silent(), out, Language.EN, clock))
    assert printed[2].startswith("Today, Mon 2 Mar")
    assert printed[3].startswith("Your week") or "2 Mar" in printed[3]


@pytest.mark.parametrize("ending", ["\n", ""])
def test_standard_input_may_be_a_pipe(ending: str) -> None:
    program = "import asyncio; from bot.console.adapter import run_chat; asyncio.run(run_chat())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="\n".join(VISIT) + ending,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        env={**os.environ, "PYTHONUTF8": "1"},
        check=True,
    )
    assert "✓ Acme" in done.stdout
    assert done.stderr == ""
