"""The bid check of a deal: five ratings, three conditions, three stop signs, and what they come to (method section 3)."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from domain.bids import (
    RATED_AT_MOST,
    STOPS_AT,
    WEIGHTS,
    Condition,
    Decision,
    StopSign,
    decide,
    score,
    verdict,
)
from domain.deals import Dossier, Sheet, SheetId
from domain.milestones import Tool
from domain.refusals import NotUnderstood
from handlers.dealing import must_be_open, must_work, title_of, works
from handlers.pieces.listed import listed
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Field, Form, Line, Mark, Note, Words, card, in_rows, t
from handlers.words import catalogue

# Names of the five ratings (*ours*: the method gives only their weights), after the bid check of K04 (method section 8).
CRITERIA = ("real", "compete", "win", "worth", "deliver")
CONDITIONS: Mapping[str, Condition] = {
    "spec": Condition.MEETS_SPEC,
    "relation": Condition.CLOSE_RELATION,
    "genuine": Condition.GENUINE_COMPETITION,
}
SIGNS: Mapping[str, StopSign] = {
    "odd": StopSign.ODD_SPEC,
    "vague": StopSign.VAGUE_RELATION,
    "ahead": StopSign.RIVAL_AHEAD,
}
ASKED = (*CRITERIA, *CONDITIONS, *SIGNS)
YES, NO = "yes", "no"
BETWEEN = re.compile("[,;\u3001\uff0c\uff1b]")
PER_ROW = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A bid check as far as it goes: each part by its name, a rating as a digit, all else as yes or no."""

    dossier: Dossier
    said: Mapping[str, str] = field(default_factory=dict)
    sheet: Sheet | None = None

    @property
    def values(self) -> dict[str, str]:
        return {**(_read(self.sheet) if self.sheet else {}), **self.said}

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(each for each in ASKED if each not in self.values)

    @property
    def line(self) -> str:
        """The command with what was said so far."""
        parts = (f"{name}: {self.said[name]}" for name in ASKED if name in self.said)
        return "\n".join((f"/bid D{self.dossier.deal.id}", *parts))


def check_of(dossier: Dossier, said: Mapping[str, str]) -> Check:
    """The check of a deal with what is said over what is known."""
    sheets = dossier.of_tool(Tool.BID)
    return Check(dossier=dossier, said=said, sheet=sheets[-1] if sheets else None)


def _read(sheet: Sheet) -> dict[str, str]:
    """What a kept check says of each part."""
    ratings = sheet.values.get("ratings", "").split()
    held, seen = sheet.values.get("conditions", "").split(), sheet.values.get("signs", "").split()
    return {
        **dict(zip(CRITERIA, ratings, strict=False)),
        **{name: YES if code in held else NO for name, code in CONDITIONS.items()},
        **{name: YES if code in seen else NO for name, code in SIGNS.items()},
    }


def decision_of(sheet: Sheet) -> Decision:
    """What the rule says of a kept check."""
    values = _read(sheet)
    return decide(_true(values, CONDITIONS), _true(values, SIGNS))


def _true(values: Mapping[str, str], of: Mapping[str, T]) -> list[T]:
    return [code for name, code in of.items() if values.get(name) == YES]


def rated(part: str, said: str) -> str:
    """A rating of 0 to 5; raises `NotUnderstood` for anything else."""
    word = said.strip()
    if not (word.isascii() and word.isdecimal() and int(word[:3]) <= RATED_AT_MOST):
        raise NotUnderstood("bid.no_rating", said=word[:20], most=RATED_AT_MOST).at(part)
    return str(int(word))


def ratings_in(said: str) -> dict[str, str]:
    """The first ratings in a row, in the order they are asked; raises `NotUnderstood` for more than five."""
    words = BETWEEN.sub(" ", said).split()
    if len(words) > len(CRITERIA):
        raise NotUnderstood("bid.too_many", n=len(words), most=len(CRITERIA)).at("ratings")
    return {name: rated("ratings", word) for name, word in zip(CRITERIA, words, strict=False)}


def named_in(part: str, said: str, names: Iterable[str]) -> dict[str, str]:
    """Which conditions hold, or which stop signs are seen: by their names in any language, `none` or `all`."""
    of = tuple(names)
    words = [each.strip() for each in BETWEEN.split(said) if each.strip()]
    if len(words) == 1 and words[0].casefold() in catalogue().listed("bid.none_words"):
        return dict.fromkeys(of, NO)
    if len(words) == 1 and words[0].casefold() in catalogue().listed("bid.all_words"):
        return dict.fromkeys(of, YES)
    found = [_named(part, each, of) for each in words]
    return {name: YES if name in found else NO for name in of}


def _named(part: str, said: str, of: Sequence[str]) -> str:
    word = said.casefold()
    found = catalogue().meant(word, {name: f"bid.part.{name}.label" for name in of})
    if found is None and word not in of:
        raise NotUnderstood(f"bid.no_{part}", said=said[:24]).at(part)
    return found or word


def bid_card(turn: Turn, dossier: Dossier, said: Mapping[str, str] | None = None) -> Card:
    """The check of a deal: shown when nothing is said to it, else kept once it is whole; what is missing is asked."""
    check = check_of(dossier, said or {})
    if check.sheet and not check.said:
        return _shown(turn, dossier, check.sheet)
    if check.missing:
        return asked(turn, check, check.missing[0])
    return _kept(turn, check)


