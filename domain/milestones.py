"""The milestone ladder: what each stage needs, how long it lasts, and what its gate asks for (method section 3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from domain.c139 import Item, Minimum
from domain.stalled import SizeClass

TemplateId = NewType("TemplateId", int)
# The number of the template that ships; an organisation's own versions count from 1.
SHIPPED = TemplateId(0)
FIRST, LAST = 1, 6
# What follows the signature: no gate, no clock.
DELIVERY = 7
MOST_DAYS = 720
# A stage asks for at most so many tasks, and for as many pieces of evidence (*ours*): what a card can list.
MOST_NAMED = 7
MOST_CLEAR, MOST_FIRST = 9, 3
# An organisation's own requirements are coded own_1, own_2.
OWN = "own_"


class Phase(StrEnum):
    """The buyer's phases, in order (method section 3)."""

    NEED = "need"
    APPROVED = "approved"
    PRE_SELECTION = "pre_selection"
    COMPARISON = "comparison"
    DECISION = "decision"
    DELIVERY = "delivery"


PHASES: tuple[Phase, ...] = tuple(Phase)


class Source(StrEnum):
    """How it is known that a requirement is met.

    TICK: the rep says so. GIVEN: evidence was given. FACT: what the deal holds shows it. SHEET: a card of the tool kit
    is filled. RATED: an item of C139 counts.
    """

    TICK = "tick"
    GIVEN = "given"
    FACT = "fact"
    SHEET = "sheet"
    RATED = "rated"


class Known(StrEnum):
    """What can be read off a deal without anybody ticking it."""

    SEGMENT = "segment"
    AMOUNT_AND_CLOSE = "amount_and_close"
    CONTACT_WITH_ROLE = "contact_with_role"
    BUDGET = "budget"
    DECISION_MAP = "decision_map"
    TWO_VISITS = "two_visits"
    COACH_NAMED = "coach_named"
    RIVALS_LISTED = "rivals_listed"
    FIRST_VISIT = "first_visit"
    THREE_VISITED = "three_visited"
    EXCHANGE_HELD = "exchange_held"
    FAB_PER_KEY_CONTACT = "fab_per_key_contact"
    EXECUTIVE_MET = "executive_met"
    EXECUTIVE_STANCE = "executive_stance"
    RISKS_BACKED = "risks_backed"
    CONTRACT_NUMBER = "contract_number"
    FINAL_AMOUNT = "final_amount"


class Tool(StrEnum):
    """The fillable cards of the tool kit (method section 3)."""

    NEED = "need"
    BID = "bid"
    FAB = "fab"
    LAER = "laer"
    ROI = "roi"
    PRICE = "price"
    SWOT = "swot"
    SPONSOR = "sponsor"
    RISK = "risk"
    BATNA = "batna"
    CONCESSION = "concession"
    PAYMENT = "payment"


