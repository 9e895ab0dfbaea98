"""Whatever was said in a conversation, the numbers in cells are those of a recomputation from its records."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.transcript import replay
from domain.workdays import monday
from handlers.rollups import roll_weeks
from storage import tables
from tests.support.opened import opened

# What is typed of the months before stands there.
HALF_A_YEAR = timedelta(weeks=27)
FOLDER = Path(__file__).parent
# Bulk claims, duplicates, edits to another day, handovers, late entries, merged customers, targets and the
# history typed for them, two zones, undo, and a deal won together.
PLAYED = (
    "claim.chat",
    "duplicates.chat",
    "edited_moved.chat",
    "handover.chat",
    "late_entries.chat",
    "merge.chat",
    "target.chat",
    "two_zones.chat",
    "undo.chat",
    "undo_edited.chat",
    "won.chat",
)


@pytest.mark.parametrize("name", PLAYED)
def test_numbers_agree_with_their_records_after_a_conversation(name: str, sqlite_url: str) -> None:
    asyncio.run(replay(FOLDER / name, sqlite_url))
    said = tables.change.c.said_at
    with opened(sqlite_url) as books:
        with books.database.engine.connect() as connection:
            first, last = connection.execute(select(func.min(said), func.max(said))).one()
            kept = connection.execute(select(func.count()).select_from(tables.rollup_day)).scalar_one()
        assert kept
        with books.work() as work:
            (org,) = work.people.organisations()
            store = work.store(org.id)
            people = [each.id for each in store.members()]
            found = roll_weeks(store, org, people, monday(first.date() - HALF_A_YEAR), monday(last.date()))
        assert found.cells
        assert (found.wrong, found.examples) == (0, "")
