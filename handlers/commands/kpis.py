"""/kpis [ROLE [change | reset | target KPI N | KPI N, KPI N]] | all | enter KPI N | import | new customer HOW; for: WHO; on: DATE; since: DATE; note: TEXT"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from domain.choices import Choice, NewCustomer, chosen
from domain.kpis import KpiSet
from domain.people import ADMINS, Role
from domain.refusals import NotAllowed, NotUnderstood
from handlers.args import ASIDE, Args, FileRef, Name, Pasted, When, Words, YesNo
from handlers.kpifacts import day_of, entered, imported, typed_kpi, whose
from handlers.kpisets import (
    first_week,
    holding,
    keep_lines,
    keep_target,
    kpi_named,
    last_version,
    lines_of,
    name_of,
    restored,
    value_of,
)
from handlers.pieces.clipped import clipped
from handlers.pieces.kpis import ROLES, all_card, overview, set_card, set_example, target_words
from handlers.pieces.undo_button import undo_button
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Ask, Block, Button, Card, Line, Mark, Note, Text, card, t
from handlers.words import catalogue

VERBS = ("all", "enter", "import", "new")
LEAVE = ((Button(t("button.cancel"), "/cancel"),),)


class KpisArgs(Args):
    """Which set and what of it, or a fact: what it is, of whom, on which day; or a table of facts."""

    lead = ("what",)
    what: Words | None = None
    whom: Name | None = None
    on: When | None = None
    since: When | None = None
    note: Name | None = None
    weights: Annotated[Words | None, ASIDE] = None
    text: Annotated[Pasted | None, ASIDE] = None
    file: FileRef | None = None
    sure: Annotated[YesNo | None, ASIDE] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The first words: a verb or a role, and what stands after it."""

    verb: str = ""
    role: Role | None = None
    rest: str = ""


def _read(said: str) -> Meant:
    """Raises `NotUnderstood` for words that begin with neither a verb nor a role."""
    words = said.strip()
    if not words:
        return Meant()
    for verb in VERBS:
        for each in sorted(catalogue().listed(f"kpis.{verb}_words"), key=len, reverse=True):
            if rest := _after(words, each):
                return Meant(verb=verb, rest=rest.strip())
    for role in ROLES:
        for language in catalogue().forms(f"role.{role}"):
            for each in (role.value, catalogue().say(t(f"role.{role}"), language).casefold()):
                if rest := _after(words, each):
                    return Meant(role=role, rest=rest.strip())
    raise NotUnderstood("kpis.not_read", said=clipped(words, 24)).at("what")


def _after(words: str, first: str) -> str | None:
    """What stands after a first word, with a blank before it; in Chinese none need stand between."""
    if not words.casefold().startswith(first):
        return None
    rest = words[len(first) :]
    return f" {rest}" if not rest or rest[0].isspace() or not first.isascii() else None


@command(roles=ADMINS | {Role.MANAGER, Role.DIRECTOR, Role.HR}, scope=Scope.ORGANISATION)
def kpis(turn: Turn, args: KpisArgs) -> Card:
    """Shows what is scored and where each number comes from; an admin changes it, whoever leads a team types facts."""
    meant = _read(args.what or "")
    if meant.role:
        return _of_role(turn, meant.role, meant.rest, args)
    match meant.verb:
        case "all":
            return all_card(turn, int(meant.rest[:3]) if meant.rest.isdecimal() else 1)
        case "enter":
            return _enter(turn, meant.rest, args)
        case "import":
            return _import(turn, args)
        case "new":
            return _new_customer(turn, meant.rest)
        case _:
            return overview(turn)


def _admins_only(turn: Turn) -> None:
    if not turn.me.holds(ADMINS):
        raise NotAllowed("kpis.only_admin")


