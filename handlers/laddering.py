"""One edit of the milestone ladder: what it makes of a stage, what it was before, and why it is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from domain.c139 import Letter
from domain.milestones import (
    FIRST,
    LAST,
    MOST_CLEAR,
    MOST_DAYS,
    MOST_FIRST,
    MOST_NAMED,
    OWN,
    Flaw,
    Requirement,
    Source,
    Stage,
    Template,
    flaws,
    own_code,
    revised,
    with_one,
    without_one,
)
from domain.people import Language
from domain.refusals import NotFound, NotNow, NotUnderstood
from domain.stalled import SizeClass
from handlers.pieces.clipped import clipped
from handlers.pieces.ladder import percent_of, size_words
from handlers.pieces.listed import listed
from handlers.pieces.needs import need_words
from handlers.reading.names import fold
from handlers.view import Words, t
from handlers.words import catalogue

# An own requirement is the label of its button.
WORDS_COLUMNS = 30
HOLDS: Mapping[str, bool | None] = {"holds": True, "advises": False, "default": None}
# How each number of a stage is read and set.
NUMBERS: Mapping[str, tuple[Callable[[Stage], int], Callable[[Stage, int], Stage]]] = {
    "progress": (lambda stage: stage.progress, lambda stage, n: replace(stage, progress=n)),
    "days": (lambda stage: stage.days, lambda stage, n: replace(stage, days=n)),
    "conversion": (percent_of, lambda stage, n: replace(stage, conversion=Fraction(n, 100))),
    "clear": (
        lambda stage: stage.minimum.clear,
        lambda stage, n: replace(stage, minimum=replace(stage.minimum, clear=n)),
    ),
    "first": (
        lambda stage: stage.minimum.first,
        lambda stage, n: replace(stage, minimum=replace(stage.minimum, first=n)),
    ),
}
LISTS: Mapping[str, Callable[[Stage], tuple[Requirement, ...]]] = {
    "task": lambda stage: stage.tasks,
    "evidence": lambda stage: stage.evidence,
}
LETTERS = {"clear": Letter.CLEAR, "first": Letter.FIRST}
SOURCES = {"task": Source.TICK, "evidence": Source.GIVEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A ladder with one thing otherwise, in words, and the parts of the command that sets it back; None: no change."""

    template: Template | None
    words: Words
    back: str = ""
    back_words: Words = ""


def present(stage: Stage, part: str) -> Words:
    """What a part of a stage is now, in words; of a list, what it asks for."""
    if part == "days":
        return t("milestones.days", n=stage.days)
    if part in LISTS:
        return listed([need_words(each) for each in LISTS[part](stage) if each.required])
    return value_words(part, _value(stage, part))


def _value(stage: Stage, part: str) -> int | str:
    if part in NUMBERS:
        return NUMBERS[part][0](stage)
    if part == "gate":
        return next(word for word, holds in HOLDS.items() if holds is stage.holds)
    return "yes" if stage.approval else "no"


def value_words(part: str, value: int | str) -> Words:
    """`40`, `65 %`, `6C`, `holds`, `yes`."""
    if part in ("progress", "conversion"):
        return t("milestones.percent", n=value)
    if part in LETTERS:
        return f"{value}{LETTERS[part]}"
    if part in ("gate", "approval"):
        return t(f"milestones.part.{part}.option_{value}")
    return str(value)


def with_size(template: Template, size: str) -> Edited:
    """The idle limits of a ladder's deals go by another size."""
    what, old, new = t("milestones.part.size.label"), size_words(template.size), size_words(size)
    if size == template.size:
        return Edited(template=None, words=t("milestones.is_so", what=what, now=new))
    return Edited(
        template=replace(template, size=SizeClass(size), version=template.version + 1),
        words=t("milestones.was_now", what=what, old=old, new=new),
        back=f"size: {template.size}",
        back_words=old,
    )


def with_value(template: Template, stage: Stage, part: str, value: int | str) -> Edited:
    """One number, the gate or the approval of a stage otherwise. Raises `NotUnderstood` for what does not fit."""
    what = t(f"milestones.part.{part}.label")
    before = _value(stage, part)
    if before == value:
        return Edited(template=None, words=t("milestones.is_so", what=what, now=value_words(part, value)))
    if part in NUMBERS:
        changed = NUMBERS[part][1](stage, int(value))
    elif part == "gate":
        changed = replace(stage, holds=HOLDS[str(value)])
    else:
        changed = replace(stage, approval=value == "yes")
    old, new = value_words(part, before), value_words(part, value)
    return Edited(
        template=_sound(template, changed, part),
        words=t("milestones.was_now", what=what, old=old, new=new),
        back=f"{part}: {before}",
        back_words=old,
    )


