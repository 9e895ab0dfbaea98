"""Cards as JSON: what the outbox keeps is what was meant, whatever the blocks and their values."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.files import FileId, FileKind
from handlers.charting import charted
from handlers.charts import (
    BoardPlace,
    Funnel,
    FunnelStage,
    Leaderboard,
    Scorecard,
    ScoredLine,
    Theme,
    Trend,
    TrendPoint,
    Unit,
)
from handlers.view import (
    Ask,
    Attachment,
    Button,
    Card,
    Chart,
    Facts,
    Line,
    Mark,
    Note,
    Param,
    Progress,
    Steps,
    Text,
    Words,
    card,
    decode,
    encode,
    t,
)

PLAIN: st.SearchStrategy[Param] = st.one_of(
    st.text(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
)


def texts(params: st.SearchStrategy[Param]) -> st.SearchStrategy[Text]:
    filled: st.SearchStrategy[Mapping[str, Param]] = st.dictionaries(st.text(), params, max_size=3)
    return st.builds(Text, st.text(), filled)


TEXTS: st.SearchStrategy[Text] = st.recursive(texts(PLAIN), lambda inner: texts(PLAIN | inner), max_leaves=4)
WORDS: st.SearchStrategy[Words] = st.text() | TEXTS
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
NUMBERS = st.integers() | DECIMALS
DRAWINGS = st.one_of(
    st.builds(
        Funnel,
        title=WORDS,
        period=WORDS,
        stages=st.lists(
            st.builds(
                FunnelStage,
                name=WORDS,
                count=st.integers(),
                ideal=NUMBERS,
                amount=st.none() | DECIMALS,
                mark=st.none() | WORDS,
            ),
            max_size=3,
        ).map(tuple),
    ),
    st.builds(
        Scorecard,
        title=WORDS,
        period=WORDS,
        lines=st.lists(
            st.builds(
                ScoredLine,
                label=WORDS,
                score=st.none() | NUMBERS,
                weight=st.integers(),
                detail=st.none() | WORDS,
            ),
            max_size=3,
        ).map(tuple),
        total=st.none() | NUMBERS,
        remark=st.none() | WORDS,
    ),
    st.builds(
        Leaderboard,
        title=WORDS,
        period=WORDS,
        places=st.lists(
            st.builds(BoardPlace, rank=st.integers(1), name=WORDS, points=NUMBERS), max_size=3
        ).map(tuple),
        improved=st.none() | WORDS,
        team=st.none() | WORDS,
    ),
    st.builds(
        Trend,
        title=WORDS,
        period=WORDS,
        points=st.lists(st.builds(TrendPoint, label=WORDS, value=st.none() | NUMBERS), max_size=3).map(tuple),
        target=st.none() | NUMBERS,
        best=st.none() | NUMBERS,
        unit=st.sampled_from(Unit),
    ),
)
BLOCKS = st.one_of(
    st.builds(Line, WORDS, st.none() | st.sampled_from(Mark)),
    st.builds(Facts, st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple)),
    st.builds(Progress, WORDS, st.integers(), st.integers()),
    st.builds(Steps, st.lists(st.tuples(st.sampled_from(Mark), WORDS), max_size=3).map(tuple)),
    st.builds(Note, WORDS, st.booleans()),
    st.builds(Attachment, st.integers(1).map(FileId), st.text(), st.sampled_from(FileKind), WORDS),
    st.builds(Chart, DRAWINGS, WORDS, st.sampled_from(Theme)),
)
ROWS = st.lists(st.lists(st.builds(Button, WORDS, st.text()), max_size=3).map(tuple), max_size=3).map(tuple)
CARDS = st.builds(Card, st.lists(BLOCKS, max_size=4).map(tuple), ROWS, st.none() | st.text(min_size=1))


@given(CARDS)
def test_a_card_comes_back_as_it_was(shown: Card) -> None:
    assert decode(encode(shown)) == shown


@given(CARDS)
def test_equal_cards_have_equal_text(shown: Card) -> None:
    """The digest of the text decides whether an edit is sent."""
    assert encode(decode(encode(shown))) == encode(shown)


@pytest.mark.parametrize(
    "value",
    ["12", 12, Decimal("1.50"), date(2026, 3, 2), time(8, 30), datetime(2026, 3, 2, 8, 30, tzinfo=UTC)],
)
def test_a_value_keeps_its_type(value: Param) -> None:
    (line,) = decode(encode(card(t("any.key", value=value)))).blocks
    assert isinstance(line, Line)
    assert isinstance(line.words, Text)
    found = line.words.params["value"]
    assert (type(found), found) == (type(value), value)


def test_a_question_is_a_draft_and_no_letter() -> None:
    asked = card("Who?", ask=Ask("/visit Acme", "met"))
    assert decode(encode(asked)) == card("Who?")


def test_an_unknown_block_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such block"):
        decode('{"b":[["?",1]]}')


def test_the_files_of_a_card_stand_apart_from_its_words() -> None:
    picture = Attachment(FileId(3), "card.jpg", FileKind.PHOTO, "a business card")
    shown = card("one", picture, Note("two"))
    assert shown.attachments == (picture,)
    assert shown.without_attachments() == card("one", Note("two"))
    assert shown.without_charts() == shown


def test_a_picture_stands_with_the_files_and_can_be_left_out() -> None:
    drawn = charted(Trend(title="Points", period="2026-W10", points=(TrendPoint(label="W9", value=84),)))
    file = Attachment(FileId(3), "card.jpg", FileKind.PHOTO, "a business card")
    shown = card("one", drawn, file)
    assert shown.attachments == (drawn, file)
    assert shown.without_charts() == card("one", file)
    assert shown.without_attachments() == card("one")


def test_bare_words_become_lines_and_more_goes_to_the_end() -> None:
    shown = card("one", Note("two"), rows=((Button("A", "/a"), Button("B", "/b")),))
    more = shown.plus(Line("three"), rows=((Button("C", "/c"),),))
    assert more.blocks == (Line("one"), Note("two"), Line("three"))
    assert more.commands == ("/a", "/b", "/c")