# The fields of each card, in the order they are asked for; each is a line of words.
FIELDS: Mapping[Tool, tuple[str, ...]] = {
    Tool.NEED: ("need", "reason"),
    Tool.BID: ("ratings", "conditions", "signs"),
    Tool.FAB: ("feature", "advantage", "benefit"),
    Tool.LAER: ("objection", "cause", "answer"),
    Tool.ROI: ("gain", "cost", "payback"),
    Tool.PRICE: ("offer", "floor", "terms"),
    Tool.SWOT: ("strengths", "weaknesses", "opportunities", "threats"),
    Tool.SPONSOR: ("who", "why"),
    Tool.RISK: ("risk", "backup"),
    Tool.BATNA: ("alternative", "walk_away"),
    Tool.CONCESSION: ("give", "get"),
    Tool.PAYMENT: ("terms",),
}
# These are filled once per contact, rival, objection or step; of the others a deal has one.
REPEATED: frozenset[Tool] = frozenset({Tool.FAB, Tool.LAER, Tool.SWOT, Tool.RISK, Tool.CONCESSION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One task, one piece of completion evidence, or one piece of information of a stage.

    `code` names its words; one of an organisation's own has its words in `text` instead.
    """

    code: str
    source: Source
    known: Known | None = None
    tool: Tool | None = None
    item: Item | None = None
    text: str = ""
    required: bool = True


def _tick(code: str) -> Requirement:
    return Requirement(code=code, source=Source.TICK)


def _given(code: str) -> Requirement:
    return Requirement(code=code, source=Source.GIVEN)


def _fact(known: Known) -> Requirement:
    return Requirement(code=known, source=Source.FACT, known=known)


def _sheet(tool: Tool, code: str = "") -> Requirement:
    return Requirement(code=code or f"{tool}_sheet", source=Source.SHEET, tool=tool)


def _rated(item: Item) -> Requirement:
    return Requirement(code=f"{item}_rated", source=Source.RATED, item=item)


NO_MINIMUM = Minimum()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One milestone of the seller's ladder.

    `progress` is the percent reached on entering it, `days` its usual calendar days, `conversion` the share of deals
    that leave it forward. `holds`: None takes the organisation's default, else whether the gate refuses.
    """

    number: int
    phase: Phase
    progress: int
    days: int
    conversion: Fraction
    tasks: tuple[Requirement, ...]
    evidence: tuple[Requirement, ...]
    info: tuple[Requirement, ...]
    tools: tuple[Tool, ...]
    minimum: Minimum = NO_MINIMUM
    approval: bool = False
    holds: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A ladder of six stages; a deal keeps the version it started with (method section 3).

    `size` chooses the idle limits of its deals (method section 4).
    """

    id: TemplateId
    name: str
    version: int
    stages: tuple[Stage, ...]
    size: SizeClass = SizeClass.STANDARD

    def stage(self, number: int) -> Stage:
        """The stage of a milestone 1..6; raises `LookupError` for any other."""
        for stage in self.stages:
            if stage.number == number:
                return stage
        raise LookupError(f"no milestone {number}")

    def remaining_conversion(self, number: int) -> Fraction:
        """The product of the conversions from milestone `number` on; 1 behind the last."""
        product = Fraction(1)
        for stage in self.stages:
            if stage.number >= number:
                product *= stage.conversion
        return product


# Method section 3, the ladder as it stands there: milestone, buyer's phase, progress, days, tasks, evidence, C/F/W
# minimum to leave, conversion. What each stage has to know and its tool kit are written with it.
PROJECT = Template(
    id=SHIPPED,
    name="project",
    version=0,
    stages=(
        Stage(
            number=1,
            phase=Phase.NEED,
            progress=10,
            days=15,
            conversion=Fraction(60, 100),
            tasks=(
                _fact(Known.SEGMENT),
                _sheet(Tool.NEED),
                _fact(Known.AMOUNT_AND_CLOSE),
                _fact(Known.CONTACT_WITH_ROLE),
                _sheet(Tool.BID),
                _fact(Known.BUDGET),
            ),
            evidence=(_fact(Known.FIRST_VISIT),),
            info=(_rated(Item.C1), _rated(Item.C5), _rated(Item.C6)),
            tools=(Tool.NEED, Tool.BID),
            minimum=Minimum(clear=3),
            approval=True,
        ),
        Stage(
            number=2,
            phase=Phase.APPROVED,
            progress=25,
            days=30,
            conversion=Fraction(70, 100),
            tasks=(
                _fact(Known.DECISION_MAP),
                _fact(Known.TWO_VISITS),
                _fact(Known.COACH_NAMED),
                _fact(Known.RIVALS_LISTED),
            ),
            evidence=(_fact(Known.THREE_VISITED),),
            info=(_rated(Item.C2), _rated(Item.C3), _rated(Item.C4)),
            tools=(Tool.SWOT,),
            minimum=Minimum(clear=5, coach=True),
        ),
        Stage(
            number=3,
            phase=Phase.PRE_SELECTION,
            progress=40,
            days=30,
            conversion=Fraction(70, 100),
            tasks=(_fact(Known.EXCHANGE_HELD), _fact(Known.FAB_PER_KEY_CONTACT), _sheet(Tool.LAER)),
            evidence=(_given("minutes"), _given("customer_view")),
            info=(_rated(Item.C5), _rated(Item.C7), _rated(Item.C8)),
            tools=(Tool.FAB, Tool.LAER),
            minimum=Minimum(clear=6),
        ),
        Stage(
            number=4,
            phase=Phase.COMPARISON,
            progress=60,
            days=30,
            conversion=Fraction(75, 100),
            tasks=(_tick("proposal"), _sheet(Tool.ROI), _sheet(Tool.PRICE), _sheet(Tool.SWOT)),
            evidence=(_given("written_confirmation"),),
            info=(_rated(Item.C9), _rated(Item.F1), _fact(Known.RIVALS_LISTED)),
            tools=(Tool.ROI, Tool.PRICE, Tool.SWOT),
            minimum=Minimum(clear=7, first=1),
        ),
        Stage(
            number=5,
            phase=Phase.DECISION,
            progress=75,
            days=20,
            conversion=Fraction(80, 100),
            tasks=(_fact(Known.EXECUTIVE_MET), _sheet(Tool.SPONSOR), _fact(Known.RISKS_BACKED)),
            evidence=(_given("executive_record"), _fact(Known.EXECUTIVE_STANCE)),
            info=(_rated(Item.F2), _rated(Item.F3), _rated(Item.W)),
            tools=(Tool.SPONSOR, Tool.RISK),
            minimum=Minimum(clear=8, first=1, warns_without_win=True),
        ),
        Stage(
            number=6,
            phase=Phase.DECISION,
            progress=90,
            days=15,
            conversion=Fraction(70, 100),
            tasks=(
                _sheet(Tool.BATNA),
                _sheet(Tool.CONCESSION),
                _sheet(Tool.PAYMENT),
                _tick("contract_review"),
            ),
            evidence=(_fact(Known.CONTRACT_NUMBER), _fact(Known.FINAL_AMOUNT)),
            info=(_rated(Item.C6), _fact(Known.AMOUNT_AND_CLOSE)),
            tools=(Tool.BATNA, Tool.CONCESSION, Tool.PRICE, Tool.PAYMENT),
        ),
    ),
)
# What remains once the contract is signed; days after the signature by which each is due (*ours*).
DELIVERY_TASKS: Mapping[str, int] = {"hand_over": 5, "first_call_back": 30, "satisfaction_survey": 90}


class Flaw(StrEnum):
    """What makes a ladder inconsistent; such a template is refused (method section 3)."""

    STAGES = "stages"
    PROGRESS = "progress"
    DAYS = "days"
    CONVERSION = "conversion"
    MINIMUM = "minimum"
    EVIDENCE = "evidence"
    TASKS = "tasks"
    TWICE = "twice"


def flaws(template: Template) -> tuple[tuple[Flaw, int], ...]:
    """What is wrong with a ladder, each with the milestone it is about; empty for one that may be used.

    Progress rises from stage to stage and stays below 100; days are 1..720; a conversion is above 0 and at most 1;
    the C/F/W minimum never falls before the last stage; a gate asks for at least one task and one piece of evidence.
    """
    found: list[tuple[Flaw, int]] = []
    if [stage.number for stage in template.stages] != list(range(FIRST, LAST + 1)):
        return ((Flaw.STAGES, 0),)
    reached, least = 0, NO_MINIMUM
    for stage in template.stages:
        if not reached < stage.progress < 100:
            found.append((Flaw.PROGRESS, stage.number))
        if not 1 <= stage.days <= MOST_DAYS:
            found.append((Flaw.DAYS, stage.number))
        if not 0 < stage.conversion <= 1:
            found.append((Flaw.CONVERSION, stage.number))
        clear, first = stage.minimum.clear, stage.minimum.first
        falls = clear < least.clear or first < least.first
        if (falls and stage.number < LAST) or not (0 <= clear <= MOST_CLEAR and 0 <= first <= MOST_FIRST):
            found.append((Flaw.MINIMUM, stage.number))
        if not any(each.required for each in stage.tasks):
            found.append((Flaw.TASKS, stage.number))
        if not any(each.required for each in stage.evidence):
            found.append((Flaw.EVIDENCE, stage.number))
        codes = [each.code for each in (*stage.tasks, *stage.evidence)]
        if len(codes) != len(set(codes)):
            found.append((Flaw.TWICE, stage.number))
        reached, least = stage.progress, stage.minimum
    return tuple(found)


def revised(template: Template, stage: Stage, version: int) -> Template:
    """The next version of a ladder, with one stage otherwise; deals under way keep the version they have."""
    stages = tuple(stage if each.number == stage.number else each for each in template.stages)
    return replace(template, version=version, stages=stages)


def own_code(template: Template) -> str:
    """The next free code for a requirement of an organisation's own: `own_1`, `own_2`; each once in a ladder."""
    codes = (each.code for stage in template.stages for each in (*stage.tasks, *stage.evidence))
    numbers = [int(code.removeprefix(OWN)) for code in codes if code.startswith(OWN)]
    return f"{OWN}{max(numbers, default=0) + 1}"


def with_one(requirements: Sequence[Requirement], wanted: Requirement) -> tuple[Requirement, ...]:
    """A list that asks for `wanted`: at its end when new, in its place when it was there and asked no more."""
    if named(requirements, wanted.code):
        return tuple(
            replace(each, required=True) if each.code == wanted.code else each for each in requirements
        )
    return (*requirements, wanted)


def without_one(requirements: Sequence[Requirement], code: str) -> tuple[Requirement, ...]:
    """A list that asks for `code` no more: an own one goes, a shipped one stays as optional and can come back."""
    kept = (each for each in requirements if each.code != code or not code.startswith(OWN))
    return tuple(replace(each, required=False) if each.code == code else each for each in kept)


def named(requirements: Iterable[Requirement], code: str) -> Requirement | None:
    """The requirement of this code."""
    return next((each for each in requirements if each.code == code), None)


def every_tool(stages: Sequence[Stage]) -> tuple[Tool, ...]:
    """The whole tool kit of a ladder, each card once, in the order it is first needed."""
    return tuple(dict.fromkeys(tool for stage in stages for tool in stage.tools))