def with_more(template: Template, stage: Stage, part: str, said: str) -> Edited:
    """A task or a piece of evidence more: an own one, or a shipped one that was made optional."""
    there = LISTS[part](stage)
    other = LISTS["evidence" if part == "task" else "task"](stage)
    wanted = next((each for each in (*there, *other) if _is_called(each, said)), None)
    if wanted and (wanted.required or wanted in other):
        raise NotNow("milestones.twice", id=f"M{stage.number}", said=clipped(said, WORDS_COLUMNS)).at(part)
    if sum(each.required for each in there) >= MOST_NAMED:
        raise NotNow("milestones.enough", id=f"M{stage.number}", n=MOST_NAMED).at(part)
    if wanted is None:
        if clipped(said, WORDS_COLUMNS) != said:
            raise NotUnderstood("milestones.too_long", n=WORDS_COLUMNS, half=WORDS_COLUMNS // 2).at(part)
        wanted = Requirement(code=own_code(template), source=SOURCES[part], text=said)
    return Edited(
        template=_sound(template, _with(stage, part, with_one(there, wanted)), part),
        words=t(f"milestones.more_{part}", what=need_words(wanted)),
        back=f"{part}: -{wanted.code}",
    )


def with_less(template: Template, stage: Stage, part: str, said: str) -> Edited:
    """A task or a piece of evidence less. Raises `NotFound` for one that is not asked for."""
    there = LISTS[part](stage)
    found = next((each for each in there if each.required and _is_called(each, said)), None)
    if found is None:
        raise NotFound(f"milestones.no_{part}", id=f"M{stage.number}", said=clipped(said, WORDS_COLUMNS)).at(
            part
        )
    changed = _with(stage, part, without_one(there, found.code))
    return Edited(
        template=_sound(template, changed, part),
        words=t("milestones.less", what=need_words(found)),
        back=f"{part}: +{found.text if found.code.startswith(OWN) else found.code}",
    )


def restored(template: Template, wanted: Template) -> Edited:
    """The ladder as a version of it was: a new version equal to that one."""
    key = "milestones.again" if wanted.version else "milestones.again_shipped"
    if (template.stages, template.size) == (wanted.stages, wanted.size):
        return Edited(template=None, words=t("milestones.is_equal", version=wanted.version))
    return Edited(template=replace(wanted, version=template.version + 1), words=t(key, n=wanted.version))


def _with(stage: Stage, part: str, requirements: tuple[Requirement, ...]) -> Stage:
    return replace(stage, tasks=requirements) if part == "task" else replace(stage, evidence=requirements)


def _is_called(requirement: Requirement, said: str) -> bool:
    """Whether a requirement is meant: by its code, its own words, or its name in any language."""
    words = need_words(requirement)
    names = {requirement.code, *(catalogue().say(words, language) for language in Language)}
    return fold(said) in {fold(each) for each in names}


def _sound(template: Template, stage: Stage, part: str) -> Template:
    """The next version with this stage. Raises a refusal with the reason when the ladder would be inconsistent."""
    found = revised(template, stage, template.version + 1)
    wrong = flaws(found)
    if not wrong:
        return found
    flaw, number = wrong[0][0], f"M{stage.number}"
    if flaw in (Flaw.TASKS, Flaw.EVIDENCE, Flaw.TWICE):
        raise NotNow(f"milestones.flaw_{flaw}", id=number).at(part)
    low, high = _bounds(template, stage.number, part)
    raise NotUnderstood(f"milestones.flaw_{flaw}", id=number, low=low, high=high).at(part)


def _bounds(template: Template, number: int, part: str) -> tuple[int, int]:
    """From what to what a number of a stage may go, the others being as they are."""
    below = template.stage(number - 1) if number > FIRST else None
    above = template.stage(number + 1) if number < LAST else None
    match part:
        case "progress":
            return below.progress + 1 if below else 1, above.progress - 1 if above else 99
        case "days":
            return 1, MOST_DAYS
        case "conversion":
            return 1, 100
    most = MOST_CLEAR if part == "clear" else MOST_FIRST
    value = NUMBERS[part][0]
    # Only before the last milestone a minimum must not fall.
    low = value(below) if below and number < LAST else 0
    return low, value(above) if above and number + 1 < LAST else most
