"""What holds for the free-text reader whatever people type."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.reading import moments, names, typed
from tests.domain.test_reading_examples import TABLE

PIECES = [
    str(row[0]) for key in ("moment", "split", "promise", "span", "clean", "people") for row in TABLE[key]
]
PHRASES = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=5).map("".join)
TEXTS = st.text() | PHRASES
NAMES = TEXTS | st.sampled_from([name for spellings in TABLE["same_fold"] for name in spellings])
KNOWN = st.lists(st.tuples(st.integers(), NAMES), max_size=8).map(
    lambda rows: [(at, name, names.fold(name)) for at, name in rows]
)

# The first Chinese name imports the large libraries.
unhurried = settings(deadline=None)


@given(TEXTS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert typed.clean(typed.clean(text)) == typed.clean(text)


@unhurried
@given(NAMES)
def test_folding_twice_changes_nothing(name: str) -> None:
    assert names.fold(names.fold(name)) == names.fold(name)


@unhurried
@given(NAMES)
def test_a_visible_name_has_a_fold(name: str) -> None:
    assert names.fold(name) or not typed.visible(name)


@given(TEXTS, st.dates())
def test_reading_never_fails(text: str, today: date) -> None:
    moment = moments.moment(text, today)
    assert moment is None or moment.on or moment.at is not None
    for words, _ in (moments.split_moment(text, today), moments.promise(text, today)):
        assert words or not typed.visible(text)
    days = moments.span(text, today)
    assert days is None or days[0] <= days[1]


@given(st.dates(), st.dates(min_value=date(1, 7, 10), max_value=date(9999, 6, 1)))
def test_a_month_and_day_lie_around_today(day: date, today: date) -> None:
    moment = moments.moment(f"{day.month}/{day.day}", today)
    assert moment or (day.month, day.day) == (2, 29)
    if moment:
        assert moment.on and timedelta(days=-185) <= moment.on - today <= timedelta(days=180)


@unhurried
@given(NAMES, KNOWN)
def test_near_names_are_known_and_few(name: str, known: list[tuple[int, str, str]]) -> None:
    near = names.near(name, known)
    assert len(near) <= 3
    assert set(near) <= {at for at, _, _ in known}


@unhurried
@given(NAMES)
def test_initials_and_people_never_fail(text: str) -> None:
    names.initials(text)
    assert all(name for name, _ in names.people(text))