def _of_role(turn: Turn, role: Role, rest: str, args: KpisArgs) -> Card:
    """The set of a role: shown, changed as a whole, one target of it, or as it ships."""
    word = rest.casefold()
    weights = args.weights or ""
    if not rest and not weights:
        return set_card(turn, holding(turn, role, turn.today))
    _admins_only(turn)
    if word in catalogue().listed("kpis.change_words") and not weights:
        return _asked_for_weights(turn, role)
    since = first_week(args.since.on if args.since else None, turn.today)
    if word in catalogue().listed("kpis.reset_words"):
        return _kept(turn, restored(turn, role, since))
    for each in catalogue().listed("kpis.target_words"):
        if said := _after(rest, each):
            name, _, number = said.strip().rpartition(" ")
            kpi = kpi_named(name)
            value = value_of(kpi, number)
            return _kept(turn, keep_target(turn, role, kpi, value, since), target_words(kpi, value))
    made = keep_lines(turn, role, lines_of(weights or rest), since)
    return _kept(turn, made) if isinstance(made, KpiSet) else _wrong(turn, role, made)


def _asked_for_weights(turn: Turn, role: Role) -> Card:
    return card(
        t("kpis.part.weights.ask"),
        Note(set_example(last_version(turn, role), turn), code=True),
        ask=Ask(f"/kpis {role} change", "weights"),
        rows=LEAVE,
    )


def _wrong(turn: Turn, role: Role, flaws: Sequence[Text]) -> Card:
    """Every rule a set breaks, and the present one to start from."""
    example = set_example(last_version(turn, role), turn)
    return card(
        t("kpis.wrong"),
        *(Line(each, Mark.OPEN) for each in flaws),
        Note(example, code=True),
        ask=Ask(f"/kpis {role} change", "weights"),
        rows=LEAVE,
    )


def _kept(turn: Turn, made: KpiSet, *more: Text) -> Card:
    shown = set_card(turn, made, t("kpis.kept", role=t(f"kpis.role_{made.role}"), on=made.since))
    look = Button(t("kpis.show_button"), f"/kpis {made.role}")
    return card(*shown.blocks, *map(Note, more), rows=((look, undo_button(turn)),))


def _enter(turn: Turn, rest: str, args: KpisArgs) -> Card:
    """One typed fact; whom it is about is asked for."""
    name, _, number = rest.rpartition(" ")
    if not name:
        raise NotUnderstood("kpis.no_fact").at("what")
    kpi = typed_kpi(name)
    value = value_of(kpi, number)
    if not args.whom:
        return card(
            Line(name_of(kpi), Mark.DONE),
            t("kpis.part.whom.ask"),
            ask=Ask(args.again("kpis"), "whom"),
            rows=LEAVE,
        )
    member = whose(turn, args.whom)
    on = day_of(turn, args.on.on if args.on and args.on.on else turn.today)
    return entered(turn, kpi, value, member, on, args.note or "")


def _import(turn: Turn, args: KpisArgs) -> Card:
    """A table of facts, pasted or sent."""
    if args.text or args.file is not None:
        return imported(turn, args.text, args.file, sure=args.sure == "yes")  # type: ignore[arg-type]
    lines: list[Block] = [Note(t("kpis.import_example"), code=True)]
    return card(t("kpis.part.text.ask"), *lines, ask=Ask("/kpis import", "text"), rows=LEAVE)


def _new_customer(turn: Turn, rest: str) -> Card:
    """When a customer counts as new: shown with both ways, or chosen."""
    _admins_only(turn)
    how = next(
        (each for each in NewCustomer if rest.casefold() in catalogue().listed(f"kpis.{each}_words")), None
    )
    now = NewCustomer(str(chosen(turn.org, Choice.NEW_CUSTOMER)))
    if how is None and rest:
        raise NotUnderstood("kpis.no_way", said=clipped(rest, 24)).at("what")
    if how is None:
        rows = tuple((Button(t(f"kpis.way_{each}"), f"/kpis new customer {each}"),) for each in NewCustomer)
        return card(t(f"kpis.new_{now}"), t("kpis.new_asks"), rows=rows)
    turn.store.choose({**turn.org.choices, Choice.NEW_CUSTOMER: how})
    back = Button(t("kpis.back_button"), f"/kpis new customer {now}")
    rows = ((back,),) if how is not now else ()
    return card(Line(t(f"kpis.new_{how}"), Mark.DONE), Note(t("kpis.new_note")), rows=rows)
