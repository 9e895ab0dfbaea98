"""The grammar of arguments: words first, then named parts (product 3), with `args.toml` as its table."""

import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.refusals import NotUnderstood
from handlers.args import Args, Missing, NoArgs, Promise, fill, part_specs, split_parts
from handlers.reading.moments import Moment
from handlers.reading.typed import clean
from handlers.recording import RecordArgs
from handlers.registry import Command, registry

TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "args.toml").read_text(encoding="utf-8"))
# A Monday.
TODAY = date(2026, 3, 2)
CONTEXT = {"today": TODAY}
VISIT = part_specs("visit", RecordArgs)


@pytest.mark.parametrize(("typed", "lead", "parts"), TABLE["split"])
def test_a_line_is_cut_into_words_and_parts(typed: str, lead: str, parts: dict[str, str]) -> None:
    assert split_parts(VISIT, clean(typed)) == (lead, parts)


@pytest.mark.parametrize(("typed", "part"), TABLE["unknown"])
def test_an_unknown_part_is_named(typed: str, part: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        split_parts(VISIT, clean(typed))
    assert caught.value.key == "args.unknown_part"
    assert caught.value.values["part"] == part
    assert "met" in str(caught.value.values["known"])


def visit(typed: str) -> RecordArgs:
    found = fill("visit", RecordArgs, clean(typed), CONTEXT)
    assert isinstance(found, RecordArgs)
    return found


@pytest.mark.parametrize(
    ("typed", "customer", "when"),
    [
        ("Acme", "Acme", None),
        ("Blue Harbor", "Blue Harbor", None),
        ("Acme Thu 3pm", "Acme", Moment(on=date(2026, 3, 5), at=time(15))),
        ("Acme yesterday", "Acme", Moment(on=date(2026, 3, 1), at=None)),
        ("Acme 15:00", "Acme", Moment(on=TODAY, at=time(15))),
        ("Acme\nwhen: 2026-03-06", "Acme", Moment(on=date(2026, 3, 6), at=None)),
        ("V81", "V81", None),
    ],
)
def test_the_leading_words_are_the_customer_and_the_moment(
    typed: str, customer: str, when: Moment | None
) -> None:
    found = visit(typed)
    assert (found.customer, found.when) == (customer, when)


@pytest.mark.parametrize(
    ("typed", "promise"),
    [
        ("send quote by Fri", Promise(text="send quote", due_on=date(2026, 3, 6), due_time=None)),
        ("send quote", Promise(text="send quote", due_on=None, due_time=None)),
        ("call Wed 3pm", Promise(text="call", due_on=date(2026, 3, 4), due_time=time(15))),
        ("call at 15:00", Promise(text="call", due_on=TODAY, due_time=time(15))),
    ],
)
def test_a_next_step_has_words_and_a_date(typed: str, promise: Promise) -> None:
    assert visit(f"Acme\nnext: {typed}").next == promise


@pytest.mark.parametrize(
    ("typed", "missing"),
    [
        ("", Missing(line="/visit", part="customer")),
        ("result: ok", Missing(line="/visit\nresult: ok", part="customer")),
        ("Acme\nmet:", Missing(line="/visit Acme", part="met")),
        ("Acme\nmet:\nresult: ok", Missing(line="/visit Acme\nresult: ok", part="met")),
        ("V81\nnext:", Missing(line="/visit V81", part="next")),
    ],
)
def test_what_is_not_there_is_asked(typed: str, missing: Missing) -> None:
    assert fill("visit", RecordArgs, typed, CONTEXT) == missing


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Acme\nwhen: some day", "args.no_date"),
        ("Acme\nnext: send quote by 2026-03-01", "args.past_date"),
        (f"Acme\nresult: {'x' * 1001}", "args.too_long"),
        ("Acme\nprice: 50k", "args.unknown_part"),
    ],
)
def test_what_does_not_fit_is_refused(typed: str, key: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        fill("visit", RecordArgs, typed, CONTEXT)
    assert caught.value.key == key


def test_a_command_without_arguments_says_so() -> None:
    with pytest.raises(NotUnderstood) as caught:
        fill("cancel", NoArgs, "everything", CONTEXT)
    assert (caught.value.key, caught.value.values["said"]) == ("args.takes_nothing", "everything")
    assert fill("cancel", NoArgs, "", CONTEXT) == NoArgs()


def test_a_command_is_written_again_with_another_part() -> None:
    found = visit("Acne Thu 3pm\nmet: Li Wei\nnext: quote by Fri")
    line = found.again("visit", customer="A7")
    assert line == "/visit A7 2026-03-05 15:00\nmet: Li Wei\nnext: quote by Fri"
    again = visit(line.removeprefix("/visit "))
    assert again.model_dump() == {**found.model_dump(), "customer": "A7"}


PART_NAMES = sorted({name for each in registry().commands.values() for p in each.parts for name in p.names})
TYPED = st.lists(
    st.sampled_from([f"{end}{name}{colon}" for name in PART_NAMES for end in "\n; " for colon in (":", " :")])
    | st.sampled_from(
        ["Acme", "Thu 3pm", "15:00", "2026-03-06", "V8", '"', "\u0131tem:", "\u017f:", "on", "drop"]
    )
    | st.text(max_size=6),
    max_size=8,
).map("".join)


@settings(deadline=None)
@given(st.sampled_from(list(registry().commands.values())), TYPED)
def test_whatever_is_typed_is_filled_asked_or_refused(declared: Command, typed: str) -> None:
    try:
        found = fill(declared.name, declared.args, clean(typed), CONTEXT)
    except NotUnderstood:
        return
    if isinstance(found, Missing):
        assert found.part in declared.args.model_fields
        assert found.line.startswith(f"/{declared.name}")
    else:
        assert isinstance(found, Args)


@pytest.mark.parametrize("typed", ["drop\n\u0131tem: S1", "S1\n\u0130TEM: x"])
def test_a_letter_that_only_looks_like_a_part_is_no_part(typed: str) -> None:
    with pytest.raises(NotUnderstood):
        fill("done", registry().commands["done"].args, typed, CONTEXT)
