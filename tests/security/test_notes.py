"""Stance, coach and the notes of the checklist are for the deal team and the manager: no card of anybody else has them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.layout import plain as plain_lines
from bot.transcript import Shown, replay
from domain.people import Language
from tests.support.shown import Keeping, keys_of

NOTE, SOURCE, COACH, MOVED = "Quicksilver", "Tungsten", "Ole Berg", "Palladium"
HEADER = """org Acme Sales, zone Asia/Shanghai, language en
team North: boss (manager), ann (rep), bob (rep), dora (director)
at 2026-03-02 09:00
"""
# What the deal team knows.
KNOWN = f"""ann: /deal new Acme
     amount: 800k
     close: 30 Apr
     next: send quote by Fri
ann: /visit Acme
     met: Li Wei
     result: budget confirmed
     next: send quote by Fri
ann: /who D1 Li Wei
     role: economic
     influence: 5
     stance: against
ann: /who D1 "{COACH}"
     role: coach
     influence: 4
     stance: active
ann: /check D1 c1
     note: the {NOTE} of the plant head
     source: {SOURCE}
ann: /check D1 c1
     confirm: {COACH}
     source: V1
ann: /check D1 c2
     note: another {NOTE} of the CFO
     source: {SOURCE}
ann: /check D1 move +5
     reason: {MOVED}
"""
# Everything that is about a deal, whole and with its questions.
PROBES = (
    "/deals all",
    "/deals Acme",
    "/deal D1",
    "/deal D1 review",
    "/deal D1 more",
    "/deal Acme",
    "/next D1",
    "/advance D1",
    "/check D1",
    "/check D1 all",
    "/check D1 all 2",
    "/check D1 confirm",
    "/check D1 c1",
    "/check D1 c1\n     note:",
    "/check D1 c1\n     source:",
    "/check D1 c1\n     confirm:",
    "/check D1 c1\n     confirm: yes",
    "/check D1 move +5",
    "/who D1",
    "/who D1 Li Wei",
    "/who D1 K2\n     stance: neutral",
    "/who D1 Ole",
    "/who D1 K2",
    "/who D1 K2\n     role:",
    "/who Acme",
)
SECRET_KEYS = ("who.part.stance.option_", "who.influence", "who.renew", "check.line", "check.note_line")


def play(folder: Path, *lines: str) -> list[Shown]:
    path = folder / "notes.chat"
    path.write_text(HEADER + KNOWN + "".join(f"{each}\n" for each in lines), encoding="utf-8")
    recorder = Keeping()
    asyncio.run(replay(path, recorder=recorder))
    return recorder.everything


def words(shown: Shown) -> str:
    return "\n".join("\n".join(plain_lines(shown.card, language)) for language in (Language.EN, Language.ZH))


def secret_keys(shown: Shown) -> set[str]:
    """Of the lines only: a question about a stance offers every stance."""
    return {key for key in keys_of(shown.card) if key.startswith(SECRET_KEYS)}


def told(shown: Sequence[Shown]) -> list[str]:
    """The cards that say what is not for everybody."""
    found = []
    for each in shown:
        said = words(each)
        if secret_keys(each) or any(one in said for one in (NOTE, SOURCE, COACH, MOVED)):
            found.append(said)
    return found


@pytest.mark.parametrize("who", ["dora", "bob"])
def test_nobody_else_is_shown_a_note_a_stance_or_the_coach(tmp_path: Path, who: str) -> None:
    shown = [each for each in play(tmp_path, *(f"{who}: {each}" for each in PROBES)) if each.to.chat == who]
    assert len(shown) >= len(PROBES)
    assert not told(shown)


def test_a_room_reads_nothing_of_it(tmp_path: Path) -> None:
    """The owner and the manager ask in the team's room: the answers come to them alone."""
    lines = [f"{who} in North: {each}" for who in ("ann", "boss") for each in PROBES]
    shown = play(tmp_path, *lines)
    assert told([each for each in shown if each.to.chat in ("ann", "boss")])
    assert not told([each for each in shown if each.to.chat not in ("ann", "boss")])


@pytest.mark.parametrize("who", ["ann", "boss"])
def test_the_deal_team_and_the_manager_are_shown_all_of_it(tmp_path: Path, who: str) -> None:
    """The probes above find what they look for where it may be seen."""
    shown = [each for each in play(tmp_path, *(f"{who}: {each}" for each in PROBES)) if each.to.chat == who]
    said = "\n".join(told(shown))
    assert all(one in said for one in (NOTE, SOURCE, COACH, MOVED)), said
    found = set().union(*(secret_keys(each) for each in shown))
    assert {"check.line", "check.note_line", "who.influence"} <= found
    assert any(key.startswith("who.part.stance.option_") for key in found)