def asked(turn: Turn, check: Check, part: str) -> Card:
    """One part by one tap; as a form all of them at once."""
    must_work(turn, check.dossier)
    must_be_open(check.dossier.deal)
    blocks: list[Words | Note] = [_title(check.dossier), t(f"bid.part.{part}.ask")]
    if part in CRITERIA:
        blocks.append(Note(t("bid.weighs", n=WEIGHTS[CRITERIA.index(part)])))
        blocks += [Note(t("bid.names_ours"))] if part == CRITERIA[0] else []
        buttons = [Button(str(n), f"{check.line}\n{part}: {n}") for n in range(RATED_AT_MOST + 1)]
        rows = (tuple(buttons[:PER_ROW]), tuple(buttons[PER_ROW:]))
    else:
        answers = tuple(Button(t(f"bid.{each}"), f"{check.line}\n{part}: {each}") for each in (YES, NO))
        rows = (answers, (Button(t("button.cancel"), "/cancel"),))
    return card(*blocks, rows=rows, ask=Ask(check.line, part)).with_form(_form(check))


def _form(check: Check) -> Form:
    return Form(
        title=_title(check.dossier),
        line=check.line,
        fields=tuple(
            Field(
                name=part,
                label=t(f"bid.part.{part}.label"),
                ask=t(f"bid.part.{part}.ask"),
                required=True,
                value=check.values.get(part, ""),
                options=tuple((str(n), str(n)) for n in range(RATED_AT_MOST + 1))
                if part in CRITERIA
                else tuple((t(f"bid.{each}"), each) for each in (YES, NO)),
            )
            for part in ASKED
        ),
    )


def changing(turn: Turn, dossier: Dossier, parts: Sequence[str]) -> Card:
    """Which part is to be otherwise; the conditions and stop signs stand on a card of their own."""
    must_work(turn, dossier)
    must_be_open(dossier.deal)
    line = f"/bid D{dossier.deal.id}"
    buttons = [Button(t(f"bid.part.{part}.label"), f"{line}\n{part}:") for part in parts]
    if len(parts) == len(CRITERIA):
        buttons.append(Button(t("bid.signs_button"), f"{line} signs"))
    rows = in_rows(buttons)
    return card(_title(dossier), t("tool.change_what"), rows=rows).with_form(_form(check_of(dossier, {})))


def _title(dossier: Dossier) -> Words:
    what = title_of(dossier.deal)
    return t("tool.title", id=f"D{dossier.deal.id}", tool=t("tool.name_bid"), what=what)


def _kept(turn: Turn, check: Check) -> Card:
    must_work(turn, check.dossier)
    must_be_open(check.dossier.deal)
    values = check.values
    sheet = Sheet(
        id=check.sheet.id if check.sheet else SheetId(0),
        deal_id=check.dossier.deal.id,
        tool=Tool.BID,
        values={
            "ratings": " ".join(values[each] for each in CRITERIA),
            "conditions": " ".join(_true(values, CONDITIONS)),
            "signs": " ".join(_true(values, SIGNS)),
        },
        filled_on=turn.today,
    )
    turn.store.keep_sheet(sheet)
    return _shown(turn, check.dossier, sheet, done=True)


def _shown(turn: Turn, dossier: Dossier, sheet: Sheet, *, done: bool = False) -> Card:
    """The score with its verdict, the decision with its reason, and what both are made of."""
    values = _read(sheet)
    points = score([int(values[each]) for each in CRITERIA])
    held, seen = _true(values, CONDITIONS), _true(values, SIGNS)
    decision = decide(held, seen)
    may = works(turn.me, dossier, turn.store.teams()) and dossier.deal.is_open
    buttons = [Button(t("tool.change_button"), f"/bid D{dossier.deal.id} change")] if may else []
    if done and turn.store.changed:
        buttons.append(undo_button(turn))
    buttons.append(Button(t("tool.kit_button"), f"/tool D{dossier.deal.id}"))
    # Hundredths of a point: the exact score has fewer places than that with whole ratings and weights.
    shown = f"{Decimal(points.numerator) / Decimal(points.denominator):.2f}"
    return card(
        Line(_title(dossier), Mark.DONE if done else None),
        t("bid.score", score=shown, verdict=t(f"bid.verdict_{verdict(points)}")),
        t("bid.decision", decision=t(f"bid.decision_{decision}"), reason=_reason(decision, held, seen)),
        Note(
            listed(
                [t("bid.rated", what=t(f"bid.part.{each}.label"), n=int(values[each])) for each in CRITERIA]
            )
        ),
        rows=(tuple(buttons),),
    )


def _reason(decision: Decision, held: Collection[Condition], seen: Collection[StopSign]) -> Words:
    """Why the rule says so."""
    if decision is Decision.GO:
        return t("bid.because_go")
    if Condition.MEETS_SPEC not in held:
        return t("bid.because_spec")
    found = listed([t(f"bid.part.{name}.label") for name, code in SIGNS.items() if code in seen])
    if len(seen) >= STOPS_AT:
        return t("bid.because_signs", signs=found)
    lacking = [t(f"bid.part.{name}.label") for name, code in CONDITIONS.items() if code not in held]
    if lacking and seen:
        return t("bid.because_both", conditions=listed(lacking), signs=found)
    return (
        t("bid.because_sign", signs=found) if seen else t("bid.because_lacking", conditions=listed(lacking))
    )
