"""What is said unasked is of a kind: no push, no word to a colleague and no letter of one without it (product 6)."""

import ast

from domain.kinds import ASKED, KINDS, Notice, Sort
from handlers.muting import MUTABLE, OWN_REASON
from handlers.registry import registry
from tests.rules.sources import Source, none, source, sources

# Letters that answer, edit, or set a menu: somebody asked for them, or they say nothing.
ANSWERING = {
    ("handlers/letters.py", "answer_letter"),
    ("handlers/letters.py", "withdrawal"),
    ("handlers/menus.py", "_write"),
    ("handlers/tick.py", "_edit"),
}


def unkind(file: Source) -> list[str]:
    """Where a letter is made without a kind."""
    return [
        f"{file.at(call.lineno)} {within.name}"
        for within in file.nodes()
        if isinstance(within, ast.FunctionDef) and (file.name, within.name) not in ANSWERING
        for call in ast.walk(within)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Letter"
        and "kind" not in {each.arg for each in call.keywords}
    ]


def test_a_letter_nobody_asked_for_says_its_kind() -> None:
    none(found for file in sources("handlers") for found in unkind(file))
    assert unkind(source("handlers/x.py", "def f():\n    Letter(key='a')\n")) == ["handlers/x.py:2 f"]


def test_every_kind_says_how_it_comes() -> None:
    assert set(KINDS) == set(Notice)
    assert all(1 <= each <= 3 for manner in KINDS.values() for each in (manner.value, manner.urgency))
    # Somebody waits for a decision: it is neither muted nor kept back; and only decisions are asked of a leader.
    decisions = {kind for kind, manner in KINDS.items() if manner.sort is Sort.DECISION}
    assert not decisions & set(MUTABLE) and set(ASKED) <= decisions
    assert set(OWN_REASON) <= set(MUTABLE)


def test_a_push_that_says_something_has_a_kind_of_its_own() -> None:
    """Those that only edit cards or post to rooms are of no reader's kind."""
    own = [each.kind for each in registry().pushes.values() if each.kind is not Notice.ROOM]
    assert len(own) == len(set(own))
    beats = {kind for kind, manner in KINDS.items() if manner.sort is Sort.BEAT}
    assert beats | {Notice.NEWS, Notice.WEEK, Notice.REPORTS} == set(own)
