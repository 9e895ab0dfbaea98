"""Inserts that a unique key decides, in words both databases read alike."""

from collections.abc import Sequence

from sqlalchemy import Table, TextClause, bindparam, text


def upsert(table: Table, keys: Sequence[str], fields: Sequence[str] = ()) -> TextClause:
    """An insert that on a taken key updates `fields`, or does nothing when there are none.

    SQLAlchemy spells ON CONFLICT per dialect; one statement that serves both is prepared here once.
    """
    columns = [
        column for column in table.columns if not (column.primary_key and column.autoincrement is True)
    ]
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(f":{column.name}" for column in columns)
    taken = ", ".join(f'"{key}"' for key in keys)
    change = ", ".join(f'"{field}" = excluded."{field}"' for field in fields)
    action = f"DO UPDATE SET {change}" if fields else "DO NOTHING"
    return text(
        # Names come from our own tables, never from outside.
        f'INSERT INTO "{table.name}" ({names}) VALUES ({values}) ON CONFLICT ({taken}) {action}'  # noqa: S608
    ).bindparams(*(bindparam(column.name, type_=column.type) for column in columns))
