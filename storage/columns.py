"""What tables are made of: keys of an organisation's rows, references within it, personal words."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# A counter that never hands out the same number twice, on both databases.
Counter = BigInteger().with_variant(Integer, "sqlite")
# The rows that a partial index holds.
WHERE = "where"
# Words a person may ask to have erased; facts keep them in their side table only.
PERSONAL = {"personal": True}


def org_table(name: str, *columns: Column[Any] | ForeignKeyConstraint | UniqueConstraint | Index) -> Table:
    """A table of an organisation's rows; row-level security covers exactly these."""
    return Table(
        name,
        metadata,
        Column("org_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False),
        *columns,
        PrimaryKeyConstraint("org_id", "id"),
        ForeignKeyConstraint(["org_id"], ["org.id"]),
        info={"tenant": True},
    )


def to(table: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def number(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def word(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, info=PERSONAL)


def withdrawn() -> Column[bool]:
    return Column("withdrawn", Boolean, nullable=False, default=False)
