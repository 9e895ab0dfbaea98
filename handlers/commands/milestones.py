"""/milestones [M3 [tasks | evidence | tools]] [reset]; days: N; progress: N; conversion: N; clear: N; first: N; gate: HOW; approval: YES; task: +TEXT; evidence: -NAME; size: SIZE"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from domain.deal_ports import Which
from domain.milestones import FIRST, LAST, PROJECT, Template
from domain.people import ADMINS, Role
from domain.refusals import NotAllowed, NotFound, NotUnderstood
from handlers.args import Args, Missing, Name, Words, YesNo, said_as
from handlers.laddering import (
    HOLDS,
    LISTS,
    NUMBERS,
    Edited,
    present,
    restored,
    value_words,
    with_less,
    with_more,
    with_size,
    with_value,
)
from handlers.pieces.clipped import clipped
from handlers.pieces.ladder import View, name_of, overview, size_words, stage_card, view_card
from handlers.reading.typed import halved
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, Note, Rows, Text, card, t
from handlers.words import catalogue

NUMBER = re.compile(r"(?P<n>[+-]?\d{1,6})\s*(?P<unit>\D*)")
STAGE = re.compile(r"m?(?P<n>\d{1,2})(?=$|\D)", re.IGNORECASE)
VERSION = re.compile(r"(?P<word>\D+?)\s*(?P<n>\d{1,9})")
# Minus as keyboards and phones write it; the wide ones stay as typed in words.
MORE, LESS = "+", ("-", "\u2013", "\u2212")
SIGNS = "+-\u2013\u2212\uff0b\uff0d"
# What is offered beside the present number.
OFFERED = {"days": (-10, -5, 5, 10), "progress": (-5, 5), "conversion": (-10, -5, 5, 10), "clear": (-1, 1)}


def _whole(value: Any) -> Any:
    """`40`, `40 days`, `65 %`: a number with its unit."""
    found = NUMBER.fullmatch(halved(value).strip()) if isinstance(value, str) else None
    if found and (
        not found["unit"] or found["unit"].casefold() in catalogue().listed("milestones.unit_words")
    ):
        return int(found["n"])
    if isinstance(value, str):
        raise PydanticCustomError(
            "refusal", "{key}", {"key": "milestones.no_number", "said": clipped(value, 30)}
        )
    return value


Whole = Annotated[int, BeforeValidator(_whole)]


class MilestonesArgs(Args):
    """Which milestone and what of it; a part that is named is set."""

    lead = ("what",)
    what: Words | None = None
    days: Whole | None = None
    progress: Whole | None = None
    conversion: Whole | None = None
    clear: Whole | None = None
    first: Whole | None = None
    gate: (
        Annotated[
            Literal["holds", "advises", "default"],
            said_as("holds", "milestones.holds_words"),
            said_as("advises", "milestones.advises_words"),
            said_as("default", "milestones.default_words"),
        ]
        | None
    ) = None
    approval: YesNo | None = None
    task: Name | None = None
    evidence: Name | None = None
    size: (
        Annotated[
            Literal["small", "standard", "large"],
            said_as("small", "milestones.small_words"),
            said_as("standard", "milestones.standard_words"),
            said_as("large", "milestones.large_words"),
        ]
        | None
    ) = None

    @property
    def edits(self) -> dict[str, int | str]:
        """The parts that are to be otherwise."""
        parts = (*NUMBERS, "gate", "approval", *LISTS, "size")
        return {part: value for part in parts if (value := getattr(self, part)) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What the leading words mean: a milestone, a list of it, or the whole ladder as a version of it was."""

    number: int | None = None
    view: View | None = None
    version: int | None = None


def _read(said: str | None) -> Meant:
    """`M3`, `M3 tasks`, `technical exchange`, `reset`, `version 2`. Raises `NotUnderstood` for anything else."""
    words = halved(said or "").strip()
    if not words:
        return Meant()
    if words.casefold() in catalogue().listed("milestones.reset_words"):
        return Meant(version=PROJECT.version)
    version = VERSION.fullmatch(words)
    if version and version["word"].casefold() in catalogue().listed("milestones.version_words"):
        return Meant(version=int(version["n"]))
    found = STAGE.match(words)
    names = {str(number): f"milestone.m{number}" for number in range(FIRST, LAST + 1)}
    number = int(found["n"]) if found else int(catalogue().meant(words, names) or 0)
    rest = words[found.end() :].strip().casefold() if found else ""
    view = next((each for each in View if rest in catalogue().listed(f"milestones.{each}_words")), None)
    if not FIRST <= number <= LAST or (rest and view is None):
        raise NotUnderstood("milestones.no_such", said=clipped(said or "", 30)).at("what")
    return Meant(number=number, view=view)


def _admins_only(turn: Turn) -> None:
    if not turn.me.holds(ADMINS):
        raise NotAllowed("milestones.only_admin")


def _asked(turn: Turn, missing: Missing) -> tuple[Template, int | None]:
    """The ladder and the milestone that a question is about; only an admin is asked anything."""
    _admins_only(turn)
    words = missing.line.splitlines()[0].removeprefix("/milestones").strip()
    return turn.store.current_template(PROJECT.name), _read(words).number


