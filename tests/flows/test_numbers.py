"""Whatever was said in a conversation, the numbers in cells are those of a recomputation from its records."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.transcript import replay
from domain.workdays import monday
from handlers.rollups import roll_weeks
from storage import tables
from tests.support.opened import opened

FOLDER = Path(__file__).parent
# Days off, bulk claims, duplicates, edits to another day, handovers, late entries, merged customers, targets and the
# history typed for them, two zones, undo, and a deal won together.
PLAYED = (
    "calendar.chat",
    "claim.chat",
    "duplicates.chat",
    "edited_moved.chat",
    "handover.chat",
    "late_entries.chat",
    "merge.chat",
    "target_silent.chat",
    "two_zones.chat",
    "undo.chat",
    "undo_edited.chat",
    "won.chat",
)


@pytest.mark.parametrize("name", PLAYED)
def test_numbers_agree_with_their_records_after_a_conversation(name: str, sqlite_url: str) -> None:
    asyncio.run(replay(FOLDER / name, sqlite_url))
    on = tables.activity.c.on_date
    with opened(sqlite_url) as books:
        with books.database.engine.connect() as connection:
            first, last = connection.execute(select(func.min(on), func.max(on))).one()
            kept = connection.execute(select(func.count()).select_from(tables.rollup_day)).scalar_one()
        assert kept
        with books.work() as work:
            (org,) = work.people.organisations()
            store = work.store(org.id)
            people = [each.id for each in store.members()]
            found = roll_weeks(store, org, people, monday(first), monday(last))
        assert found.cells
        assert (found.wrong, found.examples) == (0, "")
