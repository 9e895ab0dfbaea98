"""The free-text reader, phrase by phrase: `reading.toml` is the table, in both languages."""

import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from handlers.reading import moments, names, typed

TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "reading.toml").read_text(encoding="utf-8"))
TODAY: date = TABLE["today"]
KNOWN = [(at, name, names.fold(name)) for at, name in enumerate(TABLE["known"])]


def at_moment(on: str, at: str) -> moments.Moment:
    return moments.Moment(
        on=date.fromisoformat(on) if on else None, at=time.fromisoformat(at) if at else None
    )


@pytest.mark.parametrize(("text", "on", "at"), TABLE["moment"])
def test_a_moment_is_read(text: str, on: str, at: str) -> None:
    assert moments.moment(text, TODAY) == at_moment(on, at)


@pytest.mark.parametrize("text", TABLE["no_moment"])
def test_no_moment_is_read(text: str) -> None:
    assert moments.moment(text, TODAY) is None


@pytest.mark.parametrize(("text", "rest", "on", "at"), TABLE["split"])
def test_a_moment_is_cut_off_a_name(text: str, rest: str, on: str, at: str) -> None:
    assert moments.split_moment(text, TODAY) == (rest, at_moment(on, at))


@pytest.mark.parametrize("text", TABLE["not_split"])
def test_a_name_stays_whole(text: str) -> None:
    assert moments.split_moment(text, TODAY) == (text, None)


@pytest.mark.parametrize(("text", "rest", "on", "at"), TABLE["promise"])
def test_a_promise_has_a_date(text: str, rest: str, on: str, at: str) -> None:
    assert moments.promise(text, TODAY) == (rest, at_moment(on, at))


@pytest.mark.parametrize("text", TABLE["no_promise"])
def test_a_promise_without_a_date_stays_whole(text: str) -> None:
    assert moments.promise(text, TODAY) == (text, None)


@pytest.mark.parametrize(("text", "first", "last"), TABLE["span"])
def test_a_range_is_read(text: str, first: str, last: str) -> None:
    assert moments.span(text, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", TABLE["no_span"])
def test_no_range_is_read(text: str) -> None:
    assert moments.span(text, TODAY) is None


@pytest.mark.parametrize(("text", "expected"), TABLE["clean"])
def test_typed_text_is_cleaned(text: str, expected: str) -> None:
    assert typed.clean(text) == expected
    assert typed.visible(text) is bool(expected)


@pytest.mark.parametrize("spellings", TABLE["same_fold"])
def test_spellings_of_one_customer_fold_alike(spellings: list[str]) -> None:
    assert {names.fold(name) for name in spellings} == {spellings[0].lower()}


@pytest.mark.parametrize(("name", "expected"), TABLE["initials"])
def test_initials_are_those_people_type(name: str, expected: str) -> None:
    assert names.initials(name) == expected


@pytest.mark.parametrize(("name", "expected"), TABLE["near"])
def test_near_names_are_asked_about(name: str, expected: list[str]) -> None:
    assert [TABLE["known"][at] for at in names.near(name, KNOWN)] == expected


def test_a_slip_in_a_short_name_is_asked_about() -> None:
    assert names.near("Acne", [(7, "Acme Ltd", "acme"), (8, "Orbit", "orbit")]) == (7,)


def test_at_most_three_names_are_asked_about() -> None:
    known = [(at, name := f"Acme {place}", names.fold(name)) for at, place in enumerate("ABCDE")]
    assert len(names.near("Acme", known)) == 3


@pytest.mark.parametrize(("text", "expected"), TABLE["people"])
def test_people_are_read_with_their_titles(text: str, expected: list[list[str]]) -> None:
    assert [list(person) for person in names.people(text)] == expected