def _choices(turn: Turn, missing: Missing) -> Rows:
    """What can be picked instead of typed."""
    template, number = _asked(turn, missing)
    part, line = missing.part, missing.line
    picked: tuple[int | str, ...] = {"gate": tuple(HOLDS), "approval": ("yes", "no")}.get(part, ())
    if part == "size":
        sizes = ("small", "standard", "large")
        return (tuple(Button(size_words(each), f"{line}\nsize: {each}") for each in sizes),)
    if part in OFFERED and number:
        now = NUMBERS[part][0](template.stage(number))
        picked = tuple(now + step for step in OFFERED[part] if now + step > 0)
    buttons = tuple(Button(value_words(part, each), f"{line}\n{part}: {each}") for each in picked)
    return (buttons,) if buttons else ()


def _about(turn: Turn, missing: Missing) -> Text | None:
    """What a part is now."""
    template, number = _asked(turn, missing)
    if missing.part == "size":
        return t("milestones.now", name=t("milestones.part.size.label"), what=size_words(template.size))
    if number is None or missing.part == "what":
        return None
    stage = template.stage(number)
    return t("milestones.now", name=name_of(stage), what=present(stage, missing.part))


@command(
    roles=ADMINS | {Role.REP, Role.MANAGER, Role.DIRECTOR},
    scope=Scope.ORGANISATION,
    choices=_choices,
    about=_about,
)
def milestones(turn: Turn, args: MilestonesArgs) -> Card:
    """Shows the ladder and what each milestone asks for; an admin changes one thing at a time."""
    template, meant = turn.store.current_template(PROJECT.name), _read(args.what)
    admin = turn.me.holds(ADMINS)
    if args.edits or meant.version is not None:
        _admins_only(turn)
        return _edit(turn, template, meant, args)
    if meant.number is None:
        return overview(template)
    stage = template.stage(meant.number)
    if meant.view:
        return view_card(stage, meant.view, edits=admin)
    return stage_card(stage, turn.org, turn.today, edits=admin)


def _edit(turn: Turn, template: Template, meant: Meant, args: MilestonesArgs) -> Card:
    if len(args.edits) + (meant.version is not None) > 1:
        raise NotUnderstood("milestones.one_at_a_time")
    if meant.version is not None:
        return _restore(turn, template, meant.version)
    ((part, value),) = args.edits.items()
    if part == "size":
        return _kept(turn, template, with_size(template, str(value)), "/milestones", None)
    if meant.number is None:
        return _which(template, args)
    line, stage = f"/milestones M{meant.number}", template.stage(meant.number)
    if part not in LISTS:
        return _kept(turn, template, with_value(template, stage, part, value), line, name_of(stage))
    said = str(value).strip()
    sign, rest = halved(said[:1]), said[1:].strip()
    if not rest or (sign != MORE and sign not in LESS):
        return _which_sign(line, part, said.lstrip(SIGNS).strip())
    edit = with_more if sign == MORE else with_less
    return _kept(turn, template, edit(template, stage, part, rest), line, name_of(stage))


def _which(template: Template, args: MilestonesArgs) -> Card:
    """An edit that names no milestone."""
    buttons = [
        Button(f"M{stage.number}", args.again("milestones", what=f"M{stage.number}"))
        for stage in template.stages
    ]
    return card(t("milestones.which"), rows=(tuple(buttons[:3]), tuple(buttons[3:])))


def _which_sign(line: str, part: str, said: str) -> Card:
    """Words without a sign: one more, or one less."""
    if not said:
        raise NotUnderstood("milestones.no_sign").at(part)
    return card(
        t("milestones.which_sign", said=clipped(said, 30)),
        rows=(
            (
                Button(t("milestones.more_button"), f"{line}\n{part}: +{said}"),
                Button(t("milestones.less_button"), f"{line}\n{part}: -{said}"),
            ),
        ),
    )


def _restore(turn: Turn, template: Template, version: int) -> Card:
    wanted = turn.store.template_version(PROJECT.name, version)
    if wanted is None:
        raise NotFound("milestones.no_version", n=version)
    back = Button(t("milestones.back_version", n=template.version), f"/milestones version {template.version}")
    return _kept(turn, template, restored(template, wanted), "/milestones", None, back)


def _kept(
    turn: Turn, template: Template, edited: Edited, line: str, name: Text | None, back: Button | None = None
) -> Card:
    """Keeps the next version; deals under way keep theirs. The way back is the same command with the old value."""
    words = t("milestones.of", milestone=name, what=edited.words) if name else edited.words
    shown = Button(t("milestones.show_button"), line)
    if edited.template is None:
        return card(words, rows=((shown,),))
    turn.store.keep_template(edited.template, turn.me.id, turn.now)
    deals = turn.store.count_deals(Which())
    if back is None:
        label = t("milestones.back_to", what=edited.back_words) if edited.back_words else t("milestones.back")
        back = Button(label, f"{line}\n{edited.back}")
    return card(
        Line(words, Mark.DONE),
        Note(t("milestones.new_deals", n=edited.template.version)),
        *((Note(t("milestones.under_way", n=deals)),) if deals else ()),
        rows=((back, shown),),
    )
