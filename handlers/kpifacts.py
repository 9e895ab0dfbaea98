"""Facts of KPIs that people type or import: read, kept for whom they are about, and told to them (method section 6)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.files import FileId
from domain.kinds import Notice
from domain.kpis import CATALOGUE, Comes, Kpi
from domain.people import ADMINS, Member, MemberId, Role, team_of
from domain.refusals import NotAllowed, NotUnderstood
from domain.results import Origin, Result
from handlers.colleagues import colleague_named, leads
from handlers.kpisets import kpi_named, name_of, value_of
from handlers.letters import teller
from handlers.pieces.clipped import clipped
from handlers.pieces.undo_button import undo_button
from handlers.reading.moments import moment
from handlers.tables import Column, Table, read_back, table_of, title_of, words_of_file
from handlers.turn import Turn
from handlers.view import Block, Card, Line, Mark, Note, Text, card, t

OLDEST = timedelta(days=400)
NAME_COLUMNS, SHOWN = 12, 3


def whose(turn: Turn, said: str) -> Member:
    """Whom a fact is about: a rep or manager the speaker leads; an admin may name anybody."""
    member = colleague_named(said, turn.store.members())
    if not turn.me.holds(ADMINS) and not leads(turn.me, member, turn.store.teams()):
        raise NotAllowed("kpis.not_yours", name=member.name).at("whom")
    if not member.holds(frozenset({Role.REP, Role.MANAGER})):
        raise NotUnderstood("kpis.no_card", name=member.name).at("whom")
    return member


def typed_kpi(said: str) -> Kpi:
    """A KPI that is typed. Raises `NotUnderstood` for one that is worked out, or that nothing feeds yet."""
    kpi = kpi_named(said)
    if CATALOGUE[kpi].comes is not Comes.TYPED:
        raise NotUnderstood("kpis.not_typed").at("what")
    return kpi


def day_of(turn: Turn, on: date) -> date:
    """The day a fact is about: not ahead, and of the last 400 days."""
    if on > turn.today:
        raise NotUnderstood("kpis.ahead", on=on).at("on")
    if on < turn.today - OLDEST:
        raise NotUnderstood("kpis.too_old", on=on).at("on")
    return on


def entered(turn: Turn, kpi: Kpi, value: Decimal, member: Member, on: date, note: str) -> Card:
    """One fact, typed."""
    turn.store.add_result(_result(turn, member, kpi, value, on, note, Origin.TYPED))
    fact = fact_words(kpi, value, on)
    if member.id != turn.me.id:
        teller(turn).tell(
            member.id, Notice.SCORE, "fact", card(t("kpis.told", name=turn.me.name), Line(fact))
        )
    return card(
        Line(t("kpis.entered", name=member.name), Mark.DONE), Line(fact), rows=((undo_button(turn),),)
    )


def fact_words(kpi: Kpi, value: Decimal, on: date) -> Text:
    """A number of a KPI on its day."""
    return t(f"kpis.fact_{CATALOGUE[kpi].unit}", what=name_of(kpi), value=value, on=on)


def imported(turn: Turn, text: str | None, file: FileId | None, *, sure: bool) -> Card:
    """Reads a table of facts back, or keeps its good rows once that was confirmed."""
    said = words_of_file(turn, file) if file is not None else text or ""
    table = table_of(said, columns_of(turn), _with_value)
    source = f"file: F{file}" if file is not None else f"text: {text}"
    if sure and table.good:
        return _kept(turn, table)
    lines: list[Block] = [Line(_row_words(values)) for _, values in table.good[:SHOWN]]
    return read_back(table, title_of(table), lines, f"/kpis import\nsure: yes\n{source}")


def columns_of(turn: Turn) -> tuple[Column, ...]:
    """Person, KPI, value, date and, where there is one, a note."""

    def on(said: str) -> date:
        found = moment(said, turn.today)
        if found is None or found.on is None:
            raise NotUnderstood("args.no_date", said=clipped(said, NAME_COLUMNS))
        return day_of(turn, found.on)

    return (
        Column(
            field="member",
            key="kpis.column_member",
            words="kpis.member_words",
            read=lambda said: whose(turn, said),
        ),
        Column(field="kpi", key="kpis.column_kpi", words="kpis.kpi_words", read=typed_kpi),
        Column(field="value", key="kpis.column_value", words="kpis.value_words", read=_number),
        Column(field="on", key="kpis.column_on", words="kpis.on_words", read=on),
        Column(field="note", key="kpis.column_note", words="kpis.note_words", read=str, required=False),
    )


def _number(said: str) -> str:
    """A cell that holds a number; in which unit is for the KPI of its row to say."""
    if not any(each.isdigit() for each in said):
        raise NotUnderstood("kpis.no_value", said=clipped(said, NAME_COLUMNS))
    return said


def _with_value(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row with its number in the unit of its KPI."""
    try:
        return {**values, "value": value_of(values["kpi"], values["value"])}
    except NotUnderstood as reason:
        raise reason.at("value") from None


def _kept(turn: Turn, table: Table) -> Card:
    """The good rows, but for those that are there already: the same file may be sent twice."""
    standing = _standing(turn, [values["member"].id for _, values in table.good])
    told: dict[MemberId, list[Mapping[str, Any]]] = {}
    known = 0
    for _, values in table.good:
        member, kpi = values["member"], values["kpi"]
        fact = (member.id, kpi, values["on"], values["value"], values["note"] or "")
        if fact in standing:
            known += 1
            continue
        standing.add(fact)
        turn.store.add_result(_result(turn, member, kpi, fact[3], values["on"], fact[4], Origin.IMPORTED))
        told.setdefault(member.id, []).append(values)
    for number, facts in told.items():
        if number != turn.me.id:
            teller(turn).tell(
                number, Notice.SCORE, "fact", card(t("kpis.told", name=turn.me.name), *_few(facts))
            )
    n = sum(map(len, told.values()))
    blocks: list[Block] = [Line(t("kpis.imported", n=n), Mark.DONE)]
    if known:
        blocks.append(Note(t("kpis.known_already", n=known)))
    undo = ((undo_button(turn),),) if n else ()
    return card(*blocks, rows=undo)


def _few(facts: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    more = len(facts) - SHOWN
    shown = [Line(fact_words(each["kpi"], each["value"], each["on"])) for each in facts[:SHOWN]]
    return (*shown, *((Note(t("tables.more", n=more)),) if more > 0 else ()))


def _standing(turn: Turn, members: Sequence[MemberId]) -> set[tuple[MemberId, Kpi, date, Decimal, str]]:
    typed = [kpi for kpi, row in CATALOGUE.items() if row.comes is Comes.TYPED]
    found = turn.store.results(list(dict.fromkeys(members)), typed, turn.today - OLDEST, turn.today)
    return {
        (each.member_id, each.kpi, each.on, each.value, each.note) for of in found.values() for each in of
    }


def _row_words(values: Mapping[str, Any]) -> Text:
    kpi = values["kpi"]
    return t(
        "kpis.row",
        name=clipped(values["member"].name, NAME_COLUMNS),
        fact=fact_words(kpi, values["value"], values["on"]),
    )


def _result(
    turn: Turn, member: Member, kpi: Kpi, value: Decimal, on: date, note: str, origin: Origin
) -> Result:
    return Result(
        member_id=member.id,
        team_id=team_of(turn.store.stays([member.id]).get(member.id, ()), (on,)),
        kpi=kpi,
        on=on,
        value=value,
        origin=origin,
        made_by=turn.me.id,
        note=note,
    )
