"""The milestone ladder as it is shown: all of it in a card, one milestone in four (method section 3)."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from domain.gates import ADVISING_DAYS, HOLDS_FROM
from domain.milestones import PROJECT, REPEATED, Requirement, Source, Stage, Template, Tool
from domain.people import Organisation
from handlers.pieces.listed import listed
from handlers.pieces.needs import need_words
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, Steps, Text, Words, card, t

# A card has eight lines; of a list on the first card so many are named.
MOST_LINES, NAMED = 8, 3


class View(StrEnum):
    """What of a milestone is shown on a card of its own."""

    TASKS = "tasks"
    EVIDENCE = "evidence"
    TOOLS = "tools"


def overview(template: Template) -> Card:
    """Six lines, what differs from the shipped ladder marked in words, and a button for each milestone."""
    lines = [_numbers(stage) for stage in template.stages]
    buttons = [Button(f"M{stage.number}", f"/milestones M{stage.number}") for stage in template.stages]
    return card(
        t("milestones.title", version=version_words(template), size=size_words(template.size)),
        *lines,
        Note(t("milestones.legend")),
        rows=(tuple(buttons[:3]), tuple(buttons[3:])),
    )


def version_words(template: Template) -> Text:
    """Which version of the ladder it is."""
    return t("milestones.version", n=template.version) if template.version else t("milestones.shipped")


def size_words(size: str) -> Text:
    """How large the deals of a ladder are."""
    return t(f"milestones.part.size.option_{size}")


def name_of(stage: Stage) -> Text:
    """`M3 technical exchange`."""
    return t("milestone.named", n=stage.number, name=t(f"milestone.m{stage.number}"))


def _numbers(stage: Stage) -> Text:
    line = t(
        "milestones.line",
        milestone=name_of(stage),
        progress=stage.progress,
        days=stage.days,
        conversion=percent_of(stage),
    )
    if least := least_words(stage):
        line = t("milestones.line_least", line=line, least=least)
    is_changed = stage != PROJECT.stage(stage.number)
    return t("milestones.line_changed", line=line) if is_changed else line


def percent_of(stage: Stage) -> int:
    """The conversion in whole percent."""
    return int(stage.conversion * 100)


def least_words(stage: Stage) -> Words:
    """`5C + coach`; nothing where no minimum is set."""
    counts = ((stage.minimum.clear, "C"), (stage.minimum.first, "F"))
    least = " ".join(f"{n}{letter}" for n, letter in counts if n)
    if not stage.minimum.coach:
        return least
    return t("milestones.and_coach", least=least) if least else t("need.coach")


def gate_words(stage: Stage, org: Organisation, today: date) -> Text:
    """Whether the gate holds or advises, and why (product section 5)."""
    if stage.holds is not None:
        return t("milestones.holds_here") if stage.holds else t("milestones.advises_here")
    if stage.number < HOLDS_FROM:
        return t("milestones.advises_early", last=HOLDS_FROM - 1)
    if today - org.started_on < ADVISING_DAYS:
        return t("milestones.advises_new", n=ADVISING_DAYS.days, first=HOLDS_FROM)
    return t("milestones.holds_late", first=HOLDS_FROM)


def stage_card(stage: Stage, org: Organisation, today: date, *, edits: bool) -> Card:
    """One milestone: its five parts, what is to be known, the buyer's phase and its gate."""
    completion = [*(need_words(each) for each in _asked(stage.evidence))]
    completion += [least] if (least := least_words(stage)) else []
    completion += [t("milestones.approval_asked")] if stage.approval else []
    return card(
        name_of(stage),
        t("milestones.numbers", progress=stage.progress, days=stage.days, conversion=percent_of(stage)),
        t("milestones.phase", phase=t(f"milestone.phase_{stage.phase}")),
        t("milestones.success", what=t(f"milestone.criterion_{stage.number}")),
        t("milestones.task_list", what=_some([need_words(each) for each in _asked(stage.tasks)])),
        t("milestones.completion", what=_some(completion)),
        t("milestones.to_know", what=listed([_known(each) for each in stage.info]), n=len(stage.tools)),
        gate_words(stage, org, today),
        rows=_stage_rows(stage, edits=edits),
    )


