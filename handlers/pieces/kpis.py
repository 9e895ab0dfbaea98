"""KPIs as they are shown: the sets of a role, the catalogue, and where each number comes from (method section 6)."""

from collections.abc import Sequence
from decimal import Decimal

from domain.choices import Choice, chosen
from domain.kpis import CATALOGUE, Kpi, KpiSet, Window
from domain.people import ADMINS, Role
from handlers.kpisets import holding, last_version, name_of, state_of
from handlers.pieces.pages import last_page, turning
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Text, Words, card, in_rows, t
from handlers.words import catalogue

ROLES = (Role.REP, Role.MANAGER)
PAGE = 6


def overview(turn: Turn) -> Card:
    """The sets by role, when a customer is new, and the way to all KPIs."""
    blocks: list[Block] = [Line(t("kpis.title"))]
    buttons = []
    for role in ROLES:
        kpis = holding(turn, role, turn.today)
        blocks.append(
            Line(t("kpis.of_role", role=t(f"kpis.role_{role}"), n=len(kpis.lines), version=version_of(kpis)))
        )
        buttons.append(Button(t(f"kpis.role_{role}"), f"/kpis {role}"))
    blocks.append(Line(t(f"kpis.new_{chosen(turn.org, Choice.NEW_CUSTOMER)}")))
    buttons += [
        Button(t("kpis.all_button"), "/kpis all"),
        Button(t("kpis.enter_button"), "/kpis enter"),
        Button(t("kpis.import_button"), "/kpis import"),
    ]
    if turn.me.holds(ADMINS):
        buttons.append(Button(t("kpis.new_button"), "/kpis new customer"))
    return card(*blocks, rows=in_rows(buttons))


def version_of(kpis: KpiSet) -> Text:
    return t("kpis.version", n=kpis.version) if kpis.version else t("kpis.as_shipped")


def set_card(turn: Turn, kpis: KpiSet, done: Words | None = None) -> Card:
    """The lines of a set, each with its weight and where its number comes from."""
    known = turn.store.kpis_with_facts()
    title = done or t("kpis.set_title", role=t(f"kpis.role_{kpis.role}"), version=version_of(kpis))
    later = last_version(turn, kpis.role)
    blocks: list[Block] = [Line(title, Mark.DONE if done else None)]
    for kpi, weight in kpis.lines:
        blocks.append(
            Line(t("kpis.line", what=name_of(kpi), weight=weight, state=state_of(kpi, kpis, known)))
        )
    if later.version != kpis.version and later.since > turn.today:
        blocks.append(Note(t("kpis.later", n=later.version, on=later.since)))
    return card(*blocks, rows=in_rows(_buttons(turn, kpis)))


def target_words(kpi: Kpi, target: Decimal) -> Text:
    """What a KPI is to reach: in a month where its numbers add up, else at any time."""
    key = "kpis.target_month" if CATALOGUE[kpi].window is Window.MONTH else "kpis.target"
    return t(key, what=name_of(kpi), target=target)


def _buttons(turn: Turn, kpis: KpiSet) -> Sequence[Button]:
    line = f"/kpis {kpis.role}"
    if not turn.me.holds(ADMINS):
        return [Button(t("kpis.all_button"), "/kpis all")]
    found = [Button(t("kpis.change_button"), f"{line} change"), Button(t("kpis.all_button"), "/kpis all")]
    if last_version(turn, kpis.role).version:
        found.append(Button(t("kpis.reset_button"), f"{line} reset"))
    return found


def set_example(kpis: KpiSet, turn: Turn) -> str:
    """A set as it could be typed."""
    say = catalogue().say
    return ", ".join(f"{say(name_of(kpi), turn.language)} {weight}" for kpi, weight in kpis.lines)


def all_card(turn: Turn, page: int) -> Card:
    """The whole catalogue, some to a page: unit, side of the scorecard, and where the numbers come from."""
    known, kpis = turn.store.kpis_with_facts(), holding(turn, Role.REP, turn.today)
    rows = list(CATALOGUE.values())
    last = last_page(len(rows), PAGE, page)
    shown = rows[(page - 1) * PAGE : page * PAGE]
    lines = [
        Line(
            t(
                "kpis.catalogue_line",
                what=name_of(each.kpi),
                side=t(f"kpis.side_{each.side}"),
                state=state_of(each.kpi, kpis, known),
            )
        )
        for each in shown
    ]
    return card(t("kpis.catalogue", n=page, most=last), *lines, rows=(turning("/kpis all", page, last),))
