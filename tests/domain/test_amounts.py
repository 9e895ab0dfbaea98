"""Amounts of money, read, shown and doubted, phrase by phrase (`amounts.toml`) and whatever people type."""

import re
import shutil
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from domain.amounts import CENT, MOST_AMOUNT, suspicious
from domain.people import Language
from domain.refusals import NotUnderstood
from handlers.args import Amount, Args, fill
from handlers.reading.amounts import Money, amount, money, split_amount
from handlers.reading.typed import visible
from handlers.view import t
from handlers.words import TEXTS, Catalogue, catalogue

HERE = Path(__file__).parent
TABLE: dict[str, Any] = tomllib.loads((HERE / "amounts.toml").read_text(encoding="utf-8"))
PIECES = [row[0] for key in ("amount", "money", "split") for row in TABLE[key]]
PIECES += TABLE["no_amount"] + TABLE["not_split"]
# Every character of the table besides, to be put together anew.
CHARACTERS = sorted(set("".join(PIECES)))
PHRASES = st.lists(st.sampled_from(PIECES) | st.sampled_from(CHARACTERS), max_size=12).map("".join)
TYPED = st.text() | PHRASES | st.text(alphabet=CHARACTERS, max_size=20)
AMOUNTS = st.decimals(min_value=0, max_value=MOST_AMOUNT, places=2)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Texts of this test with the formats of the product."""
    folder = tmp_path_factory.mktemp("texts")
    shutil.copy(TEXTS / "formats.toml", folder)
    shutil.copy(HERE / "said.toml", folder)
    return Catalogue(folder)


def in_short(said: Catalogue, value: Decimal, language: Language) -> str:
    return said.say(t("said.worth", amount=value), language)


def in_full(said: Catalogue, value: Decimal, language: Language) -> str:
    return said.say(t("said.worth_exactly", amount=value), language)


@pytest.mark.parametrize(("text", "expected"), TABLE["amount"])
def test_an_amount_is_read(text: str, expected: str) -> None:
    # As text, so that the two places are seen.
    assert str(amount(text)) == expected


@pytest.mark.parametrize(("text", "expected", "currency"), TABLE["money"])
def test_a_currency_is_read(text: str, expected: str, currency: str) -> None:
    assert money(text) == Money(amount=Decimal(expected), currency=currency or None)


@pytest.mark.parametrize("text", TABLE["no_amount"])
def test_no_amount_is_read(text: str) -> None:
    assert amount(text) is None


@pytest.mark.parametrize(("text", "rest", "expected"), TABLE["split"])
def test_an_amount_is_cut_off_words(text: str, rest: str, expected: str) -> None:
    assert split_amount(text) == (rest, Decimal(expected))


@pytest.mark.parametrize("text", TABLE["not_split"])
def test_words_stay_whole(text: str) -> None:
    assert split_amount(text) == (text, None)


@pytest.mark.parametrize("row", TABLE["shown"], ids=lambda row: row[0])
def test_an_amount_is_shown(said: Catalogue, row: list[str]) -> None:
    value, *short, full = row
    assert [in_short(said, Decimal(value), language) for language in Language] == short
    assert {in_full(said, Decimal(value), language) for language in Language} == {full}


@pytest.mark.parametrize(("value", "own", "meant"), TABLE["suspicious"])
def test_a_slip_of_zeros_is_seen(value: str, own: list[str], meant: str) -> None:
    assert suspicious(Decimal(value), list(map(Decimal, own))) == (Decimal(meant) if meant else None)


class Won(Args):
    """A command that takes an amount."""

    lead = ("deal",)
    deal: str
    amount: Amount


@pytest.mark.parametrize(
    ("typed", "expected"), [("50k", Decimal(50_000)), ("\uffe5 1,200.5", Decimal("1200.50"))]
)
def test_an_argument_is_an_amount(typed: str, expected: Decimal) -> None:
    found = fill("won", Won, f"D12; amount: {typed}", {})
    assert isinstance(found, Won)
    assert found.amount == expected


@pytest.mark.parametrize("typed", ["a lot", "-5", "1.200"])
def test_an_argument_that_is_no_amount_is_refused_where_it_stands(typed: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        fill("won", Won, f"D12; amount: {typed}", {})
    assert (caught.value.key, caught.value.part) == ("args.no_amount", "amount")
    assert caught.value.values["said"] == typed


@pytest.mark.parametrize("language", Language)
def test_what_a_refusal_says_works_does(language: Language) -> None:
    refusal = catalogue().say(t("args.no_amount", said="x"), language)
    examples = re.split("[:\uff1a] ?", refusal)[-1]
    read = [amount(each) for each in re.split(", |\u3001", examples)]
    assert len(read) == 4
    assert None not in read


@given(TYPED)
def test_reading_never_fails(text: str) -> None:
    found = money(text)
    assert (found and found.amount) == amount(text)
    if found:
        assert 0 <= found.amount <= MOST_AMOUNT
        assert found.amount.as_tuple().exponent == -2
        assert found.currency is None or re.fullmatch("[A-Z]{3}", found.currency)


@given(TYPED)
def test_cutting_never_fails_and_leaves_words(text: str) -> None:
    words, found = split_amount(text)
    assert words or not visible(text)
    assert found is None or 0 <= found <= MOST_AMOUNT


@given(st.sampled_from(["Acme", "Blue Harbor", "3M", "Studio 54", "7-Eleven"]), AMOUNTS)
def test_an_amount_with_a_sign_is_found_whatever_it_is(name: str, value: Decimal) -> None:
    assert split_amount(f"{name} ${value:,} M3") == (f"{name} M3", value)


@given(AMOUNTS, st.sampled_from(Language))
def test_all_digits_read_back(said: Catalogue, value: Decimal, language: Language) -> None:
    assert amount(in_full(said, value, language)) == value


@given(st.integers(0, 999), st.integers(-2, 8), st.sampled_from(Language))
def test_three_digits_in_short_read_back(
    said: Catalogue, digits: int, power: int, language: Language
) -> None:
    value = Decimal(digits).scaleb(power)
    assert amount(in_short(said, value, language)) == value


@given(AMOUNTS, AMOUNTS, st.sampled_from(Language))
def test_in_short_keeps_the_order_and_is_near(
    said: Catalogue, one: Decimal, other: Decimal, language: Language
) -> None:
    less, more = (amount(in_short(said, value, language)) for value in sorted((one, other)))
    # Only what is rounded up to more than the most cannot be typed.
    if less is None or more is None:
        reject()
    assert less <= more
    assert abs(more - max(one, other)) <= max(max(one, other) / 200, CENT)


@given(AMOUNTS, st.sampled_from(Language))
def test_showing_what_was_shown_changes_nothing(said: Catalogue, value: Decimal, language: Language) -> None:
    short = in_short(said, value, language)
    again = amount(short)
    if again is None:
        reject()
    assert in_short(said, again, language) == short


OWN = st.lists(AMOUNTS, max_size=6)


@given(AMOUNTS, OWN)
def test_what_was_meant_is_nearer_to_what_is_usual(value: Decimal, own: list[Decimal]) -> None:
    meant = suspicious(value, own)
    if meant is None:
        return
    usual = sorted(own)[(len(own) - 1) // 2 : len(own) // 2 + 1]
    middle = sum(usual, Decimal(0)) / len(usual)
    assert 0 < meant <= MOST_AMOUNT
    assert max(meant / middle, middle / meant) < max(value / middle, middle / value)


@given(st.integers(1, 10**6), st.integers(1, 3), st.booleans())
def test_zeros_too_many_or_too_few_are_found_whatever_the_size(usual: int, zeros: int, many: bool) -> None:
    own = [Decimal(usual * 1000)] * 3
    assert suspicious(own[0].scaleb(zeros if many else -zeros), own) == own[0]
    assert suspicious(own[0], own) is None
