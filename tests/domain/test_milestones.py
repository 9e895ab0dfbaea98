"""The ladder: the one that ships is the method's table, what makes one inconsistent is found, one stage changes alone."""

import re
import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.c139 import Minimum
from domain.milestones import (
    FIELDS,
    LAST,
    MOST_DAYS,
    MOST_NAMED,
    PHASES,
    PROJECT,
    Flaw,
    Known,
    Phase,
    Requirement,
    Source,
    Stage,
    Template,
    Tool,
    every_tool,
    flaws,
    named,
    own_code,
    revised,
    with_one,
    without_one,
)
from domain.people import Language
from handlers.view import t
from handlers.words import catalogue

ROWS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "ladder.toml").read_text(encoding="utf-8")
)["row"]
NUMBERED = list(enumerate(ROWS, 1))
OWN = Requirement(code="own_1", source=Source.TICK, text="reference visit")


def english(key: str) -> str:
    return catalogue().say(t(key), Language.EN)


def minimum_of(written: str) -> Minimum:
    """`8C 1F (0W: allowed with warning)`."""
    counts = {letter: int(n) for n, letter in re.findall(r"(\d)([CF])", written)}
    return Minimum(
        clear=counts.get("C", 0),
        first=counts.get("F", 0),
        coach="coach" in written,
        warns_without_win="0W: allowed with warning" in written,
    )


@pytest.mark.parametrize(("number", "row"), NUMBERED)
def test_the_shipped_ladder_is_the_table(number: int, row: dict[str, Any]) -> None:
    stage = PROJECT.stage(number)
    assert f"{stage.progress} %" == row["progress"]
    assert str(stage.days) == row["days"]
    assert stage.conversion == Fraction(row["conversion"])
    assert stage.minimum == minimum_of(row["minimum"])
    assert [each.code for each in stage.tasks] == [code for _, code in row["tasks"]]
    assert [each.code for each in stage.evidence] == [code for _, code in row["evidence"]]
    assert stage.approval is row.get("approval", False)
    assert stage.holds is None
    assert all(each.required for each in (*stage.tasks, *stage.evidence))
    # M6 is left by the contract alone.
    assert ("contract" in row["minimum"]) is (stage.minimum == Minimum())


@pytest.mark.parametrize(("number", "row"), NUMBERED)
def test_its_words_are_those_of_the_table(number: int, row: dict[str, Any]) -> None:
    assert english(f"milestone.m{number}") == row["milestone"]
    assert english(f"milestone.criterion_{number}") == row["success"]
    assert row["phase"].split(" / ")[0].split()[-1] in english(
        f"milestone.phase_{PROJECT.stage(number).phase}"
    )


def test_there_are_six_stages_of_rising_progress() -> None:
    assert len(PROJECT.stages) == len(ROWS) == LAST
    assert flaws(PROJECT) == ()
    places = [PHASES.index(stage.phase) for stage in PROJECT.stages]
    assert places == sorted(places)
    assert max(len(stage.tasks) for stage in PROJECT.stages) <= MOST_NAMED


@pytest.mark.parametrize("stage", PROJECT.stages, ids=lambda stage: f"M{stage.number}")
def test_a_requirement_says_where_it_is_known_from(stage: Stage) -> None:
    for each in (*stage.tasks, *stage.evidence, *stage.info):
        there = {Source.FACT: each.known, Source.SHEET: each.tool, Source.RATED: each.item}
        assert {source for source, value in there.items() if value is not None} == {each.source} & set(there)
    # A card that a task asks for is in the tool kit of its stage.
    sheets = {each.tool for each in stage.tasks if each.source is Source.SHEET}
    assert sheets <= set(stage.tools)
    assert len(stage.info) == len({each.code for each in stage.info}) > 0


def test_every_fact_and_every_card_of_the_tool_kit_is_asked_for() -> None:
    asked = {each.known for stage in PROJECT.stages for each in (*stage.tasks, *stage.evidence) if each.known}
    assert asked == set(Known)
    assert set(every_tool(PROJECT.stages)) == set(Tool) == set(FIELDS)
    assert len(every_tool(PROJECT.stages)) == len(Tool)


def test_remaining_conversion_is_the_product_from_a_milestone_on() -> None:
    product = Fraction(1)
    for stage in reversed(PROJECT.stages):
        product *= stage.conversion
        assert PROJECT.remaining_conversion(stage.number) == product
    assert PROJECT.remaining_conversion(LAST + 1) == 1
    with pytest.raises(LookupError, match="no milestone 7"):
        PROJECT.stage(7)


def third(**values: object) -> Template:
    """The shipped ladder with something otherwise at M3."""
    return revised(PROJECT, replace(PROJECT.stage(3), **values), 1)  # type: ignore[arg-type]


