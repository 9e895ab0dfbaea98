"""Column types that read the same from both databases."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant as microseconds since 1970 UTC; a naive value is refused."""

    impl = BigInteger
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


CENT = Decimal("0.01")


class Money(TypeDecorator[Decimal]):
    """An amount with 2 places as whole hundredths, so that both databases add and compare it exactly."""

    impl = BigInteger
    cache_ok = True

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        return None if value is None else int(value.quantize(CENT).scaleb(2))

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Ids(TypeDecorator[tuple[int, ...]]):
    """A short list of ids as `,3,14,`, so that LIKE finds one of them."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[tuple[int, ...]]:
        return tuple

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: Any) -> str:
        return "".join((",", *(f"{each}," for each in value))) if value else ","

    def process_result_value(self, value: str | None, dialect: Any) -> tuple[int, ...]:
        return tuple(int(each) for each in value.split(",") if each) if value else ()


class TextDate(sqlite.DATE):
    """A date as SQLite keeps it, written by the date itself: the same text in a quarter of the time."""

    def bind_processor(self, dialect: Any) -> Callable[[date | None], str | None]:
        return lambda value: None if value is None else date.isoformat(value)
