"""Tables that are pasted or sent: what is read of each, and which row, column and reason is named."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.refusals import NotFound, NotUnderstood, Refusal
from handlers.tables import MOST_ROWS, Column, decoded, table_of


def known(said: str) -> str:
    if said not in ("Ann", "Li Wei"):
        raise NotFound("colleague.nobody", name=said)
    return said


def number(said: str) -> Decimal:
    try:
        return Decimal(said)
    except ArithmeticError:
        raise NotUnderstood("kpis.no_value", said=said) from None


COLUMNS = (
    Column(field="who", key="kpis.column_member", words="kpis.member_words", read=known),
    Column(field="value", key="kpis.column_value", words="kpis.value_words", read=number),
    Column(field="note", key="kpis.column_note", words="kpis.note_words", read=str, required=False),
)


def read(said: str) -> tuple[list[tuple[int, Any]], list[tuple[int, str | None, str]]]:
    found = table_of(said, COLUMNS)
    good = [(row, (values["who"], values["value"], values["note"])) for row, values in found.good]
    broken = [
        (each.row, each.column.field if each.column else None, each.reason.key) for each in found.broken
    ]
    return good, broken


@pytest.mark.parametrize(
    "said",
    [
        "Ann,2,x",
        "Ann\t2\tx",
        "Ann; 2; x",
        "Ann | 2 | x",
        "Ann\uff0c2\uff0cx",
        "Ann\uff1b2\uff1bx",
        '"Ann","2","x"',
        "Ann 2 x",
        "value,who,note\n2,Ann,x",
        "Number\tWho\tNote\tsomething else\n2\tAnn\tx\ty",
    ],
)
def test_a_row_is_read_whatever_stands_between(said: str) -> None:
    good, broken = read(said)
    assert [values for _, values in good] == [("Ann", Decimal(2), "x")] and not broken


def test_a_name_of_two_words_is_one_cell_without_commas_too() -> None:
    assert read("Li Wei 2")[0] == [(1, ("Li Wei", Decimal(2), None))]


def test_a_broken_row_is_named_by_number_column_and_reason() -> None:
    good, broken = read("who,number\nAnn,2\n\nZed,3\nAnn,lots\nAnn\nAnn,1,x,y\nAnn,4")
    assert [row for row, _ in good] == [2, 8]
    assert broken == [
        (4, "who", "colleague.nobody"),
        (5, "value", "kpis.no_value"),
        (6, "value", "tables.empty"),
        (7, None, "tables.too_wide"),
    ]


def test_a_row_without_commas_that_fits_nowhere_is_broken_too() -> None:
    assert read("Zed 2")[1] == [(1, "who", "colleague.nobody")]
    assert read("Ann lots")[1] == [(1, "value", "kpis.no_value")]


def test_what_is_said_of_a_row_as_a_whole_stands_at_its_column() -> None:
    def whole(values: Any) -> Any:
        if values["value"] > 2:
            raise NotUnderstood("kpis.out_of_range", said="3").at("value")
        return {**values, "value": values["value"] * 2}

    found = table_of("Ann,2\nAnn,3", COLUMNS, whole)
    assert [values["value"] for _, values in found.good] == [4]
    assert [(each.row, each.column) for each in found.broken] == [(2, COLUMNS[1])]


@pytest.mark.parametrize("said", ["", "\n  \n", "who,number"])
def test_nothing_is_no_table(said: str) -> None:
    with pytest.raises(Refusal) as refused:
        table_of(said, COLUMNS)
    assert refused.value.key == "tables.nothing"


def test_too_many_rows_are_refused_as_a_whole() -> None:
    assert len(table_of("Ann,2\n" * MOST_ROWS, COLUMNS).good) == MOST_ROWS
    with pytest.raises(Refusal) as refused:
        table_of("Ann,2\n" * (MOST_ROWS + 1), COLUMNS)
    assert refused.value.key == "tables.too_many"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_files_of_every_office_are_decoded(coding: str) -> None:
    text = "\u738b\u82b3,2\r\n\u5b89,3"
    assert decoded(text.encode(coding)) == text.replace("\r\n", "\n")


def test_what_is_no_text_is_refused() -> None:
    for content in (b"\xff\xd8\xff\xe0\x00", b"a\0b"):
        with pytest.raises(Refusal):
            decoded(content)


@given(st.text(max_size=200))
def test_no_words_break_the_reader(said: str) -> None:
    """Whatever is pasted is read, broken, or refused."""
    try:
        found = table_of(said, COLUMNS)
    except Refusal:
        return
    rows = [row for row, _ in found.good] + [each.row for each in found.broken]
    assert len(rows) == len(set(rows)) > 0