def _asked(requirements: Sequence[Requirement]) -> list[Requirement]:
    return [each for each in requirements if each.required]


def _some(words: Sequence[Words]) -> Words:
    more = len(words) - NAMED
    if more > 0:
        return t("milestones.some", what=listed(words[:NAMED]), n=more)
    return listed(words)


def _known(requirement: Requirement) -> Words:
    """An item of the checklist by its short name, `C5`."""
    if requirement.source is Source.RATED and requirement.item:
        return requirement.item.upper()
    return need_words(requirement)


def _stage_rows(stage: Stage, *, edits: bool) -> Rows:
    line = f"/milestones M{stage.number}"
    views = (
        Button(t("milestones.tasks_button"), f"{line} tasks"),
        Button(t("milestones.evidence_button"), f"{line} evidence"),
        Button(t("milestones.tools_button"), f"{line} tools"),
    )
    whole = Button(t("milestones.all_button"), "/milestones")
    if not edits:
        return (views, (whole,))
    change = Button(t("milestones.days_button"), f"{line}\ndays:")
    return (views, (change, Button(t("milestones.gate_button"), f"{line}\ngate:"), whole))


def view_card(stage: Stage, view: View, *, edits: bool) -> Card:
    """One list of a milestone in full, with what belongs to it as far as there is room."""
    title = Line(t("milestones.of", milestone=name_of(stage), what=t(f"milestones.{view}_title")))
    match view:
        case View.TASKS:
            items = [need_words(each) for each in _asked(stage.tasks)]
            more: list[Block] = [
                *_optional(stage.tasks),
                Line(t("milestones.success", what=t(f"milestone.criterion_{stage.number}"))),
            ]
        case View.EVIDENCE:
            items = [need_words(each) for each in _asked(stage.evidence)]
            more = [*_optional(stage.evidence), *_beside(stage)]
        case View.TOOLS:
            items, more = [_tool(each) for each in stage.tools], []
    steps = Steps(tuple((Mark.OPEN, each) for each in items))
    return card(title, steps, *more[: MOST_LINES - 1 - len(items)], rows=_view_rows(stage, view, edits=edits))


def _optional(requirements: Sequence[Requirement]) -> tuple[Block, ...]:
    found = [need_words(each) for each in requirements if not each.required]
    return (Note(t("milestones.optional", what=listed(found))),) if found else ()


def _beside(stage: Stage) -> tuple[Block, ...]:
    """What it takes to leave a milestone besides evidence, and what is to be known."""
    least = least_words(stage)
    return (
        *((Line(t("milestones.leaves_with", least=least)),) if least else ()),
        *((Line(t("milestones.approval_asked")),) if stage.approval else ()),
        *((Note(t("milestones.no_win_warns")),) if stage.minimum.warns_without_win else ()),
        Note(t("milestones.know", what=listed([need_words(each) for each in stage.info]))),
    )


def _tool(tool: Tool) -> Words:
    """A card of the tool kit by what it is called as a requirement."""
    named = {Tool.FAB: "need.fab_per_key_contact", Tool.RISK: "need.risks_backed"}
    words = t(named[tool]) if tool in named else t(f"need.{tool}_sheet")
    return t("milestones.several", what=words) if tool in REPEATED else words


def _view_rows(stage: Stage, view: View, *, edits: bool) -> Rows:
    line = f"/milestones M{stage.number}"
    part = {View.TASKS: "task", View.EVIDENCE: "evidence"}.get(view)
    back = Button(f"M{stage.number}", line)
    if not edits or part is None:
        return ((back,),)
    return ((Button(t("milestones.change_button"), f"{line}\n{part}:"), back),)