def optional(requirements: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    return tuple(replace(each, required=False) for each in requirements)


M3 = PROJECT.stage(3)
WRONG: dict[str, tuple[Template, tuple[tuple[Flaw, int], ...]]] = {
    "no stages": (replace(PROJECT, stages=()), ((Flaw.STAGES, 0),)),
    "a stage twice": (replace(PROJECT, stages=(*PROJECT.stages, M3)), ((Flaw.STAGES, 0),)),
    "a stage missing": (replace(PROJECT, stages=PROJECT.stages[1:]), ((Flaw.STAGES, 0),)),
    "progress of the one before": (third(progress=25), ((Flaw.PROGRESS, 3),)),
    "progress of the one after": (third(progress=60), ((Flaw.PROGRESS, 4),)),
    "progress of a won deal": (
        revised(PROJECT, replace(PROJECT.stage(6), progress=100), 1),
        ((Flaw.PROGRESS, 6),),
    ),
    "no progress": (revised(PROJECT, replace(PROJECT.stage(1), progress=0), 1), ((Flaw.PROGRESS, 1),)),
    "no day": (third(days=0), ((Flaw.DAYS, 3),)),
    "too many days": (third(days=MOST_DAYS + 1), ((Flaw.DAYS, 3),)),
    "nobody goes on": (third(conversion=Fraction(0)), ((Flaw.CONVERSION, 3),)),
    "more than all go on": (third(conversion=Fraction(101, 100)), ((Flaw.CONVERSION, 3),)),
    "C falls": (third(minimum=Minimum(clear=4)), ((Flaw.MINIMUM, 3),)),
    "C falls after it": (third(minimum=Minimum(clear=8)), ((Flaw.MINIMUM, 4),)),
    "F falls after it": (third(minimum=Minimum(clear=6, first=2)), ((Flaw.MINIMUM, 4),)),
    "ten C": (
        revised(PROJECT, replace(PROJECT.stage(6), minimum=Minimum(clear=10)), 1),
        ((Flaw.MINIMUM, 6),),
    ),
    "four F": (
        revised(PROJECT, replace(PROJECT.stage(6), minimum=Minimum(first=4)), 1),
        ((Flaw.MINIMUM, 6),),
    ),
    "less than no C": (
        revised(PROJECT, replace(PROJECT.stage(6), minimum=Minimum(clear=-1)), 1),
        ((Flaw.MINIMUM, 6),),
    ),
    "no task": (third(tasks=()), ((Flaw.TASKS, 3),)),
    "only optional tasks": (third(tasks=optional(M3.tasks)), ((Flaw.TASKS, 3),)),
    "no evidence": (third(evidence=()), ((Flaw.EVIDENCE, 3),)),
    "only optional evidence": (third(evidence=optional(M3.evidence)), ((Flaw.EVIDENCE, 3),)),
    "a task twice": (third(tasks=(*M3.tasks, M3.tasks[0])), ((Flaw.TWICE, 3),)),
    "a task that is evidence too": (third(tasks=(*M3.tasks, M3.evidence[0])), ((Flaw.TWICE, 3),)),
}


@pytest.mark.parametrize(("template", "found"), WRONG.values(), ids=WRONG)
def test_what_makes_a_ladder_inconsistent_is_found(
    template: Template, found: tuple[tuple[Flaw, int], ...]
) -> None:
    assert flaws(template) == found


def test_every_flaw_has_an_example() -> None:
    assert {flaw for _, found in WRONG.values() for flaw, _ in found} == set(Flaw)


@pytest.mark.parametrize(
    "template",
    [
        third(days=1),
        third(days=MOST_DAYS),
        third(progress=26),
        third(progress=59),
        third(conversion=Fraction(1)),
        third(minimum=Minimum(clear=5)),
        third(minimum=Minimum(clear=7, first=1)),
        third(tasks=(replace(M3.tasks[0], required=False), *M3.tasks[1:])),
    ],
)
def test_what_lies_just_inside_is_no_flaw(template: Template) -> None:
    assert flaws(template) == ()


@given(
    number=st.integers(1, LAST),
    days=st.integers(-5, MOST_DAYS + 5),
    version=st.integers(1, 99),
)
def test_a_revision_changes_one_stage_and_no_other(number: int, days: int, version: int) -> None:
    stage = replace(PROJECT.stage(number), days=days)
    found = revised(PROJECT, stage, version)
    assert found.version == version
    assert found.stage(number) == stage
    assert [each for each in found.stages if each.number != number] == [
        each for each in PROJECT.stages if each.number != number
    ]
    assert (flaws(found) == ()) is (1 <= days <= MOST_DAYS)
    assert (found.id, found.name, found.size) == (PROJECT.id, PROJECT.name, PROJECT.size)


def test_an_own_requirement_has_a_code_that_is_free_in_the_whole_ladder() -> None:
    assert own_code(PROJECT) == "own_1"
    once = third(tasks=with_one(M3.tasks, OWN))
    assert own_code(once) == "own_2"
    proof = replace(OWN, code="own_7", source=Source.GIVEN)
    stage = replace(PROJECT.stage(5), evidence=with_one(PROJECT.stage(5).evidence, proof))
    assert own_code(revised(once, stage, 2)) == "own_8"


@pytest.mark.parametrize("requirement", M3.tasks, ids=lambda each: each.code)
def test_a_shipped_requirement_is_set_aside_and_comes_back_in_its_place(requirement: Requirement) -> None:
    less = without_one(M3.tasks, requirement.code)
    assert [each.code for each in less] == [each.code for each in M3.tasks]
    assert [each for each in less if not each.required] == [replace(requirement, required=False)]
    assert with_one(less, requirement) == M3.tasks


def test_an_own_requirement_goes_for_good() -> None:
    more = with_one(M3.tasks, OWN)
    assert more == (*M3.tasks, OWN)
    assert named(more, "own_1") == OWN
    assert without_one(more, "own_1") == M3.tasks
    assert named(M3.tasks, "own_1") is None


def test_the_phases_are_the_buyers_in_their_order() -> None:
    assert PHASES == (
        Phase.NEED,
        Phase.APPROVED,
        Phase.PRE_SELECTION,
        Phase.COMPARISON,
        Phase.DECISION,
        Phase.DELIVERY,
    )
