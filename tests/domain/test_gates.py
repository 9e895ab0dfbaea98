"""Every gate of the shipped ladder: open with all that it asks for, and naming exactly the one thing that is not there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.c139 import Item, Need, Rating, Short
from domain.coverage import uncovered
from domain.customers import ContactId
from domain.deals import BuyingRole, Checked, Dossier, Part, Seller, Tick
from domain.gates import (
    HOLDS_FROM,
    Caution,
    Gate,
    gate,
    holds,
    is_ahead,
    is_fresh,
    knows,
    met,
    owner_share,
    progress,
    proof_of,
    warnings,
)
from domain.milestones import (
    FIRST,
    LAST,
    PHASES,
    PROJECT,
    Known,
    Phase,
    Requirement,
    Source,
    Stage,
    Tool,
    revised,
    with_one,
    without_one,
)
from domain.people import MemberId
from tests.domain.dossiers import (
    DEAL,
    ENTERED,
    LONG_AGO,
    ME,
    TODAY,
    WITHOUT,
    buyer,
    deal,
    proof,
    rated,
    sheet,
    standing,
    visit,
    whole,
    without,
)

STAGES = PROJECT.stages
EVERY_TASK = [(stage, each) for stage in STAGES for each in stage.tasks]
EVERY_PROOF = [(stage, each) for stage in STAGES for each in stage.evidence]
NUMBERS = st.integers(FIRST, LAST)


def named(case: object) -> str:
    return f"M{case.number}" if isinstance(case, Stage) else getattr(case, "code", str(case))


def seen(dossier: Dossier, today: date = TODAY) -> Gate:
    return gate(dossier, today, organisation_since=LONG_AGO)


def lacking(dossier: Dossier, today: date = TODAY) -> tuple[list[str], list[str], tuple[Short, ...], bool]:
    found = seen(dossier, today)
    return (
        [each.code for each in found.tasks],
        [each.code for each in found.evidence],
        found.short,
        found.approval,
    )


@pytest.mark.parametrize("stage", STAGES, ids=named)
def test_a_gate_opens_when_all_is_there(stage: Stage) -> None:
    found = seen(whole(stage.number))
    assert found.is_open and found.is_ready and found.missing == 0
    assert lacking(whole(stage.number)) == ([], [], (), False)
    assert found.warnings == ()
    assert found.milestone == stage.number


@pytest.mark.parametrize(("stage", "task"), EVERY_TASK, ids=named)
def test_one_task_that_is_not_done_is_named_and_nothing_else(stage: Stage, task: Requirement) -> None:
    dossier = without(whole(stage.number), task)
    assert lacking(dossier) == ([task.code], [], (), False)
    assert not seen(dossier).is_open and not seen(dossier).is_ready
    assert seen(dossier).missing == 1


@pytest.mark.parametrize(("stage", "evidence"), EVERY_PROOF, ids=named)
def test_one_proof_that_is_not_there_is_named_and_nothing_else(stage: Stage, evidence: Requirement) -> None:
    dossier = without(whole(stage.number), evidence)
    assert lacking(dossier) == ([], [evidence.code], (), False)
    assert not seen(dossier).is_open
    assert seen(dossier).missing == 1


@pytest.mark.parametrize("stage", STAGES, ids=named)
def test_all_that_is_missing_is_named_at_once_in_the_order_of_the_ladder(stage: Stage) -> None:
    bare = Dossier(
        deal=deal(stage.number, amount=None, close_on=None, budget=None, contract=""),
        template=PROJECT,
        key_customer=True,
    )
    tasks, evidence, short, approval = lacking(bare)
    assert tasks == [each.code for each in stage.tasks]
    assert evidence == [each.code for each in stage.evidence]
    assert {each.need: each.by for each in short} == {
        need: by
        for need, by in (
            (Need.CLEAR, stage.minimum.clear),
            (Need.FIRST, stage.minimum.first),
            (Need.COACH, int(stage.minimum.coach)),
        )
        if by
    }
    assert approval is stage.approval
    assert seen(bare).missing == len(tasks) + len(evidence) + len(short)


def test_every_fact_can_go_missing() -> None:
    """What the ladder learns to ask for has to be taken away here too, or its refusal is not tried."""
    assert set(WITHOUT) == set(Known)


@pytest.mark.parametrize("known", Known)
def test_a_fact_is_known_or_it_is_not(known: Known) -> None:
    stage = next(each for each in STAGES for one in (*each.tasks, *each.evidence) if one.known is known)
    dossier = whole(stage.number)
    assert knows(known, dossier, TODAY)
    assert not knows(known, WITHOUT[known](dossier), TODAY)


@pytest.mark.parametrize("stage", STAGES, ids=named)
def test_what_is_to_be_known_keeps_no_gate_shut(stage: Stage) -> None:
    """Required information is shown with the stage; only its C/F/W counts at the gate."""
    facts = [each for each in stage.info if each.source is Source.FACT and each not in stage.tasks]
    dossier = whole(stage.number)
    for each in facts:
        dossier = without(dossier, each)
        assert not met(each, dossier, TODAY, stage.number)
    assert seen(dossier).is_open
    items = [each for each in stage.info if each.source is Source.RATED]
    assert items and all(met(each, whole(stage.number), TODAY, stage.number) for each in items)
    assert not any(met(each, without(whole(stage.number), each), TODAY, stage.number) for each in items)


# The approval.


def test_a_manager_has_to_agree_where_the_ladder_says_so() -> None:
    dossier = whole(1)
    asked = replace(dossier, deal=replace(dossier.deal, approved=0))
    assert lacking(asked) == ([], [], (), True)
    assert seen(asked).is_ready and not seen(asked).is_open
    assert seen(asked).missing == 0
    for stage in STAGES[1:]:
        dossier = whole(stage.number)
        assert seen(replace(dossier, deal=replace(dossier.deal, approved=0))).is_open


# C/F/W.


@pytest.mark.parametrize("stage", STAGES, ids=named)
def test_the_minimum_is_counted_in_confirmed_items(stage: Stage) -> None:
    least = stage.minimum
    enough = standing(least.clear, least.first)
    dossier = replace(whole(stage.number), checked=rated(enough, coach=True))
    assert seen(dossier).short == ()
    claimed = replace(dossier, checked=rated(enough, by=None))
    assert seen(claimed).short == tuple(
        Short(need=need, by=by)
        for need, by in (
            (Need.CLEAR, least.clear),
            (Need.FIRST, least.first),
            (Need.COACH, int(least.coach)),
        )
        if by
    )


@pytest.mark.parametrize("stage", [each for each in STAGES if each.minimum.clear], ids=named)
@pytest.mark.parametrize("less", [1, 2, 3])
def test_a_clear_item_less_is_short_by_one(stage: Stage, less: int) -> None:
    items = standing(stage.minimum.clear - less, 3, 1)
    dossier = replace(whole(stage.number), checked=rated(items, coach=True))
    assert lacking(dossier) == ([], [], (Short(need=Need.CLEAR, by=less),), False)
    assert not seen(dossier).is_open


@pytest.mark.parametrize("stage", [each for each in STAGES if each.minimum.first], ids=named)
def test_a_first_item_less_is_short_by_one(stage: Stage) -> None:
    items = standing(9, stage.minimum.first - 1, 1)
    dossier = replace(whole(stage.number), checked=rated(items, coach=True))
    assert lacking(dossier) == ([], [], (Short(need=Need.FIRST, by=1),), False)


def test_only_m2_asks_for_a_coach_who_confirmed_something() -> None:
    for stage in STAGES:
        dossier = replace(whole(stage.number), checked=rated(Item))
        expected = (Short(need=Need.COACH, by=1),) if stage.number == 2 else ()
        assert seen(dossier).short == expected
    named_only = replace(whole(2), checked=rated(Item))
    assert named_only.with_role(BuyingRole.COACH) and not named_only.coached


def test_a_word_without_a_note_of_ten_letters_or_a_source_counts_for_nothing() -> None:
    thin = [replace(each, note="yes") for each in rated(Item)]
    nameless = [replace(each, source="") for each in rated(Item)]
    for checked in (thin, nameless):
        assert seen(replace(whole(3), checked=checked)).short == (Short(need=Need.CLEAR, by=6),)


def test_m5_may_be_left_without_w_but_warns_and_so_does_what_follows() -> None:
    without_win = replace(whole(5), checked=rated(standing(8, 1), coach=True))
    assert seen(without_win).is_open
    assert seen(without_win).warnings == (Caution.TOP_UNCONFIRMED,)
    with_win = replace(whole(5), checked=rated(standing(8, 1, 1), coach=True))
    assert seen(with_win).warnings == ()
    claimed = replace(
        with_win,
        checked=[
            replace(each, confirmed_by=None, coach_id=None) if each.item is Item.W else each
            for each in with_win.checked
        ],
    )
    assert seen(claimed).warnings == (Caution.TOP_UNCONFIRMED,)
    for stage in STAGES:
        warned = warnings(replace(whole(stage.number), checked=()))
        assert (Caution.TOP_UNCONFIRMED in warned) == (stage.number > 4)


@pytest.mark.parametrize("stage", STAGES, ids=named)
def test_where_the_checklist_is_neither_asked_nor_rated_the_minimum_is_skipped(stage: Stage) -> None:
    plain = replace(whole(stage.number), key_customer=False, checked=())
    assert not plain.asks_c139 and not plain.weighs_c139
    assert seen(plain).short == () and seen(plain).is_open
    if stage.minimum.clear:
        one = replace(plain, checked=rated([Item.C1]))
        assert one.weighs_c139
        assert seen(one).short[0] == Short(need=Need.CLEAR, by=stage.minimum.clear - 1)


@pytest.mark.parametrize(
    ("amount", "average", "asked"),
    [
        (Decimal("200000.00"), Decimal(100_000), True),
        (Decimal("199999.99"), Decimal(100_000), False),
        (Decimal(200_000), None, False),
        (Decimal(200_000), Decimal(0), False),
        (None, Decimal(100_000), False),
    ],
)
def test_it_is_asked_on_deals_of_twice_the_average(
    amount: Decimal | None, average: Decimal | None, *, asked: bool
) -> None:
    dossier = Dossier(deal=deal(3, amount=amount), template=PROJECT, average=average)
    assert dossier.asks_c139 is asked
    assert bool(seen(dossier).short) is asked
    assert replace(dossier, key_customer=True).asks_c139


def test_a_thin_word_alone_does_not_make_the_minimum_count() -> None:
    thin: Sequence[Checked] = [replace(each, note="maybe") for each in rated([Item.C1])]
    dossier = replace(whole(3), key_customer=False, checked=thin)
    assert dossier.ratings == {
        Item.C1: Rating(item=Item.C1, note="maybe", has_source=True, confirmed=True, on=TODAY)
    }
    assert seen(dossier).short == ()


# Proof.


@pytest.mark.parametrize(("days", "fresh"), [(0, True), (89, True), (90, True), (91, False), (400, False)])
def test_proof_and_stances_live_for_ninety_days(days: int, *, fresh: bool) -> None:
    on = TODAY - timedelta(days=days)
    assert is_fresh(on, TODAY) is fresh
    dossier = whole(3)
    older = replace(dossier, evidence=[replace(each, given_on=on) for each in dossier.evidence])
    assert lacking(older)[1] == ([] if fresh else ["minutes", "customer_view"])
    fifth = whole(5)
    said = replace(fifth, buyers=[replace(each, stance_on=on) for each in fifth.buyers])
    assert lacking(said)[1] == ([] if fresh else ["executive_stance"])


def test_the_latest_proof_that_was_not_superseded_counts() -> None:
    minutes = STAGES[2].evidence[0]
    old = TODAY - timedelta(days=91)
    first = proof(1, 3, "minutes", given_on=TODAY, superseded=True)
    second = proof(2, 3, "minutes", given_on=old)
    dossier = replace(whole(3), evidence=(first, second))
    assert proof_of(minutes, dossier, 3) == second
    assert not met(minutes, dossier, TODAY, 3)
    third = proof(3, 3, "minutes", given_on=old + timedelta(days=1))
    renewed = replace(dossier, evidence=(first, second, third))
    assert proof_of(minutes, renewed, 3) == third
    assert met(minutes, renewed, TODAY, 3)
    assert proof_of(minutes, replace(dossier, evidence=(first,)), 3) is None


def test_proof_and_ticks_of_another_milestone_are_not_this_ones() -> None:
    moved = [replace(each, milestone=2) for each in whole(3).evidence]
    assert lacking(replace(whole(3), evidence=moved))[1] == ["minutes", "customer_view"]
    ticked = [replace(each, milestone=3) for each in whole(4).ticks]
    assert lacking(replace(whole(4), ticks=ticked))[0] == ["proposal"]


def test_a_task_taken_back_is_not_done() -> None:
    open_again = [replace(each, done_on=None) for each in whole(4).ticks]
    assert lacking(replace(whole(4), ticks=open_again))[0] == ["proposal"]


# What is read off a deal, at its edges.


def test_a_decision_map_takes_three_people_who_cover_the_three_roles() -> None:
    all_in_one = replace(
        whole(2), buyers=(buyer(1, BuyingRole.ECONOMIC, BuyingRole.TECHNICAL, BuyingRole.USER),)
    )
    assert not knows(Known.DECISION_MAP, all_in_one, TODAY)
    three = replace(all_in_one, buyers=(*all_in_one.buyers, buyer(2), buyer(3)))
    assert knows(Known.DECISION_MAP, three, TODAY)


def test_an_exchange_is_one_in_this_milestone() -> None:
    on_the_day = replace(whole(3), met=(visit(1, 1, kind="meeting", on=ENTERED),))
    assert knows(Known.EXCHANGE_HELD, on_the_day, TODAY)


def test_fab_is_for_each_key_contact_and_for_somebody_in_any_case() -> None:
    nobody_key = replace(whole(3), buyers=[replace(each, influence=3) for each in whole(3).buyers])
    assert knows(Known.FAB_PER_KEY_CONTACT, nobody_key, TODAY)
    assert not knows(Known.FAB_PER_KEY_CONTACT, replace(nobody_key, sheets=()), TODAY)
    edge = replace(nobody_key, buyers=(buyer(3, influence=4),))
    assert not knows(Known.FAB_PER_KEY_CONTACT, edge, TODAY)


def test_risks_need_a_backup_each_and_one_at_least() -> None:
    two = (sheet(1, Tool.RISK, backup="a spare"), sheet(2, Tool.RISK, risk="price"))
    assert not knows(Known.RISKS_BACKED, replace(whole(5), sheets=two), TODAY)
    assert not knows(Known.RISKS_BACKED, replace(whole(5), sheets=()), TODAY)


def test_money_and_time_are_both() -> None:
    dossier = whole(1)
    for missing in ("amount", "close_on"):
        without_it = replace(dossier, deal=replace(dossier.deal, **{missing: None}))  # type: ignore[arg-type]
        assert lacking(without_it)[0] == ["amount_and_close"]


# An organisation's own ladder.


def test_an_own_task_and_proof_keep_a_gate_shut_until_they_are_there() -> None:
    stage = PROJECT.stage(4)
    task = Requirement(code="own_1", source=Source.TICK, text="reference visit")
    paper = Requirement(code="own_2", source=Source.GIVEN, text="letter of intent")
    own = revised(
        PROJECT,
        replace(stage, tasks=with_one(stage.tasks, task), evidence=with_one(stage.evidence, paper)),
        1,
    )
    assert lacking(replace(whole(4), template=own)) == (["own_1"], ["own_2"], (), False)
    assert seen(whole(4, own)).is_open


@pytest.mark.parametrize(("stage", "task"), EVERY_TASK, ids=named)
def test_an_optional_task_keeps_no_gate_shut(stage: Stage, task: Requirement) -> None:
    lighter = revised(PROJECT, replace(stage, tasks=without_one(stage.tasks, task.code)), 1)
    dossier = without(replace(whole(stage.number), template=lighter), task)
    assert seen(dossier).is_open


# Whether it holds.


@pytest.mark.parametrize("stage", STAGES, ids=named)
@pytest.mark.parametrize(("days", "is_new"), [(0, True), (29, True), (30, False), (31, False)])
def test_a_gate_advises_in_the_first_thirty_days_and_up_to_m4(
    stage: Stage, days: int, *, is_new: bool
) -> None:
    since = TODAY - timedelta(days=days)
    expected = stage.number >= 5 and not is_new
    assert holds(stage, TODAY, organisation_since=since) is expected
    assert gate(whole(stage.number), TODAY, organisation_since=since).holds is expected
    for said in (True, False):
        assert holds(replace(stage, holds=said), TODAY, organisation_since=since) is said


def test_gates_hold_from_m5() -> None:
    assert HOLDS_FROM == 5


# Warnings.


@pytest.mark.parametrize("stage", STAGES, ids=named)
@pytest.mark.parametrize("phase", Phase)
def test_we_are_ahead_of_the_customer_by_one_phase_or_more(stage: Stage, phase: Phase) -> None:
    dossier = replace(whole(stage.number), deal=deal(stage.number, phase=phase))
    expected = PHASES.index(stage.phase) - PHASES.index(phase) >= 1
    assert is_ahead(dossier) is expected
    assert (Caution.AHEAD_OF_CUSTOMER in warnings(dossier)) is expected


@pytest.mark.parametrize("role", [BuyingRole.ECONOMIC, BuyingRole.USER, BuyingRole.TECHNICAL])
@pytest.mark.parametrize("stage", STAGES, ids=named)
def test_the_three_roles_are_wanted_from_m3_and_the_budget_is_a_red_flag_from_m4(
    stage: Stage, role: BuyingRole
) -> None:
    dossier = whole(stage.number)
    open_role = replace(dossier, buyers=[replace(each, roles=each.roles - {role}) for each in dossier.buyers])
    assert uncovered(open_role) == (role,)
    expected: tuple[Caution, ...] = ()
    if stage.number >= 4 and role is BuyingRole.ECONOMIC:
        expected = (Caution.NO_ECONOMIC,)
    elif stage.number >= 3:
        expected = (Caution.UNCOVERED,)
    assert warnings(open_role) == expected
    assert uncovered(dossier) == ()


# Progress.


def with_done(number: int, done: Sequence[int]) -> Dossier:
    """A deal at a milestone whose tasks are all to be ticked, with those of `done` done."""
    stage = PROJECT.stage(number)
    tasks = tuple(Requirement(code=each.code, source=Source.TICK) for each in stage.tasks)
    ladder = revised(PROJECT, replace(stage, tasks=tasks), 1)
    ticks = [
        Tick(id=n, deal_id=DEAL, milestone=number, code=tasks[n].code, done_on=TODAY)
        for n in done
        if n < len(tasks)
    ]
    return replace(whole(number, ladder), ticks=ticks)


def following(number: int) -> int:
    return 100 if number == LAST else PROJECT.stage(number + 1).progress


@pytest.mark.parametrize("stage", STAGES, ids=named)
def test_progress_goes_from_one_milestone_to_the_next_by_done_tasks(stage: Stage) -> None:
    count = len(stage.tasks)
    for done in range(count + 1):
        exact = stage.progress + (following(stage.number) - stage.progress) * done / count
        assert progress(with_done(stage.number, range(done)), TODAY) == int(exact)


@given(
    number=NUMBERS,
    done=st.sets(st.integers(0, 5)),
    more=st.integers(0, 5),
)
def test_progress_never_falls_with_a_task_and_stays_below_the_next_until_all_are_done(
    number: int, done: set[int], more: int
) -> None:
    stage = PROJECT.stage(number)
    before = progress(with_done(number, sorted(done)), TODAY)
    after = progress(with_done(number, sorted(done | {more})), TODAY)
    assert stage.progress <= before <= after <= following(number)
    all_done = {n for n in done if n < len(stage.tasks)} == set(range(len(stage.tasks)))
    assert (before == following(number)) is all_done


def test_evidence_and_optional_tasks_move_no_progress() -> None:
    assert progress(replace(whole(4), evidence=()), TODAY) == progress(whole(4), TODAY) == 75
    lighter = revised(
        PROJECT, replace(PROJECT.stage(4), tasks=without_one(PROJECT.stage(4).tasks, "proposal")), 1
    )
    dossier = replace(whole(4), template=lighter, sheets=())
    assert progress(replace(dossier, ticks=()), TODAY) == progress(dossier, TODAY) == 60
    nothing = revised(PROJECT, replace(PROJECT.stage(4), tasks=()), 1)
    assert progress(replace(whole(4), template=nothing), TODAY) == 60


def test_a_signed_deal_has_come_all_the_way() -> None:
    signed = replace(whole(LAST), deal=deal(LAST + 1))
    assert progress(signed, TODAY) == 100
    assert signed.stage == PROJECT.stage(LAST)


# Shares.


def sellers(*shares: int) -> list[Seller]:
    return [
        Seller(id=n, deal_id=DEAL, member_id=MemberId(n + 1), name=f"S{n}", part=Part.REP, share=share)
        for n, share in enumerate(shares, 1)
    ]


@given(st.lists(st.integers(0, 100), max_size=6))
def test_the_owner_has_what_the_others_leave_of_a_hundred(shares: list[int]) -> None:
    if sum(shares) > 100:
        with pytest.raises(ValueError, match="100 percent"):
            owner_share(sellers(*shares))
    else:
        assert owner_share(sellers(*shares)) + sum(shares) == 100
    assert owner_share([]) == 100


def test_an_examples_deal_is_what_it_says() -> None:
    """The deals of these tests have an owner, a coach and two key contacts."""
    dossier = whole(3)
    assert dossier.deal.owner_id == ME
    assert [each.contact_id for each in dossier.buyers if each.is_key] == [ContactId(1), ContactId(2)]
    assert dossier.coached
