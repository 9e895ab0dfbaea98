"""Every statement built beforehand compiles on both databases, and names the organisation where rows belong to one."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import BindParameter, Delete, Insert, Select, TextClause, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.visitors import iterate

import storage
from storage import tables

Statement = Select[tuple[object, ...]] | Insert | Update | Delete | TextClause
DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}  # type: ignore[no-untyped-call]
TENANT = {table.name for table in tables.TENANT_TABLES}
# What is asked of the whole installation, before an organisation is known or for the clock, and why.
INSTALLATION_WIDE = {
    "storage.directory.WHO": "finds the organisation: by chat identity, which belongs to one only",
    "storage.directory.FIND_INVITATION": "finds the organisation: by the hash of a code of at least 40 random bits",
    "storage.directory.ROOM_OWNER": "finds the organisation a group belongs to: by that chat, which is one's only",
    "storage.files.NAMED": "the sweep of the store asks for random names of at least 128 bits, whosever they are",
    "storage.backup.KEPT": "a backup holds the files of all organisations",
    "storage.installation.PASSED_PUSHES": "a restored copy says what it will not send, in all organisations",
    "storage.installation.PASSED_REQUESTS": "a restored copy says what it will not send, in all organisations",
    "storage.installation.PASSED_TARGETS": "a restored copy says what it will not send, in all organisations",
    "storage.outbox.DUE": "the tick takes what is due in all organisations, by time",
    "storage.outbox.DUE_SHARED": "the same beside other processes, each taking what no other has",
    "storage.outbox.CHECKS": "the tick looks at the deals of all organisations whose clocks are due",
    "storage.outbox.UNDECIDED": "the tick passes on what nobody decided in time, in all organisations",
    "storage.outbox.QUIET": "whether the tick has anything to do at all, in any organisation",
    "storage.outbox.NEXT_PUSH": "when the tick has something to do next, in any organisation",
    "storage.outbox.NEXT_CHECK": "when the tick has something to do next, in any organisation",
    "storage.outbox.UNANSWERED_TARGETS": "the tick takes on what nobody answered in time, in all organisations",
    "storage.outbox.NEXT_ANSWER": "when the tick has something to do next, in any organisation",
    "storage.outbox.SNOOZED": "the tick sends again what people wanted to see later, in all organisations",
    "storage.outbox.NEXT_SNOOZED": "when the tick has something to do next, in any organisation",
    "storage.outbox.NEXT_UNDECIDED": "when the tick has something to do next, in any organisation",
    "storage.upkeep.UNREACHED": "whoever runs the installation sees how many chats are dead, nobody's name",
    "storage.whereabouts.WHEREABOUTS": "the courier asks of letters it just claimed: each is joined to its own organisation",
    "storage.outbox.STALE": "the tick refreshes the cards of all organisations",
    "storage.outbox.UNBIND": "a platform says a chat is gone: the chat is bound to one organisation only",
    "storage.directory.MAKE_WAY[0]": "a platform says a chat has another number: rooms by that chat",
    "storage.directory.MAKE_WAY[1]": "a platform says a chat has another number: cards by that chat",
    "storage.directory.MOVES[0]": "a platform says a chat has another number: rooms by that chat",
    "storage.directory.MOVES[2]": "a platform says a chat has another number: cards by that chat",
}


def prebuilt() -> Iterator[tuple[str, Statement]]:
    """Every statement that stands at the top of a module of `storage`, once, by its first name."""
    seen: set[int] = set()
    for module in sorted(each.name for each in pkgutil.iter_modules(storage.__path__)):
        found = importlib.import_module(f"storage.{module}")
        for name, value in sorted(vars(found).items()):
            listed = (
                value.items()
                if isinstance(value, dict)
                else enumerate(value)
                if isinstance(value, tuple)
                else [("", value)]
            )
            for key, each in listed:
                if isinstance(each, Select | Insert | Update | Delete | TextClause) and id(each) not in seen:
                    seen.add(id(each))
                    yield f"storage.{module}.{name}" + (f"[{key}]" if key != "" else ""), each


STATEMENTS = {name: each for name, each in prebuilt() if not name.startswith("storage.schema.")}


def sql_of(statement: Statement, dialect: Dialect) -> str:
    keys = [column.name for column in statement.table.columns] if isinstance(statement, Insert) else None
    return str(statement.compile(dialect=dialect, column_keys=keys))


def condition_of(sql: str) -> str:
    """What chooses or places the rows: an insert as a whole, else what stands after the first WHERE."""
    return sql if sql.startswith("INSERT") else sql.partition("WHERE")[2]


def touches(sql: str) -> set[str]:
    """Tables of tenants that are read or written."""
    named = re.findall(r"(?:FROM|JOIN|INTO|UPDATE)\s+\"?(\w+)\"?|,\s+\"?(\w+)\"?(?=\s+(?:AS|WHERE))", sql)
    return {one or other for one, other in named} & TENANT


def test_there_are_statements_of_every_kind() -> None:
    kinds = {type(each).__name__ for each in STATEMENTS.values()}
    assert kinds == {"Select", "Insert", "Update", "Delete", "TextClause"}
    assert len(STATEMENTS) > 60
    reached = {name for each in STATEMENTS.values() for name in touches(sql_of(each, DIALECTS["sqlite"]))}
    assert reached == TENANT


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_names_its_organisation(name: str, dialect: Dialect) -> None:
    sql = sql_of(STATEMENTS[name], dialect)
    if touches(sql) and name not in INSTALLATION_WIDE:
        assert re.search(r"org_id\"? = |INSERT INTO \"?\w+\"? \(\"?org_id", condition_of(sql)), sql


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_organisation_is_a_value_given_to_the_statement(name: str) -> None:
    """`a.org_id = b.org_id` alone chooses nothing."""
    statement = STATEMENTS[name]
    sql = sql_of(statement, DIALECTS["sqlite"])
    if not touches(sql) or name in INSTALLATION_WIDE:
        return
    keys = {each.key for each in iterate(statement) if isinstance(each, BindParameter)}
    if isinstance(statement, Insert):
        keys |= {column.name for column in statement.table.columns}
    assert keys & {"org_id", "of_org"}, sql


@pytest.mark.parametrize("name", [name for name, each in STATEMENTS.items() if isinstance(each, Update)])
def test_an_update_gives_no_value_the_name_of_a_column(name: str) -> None:
    """SQLAlchemy takes those names for SET; such a statement fails only when it is run."""
    statement = STATEMENTS[name]
    assert isinstance(statement, Update)
    columns = {column.name for column in statement.table.columns}
    assert not {each.key for each in iterate(statement) if isinstance(each, BindParameter)} & columns


def test_what_is_asked_of_the_whole_installation_is_still_asked() -> None:
    for name in INSTALLATION_WIDE:
        sql = sql_of(STATEMENTS[name], DIALECTS["postgresql"])
        assert touches(sql), name


def test_the_check_sees_a_statement_without_its_organisation() -> None:
    from sqlalchemy import select, update

    member = tables.member
    for statement in (
        select(member.c.id),
        update(member).values(name="x"),
        select(member).where(member.c.id == 1),
    ):
        sql = sql_of(statement, DIALECTS["sqlite"])
        assert touches(sql) == {"member"}
        assert "org_id = " not in condition_of(sql)
