"""Milestone ladders: what is written is read again, whatever it is; versions are kept side by side."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.c139 import Item, Minimum
from domain.milestones import (
    MOST_DAYS,
    PROJECT,
    SHIPPED,
    Known,
    Phase,
    Requirement,
    Source,
    Stage,
    Template,
    TemplateId,
    Tool,
    revised,
)
from domain.stalled import SizeClass
from storage.templates import decoded, encoded
from tests.support.opened import NINE, Opened

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
REQUIREMENTS = st.builds(
    Requirement,
    code=WORDS,
    source=st.sampled_from(Source),
    known=st.none() | st.sampled_from(Known),
    tool=st.none() | st.sampled_from(Tool),
    item=st.none() | st.sampled_from(Item),
    text=WORDS,
    required=st.booleans(),
)
LISTS = st.lists(REQUIREMENTS, max_size=4).map(tuple)
STAGES = st.builds(
    Stage,
    number=st.integers(1, 6),
    phase=st.sampled_from(Phase),
    progress=st.integers(0, 100),
    days=st.integers(1, MOST_DAYS),
    conversion=st.fractions(0, 1, max_denominator=997),
    tasks=LISTS,
    evidence=LISTS,
    info=LISTS,
    tools=st.lists(st.sampled_from(Tool), max_size=4).map(tuple),
    minimum=st.builds(
        Minimum,
        clear=st.integers(0, 9),
        first=st.integers(0, 3),
        coach=st.booleans(),
        warns_without_win=st.booleans(),
    ),
    approval=st.booleans(),
    holds=st.none() | st.booleans(),
)
TEMPLATES = st.builds(
    Template,
    id=st.integers(1, 2**40).map(TemplateId),
    name=st.just("project"),
    version=st.integers(1, 10**6),
    stages=st.lists(STAGES, max_size=6).map(tuple),
    size=st.sampled_from(SizeClass),
)


@given(TEMPLATES)
def test_a_ladder_comes_back_as_it_was_written(template: Template) -> None:
    read = decoded(template.id, template.name, template.version, encoded(template))
    assert read == template
    for mine, theirs in zip(read.stages, template.stages, strict=True):
        assert type(mine.conversion) is Fraction
        assert [type(each.source) for each in mine.tasks] == [Source] * len(theirs.tasks)


def test_the_shipped_ladder_comes_back_too() -> None:
    assert decoded(SHIPPED, PROJECT.name, 0, encoded(PROJECT)) == PROJECT


def test_the_shipped_ladder_needs_no_row(books: Opened) -> None:
    org, _, _ = books.found()
    with books.store(org) as store:
        assert store.current_template("project") is PROJECT
        assert store.template(SHIPPED) is PROJECT
        assert store.template_version("project", 0) is PROJECT
        assert store.template_version("project", 1) is None
        assert store.template_version("other", 0) is None
        with pytest.raises(LookupError, match="no template 1"):
            store.template(TemplateId(1))


def test_the_newest_version_is_current_and_the_older_ones_stay(books: Opened) -> None:
    org, _, member = books.found()
    slow = revised(PROJECT, replace(PROJECT.stage(3), days=40), 1)
    slower = revised(slow, replace(slow.stage(3), days=50), 2)
    with books.store(org) as store:
        first = store.keep_template(slow, member, NINE)
        second = store.keep_template(slower, member, NINE)
        assert store.current_template("project") == replace(slower, id=second)
        assert store.template(first) == replace(slow, id=first)
        assert store.template_version("project", 1) == replace(slow, id=first)
        assert store.template_version("project", 2) == replace(slower, id=second)
        assert store.current_template("simple") is PROJECT
        assert not store.changed


def test_a_version_is_kept_once(books: Opened) -> None:
    org, _, member = books.found()
    with books.store(org) as store:
        store.keep_template(replace(PROJECT, version=1), member, NINE)
    with pytest.raises(Exception, match=r"(?i)unique"), books.store(org) as store:
        store.keep_template(replace(PROJECT, version=1), member, NINE)


def test_versions_of_two_organisations_are_numbered_apart(books: Opened) -> None:
    first, _, one = books.found()
    second, _, other = books.found("Acme")
    with books.store(first) as store:
        assert store.keep_template(replace(PROJECT, version=1), one, NINE) == 1
    with books.store(second) as store:
        assert store.current_template("project") is PROJECT
        assert store.keep_template(replace(PROJECT, version=1, size=SizeClass.LARGE), other, NINE) == 1
    with books.store(first) as store:
        assert store.current_template("project").size is SizeClass.STANDARD
