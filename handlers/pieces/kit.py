"""The tool kit of a deal on cards: the kit itself, the cards of one kind, one that is filled (method section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from domain.deals import Dossier, Sheet
from domain.milestones import FIELDS, REPEATED, Tool, every_tool
from handlers.dealing import title_of
from handlers.pieces.clipped import clipped
from handlers.pieces.needs import OWN_COMMAND
from handlers.pieces.pages import last_page
from handlers.registry import registry
from handlers.view import (
    Ask,
    Block,
    Button,
    Card,
    Facts,
    Line,
    Mark,
    Steps,
    Text,
    Words,
    card,
    in_rows,
    t,
)

NAME_COLUMNS, LABEL_COLUMNS, ROW_COLUMNS, VALUE_COLUMNS = 24, 18, 60, 80
# A card has six buttons in three rows, the last of them for what goes on.
PER_PAGE, KIT_PER_PAGE = 4, 5
# Cards about somebody: the part that names them.
WHOM: Mapping[Tool, str] = {Tool.FAB: "contact", Tool.SWOT: "about"}
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One somebody or something a card may be about: its name, whether the card is there, and what its button adds."""

    name: str
    done: bool
    line: str


def key_of(name: str) -> str:
    """The key of the texts of a field, as `/tool` has them."""
    declared = registry().commands["tool"]
    return next(spec.key for spec in declared.parts if spec.field == name)


def title(dossier: Dossier, tool: Tool, about: str = "") -> Text:
    """The deal and the kind of card, with whom or what it is about."""
    number, name = f"D{dossier.deal.id}", t(f"tool.name_{tool}")
    if about:
        return t("tool.title_about", id=number, tool=name, about=clipped(about, NAME_COLUMNS))
    return t("tool.title", id=number, tool=name, what=title_of(dossier.deal, NAME_COLUMNS))


def kit_card(dossier: Dossier, page: int = 0) -> Card:
    """The kit of the present stage as buttons; from page 1 on the whole kit of the ladder."""
    number = dossier.deal.id
    tools = every_tool(dossier.template.stages) if page else dossier.stage.tools
    per = KIT_PER_PAGE if page else PER_PAGE
    last = last_page(len(tools), per, max(page, 1))
    shown = tools[max(page - 1, 0) * per :][:per]
    buttons = [_tool_button(dossier, each) for each in shown]
    if not page:
        buttons.append(Button(t("tool.all_button"), f"/tool D{number} all"))
    elif page < last:
        buttons.append(Button(t("members.next_page"), f"/tool D{number} all {page + 1}"))
    words = t("tool.whole_kit", n=len(tools)) if page else t("tool.kit")
    done = sum(1 for each in tools if dossier.of_tool(each))
    return card(
        t("deals.named", id=f"D{number}", what=title_of(dossier.deal)),
        words,
        Line(t("tool.filled", done=done, n=len(tools))),
        rows=in_rows(buttons),
    )


def _tool_button(dossier: Dossier, tool: Tool) -> Button:
    name = t(f"tool.name_{tool}")
    line = OWN_COMMAND.get(tool, f"/tool D{{deal}} {tool}").format(deal=dossier.deal.id)
    return Button(t("tool.done_button", what=name) if dossier.of_tool(tool) else name, line)


def sheet_card(
    dossier: Dossier, sheet: Sheet, about: Words, *, may: bool, undo: Button | None = None, done: bool = False
) -> Card:
    """A filled card, label and value in a line each."""
    line = f"/tool D{dossier.deal.id}"
    lacking = [each for each in FIELDS[sheet.tool] if each not in sheet.values] if may else []
    buttons = [Button(t(f"{key_of(each)}.label"), f"{line} K{sheet.id}\n{each}:") for each in lacking]
    buttons += [Button(t("tool.change_button"), f"{line} K{sheet.id} change")] if may else []
    if sheet.tool in REPEATED and may:
        buttons.append(Button(t("tool.another_button"), f"{line} {another(sheet.tool)}"))
    last = [undo] if undo else []
    last.append(Button(t("tool.kit_button"), line))
    return card(
        Line(about, Mark.DONE if done else None),
        Facts(
            tuple(
                (t(f"{key_of(each)}.label"), clipped(sheet.values[each], VALUE_COLUMNS))
                for each in FIELDS[sheet.tool]
                if each in sheet.values
            )
        ),
        rows=(*((tuple(buttons),) if buttons else ()), tuple(last)),
    )


def another(tool: Tool) -> str:
    """What follows the deal in the command for one more card: whom it is about is asked first, else its first field."""
    return f"{tool}\n{WHOM.get(tool, FIELDS[tool][0])}:"


def list_card(dossier: Dossier, tool: Tool, page: int, *, may: bool, undo: Button | None) -> Card:
    """Objections, risks or the steps of a ladder: a line and a button each, and one for another."""
    sheets, number = dossier.of_tool(tool), dossier.deal.id
    shown, last = _paged(sheets, page)
    first = (page - 1) * PER_PAGE
    buttons = [
        Button(
            t("tool.open_button", n=n, what=clipped(_about(each), LABEL_COLUMNS)),
            f"/tool D{number} K{each.id}",
        )
        for n, each in enumerate(shown, first + 1)
    ]
    end = [Button(t("tool.another_button"), f"/tool D{number} {another(tool)}")] if may else []
    if undo:
        end.append(undo)
    elif page < last:
        end.append(Button(t("members.next_page"), f"/tool D{number} {tool} {page + 1}"))
    return card(
        Line(title(dossier, tool), Mark.DONE if undo else None),
        *_rows_of(tool, shown, first + 1),
        rows=(*in_rows(buttons), *((tuple(end),) if end else ())),
    )


def _about(sheet: Sheet) -> str:
    return sheet.values.get(FIELDS[sheet.tool][0], "")


def _rows_of(tool: Tool, sheets: Sequence[Sheet], first: int) -> tuple[Block, ...]:
    """A line for each card; a risk without a backup is still open."""
    rows = [_row(n, each) for n, each in enumerate(sheets, first)]
    if tool is not Tool.RISK:
        return tuple(Line(each) for each in rows)
    marks = (Mark.DONE if each.values.get("backup") else Mark.OPEN for each in sheets)
    return (Steps(tuple(zip(marks, rows, strict=True))),)


def _row(n: int, sheet: Sheet) -> Words:
    values = sheet.values
    match sheet.tool:
        case Tool.CONCESSION:
            give, get = (clipped(values.get(each, ""), ROW_COLUMNS // 2) for each in ("give", "get"))
            return t("tool.row_concession", n=n, give=give, get=get)
        case Tool.RISK if values.get("backup"):
            risk, backup = (clipped(values[each], ROW_COLUMNS // 2) for each in ("risk", "backup"))
            return t("tool.row_risk", n=n, risk=risk, backup=backup)
        case Tool.RISK:
            return t("tool.row_no_backup", n=n, risk=clipped(_about(sheet), ROW_COLUMNS // 2))
        case _:
            return t("tool.row", n=n, what=clipped(_about(sheet), ROW_COLUMNS))


def choice_card(
    dossier: Dossier,
    tool: Tool,
    entries: Sequence[Entry],
    page: int,
    *,
    may: bool,
    asks: bool = False,
    said: str = "",
) -> Card:
    """Those a card may be about, as buttons; if it `asks`, somebody else is typed. `said` goes on in every command."""
    line, part = f"/tool D{dossier.deal.id} {tool}", WHOM[tool]
    shown, last = _paged(entries, page)
    buttons = [_entry_button(each, f"{line}{each.line}{said}") for each in shown]
    end = [Button(t("members.next_page"), f"{line} {page + 1}{said}")] if page < last else []
    if not asks:
        end = (
            [Button(t("tool.another_button"), f"/tool D{dossier.deal.id} {another(tool)}"), *end]
            if may
            else end
        )
        none = () if entries else (t("tool.none"),)
        return card(title(dossier, tool), *none, rows=(*in_rows(buttons), *((tuple(end),) if end else ())))
    end.append(Button(t("button.cancel"), "/cancel"))
    return card(
        title(dossier, tool),
        t(f"{key_of(part)}.ask"),
        rows=(*in_rows(buttons), tuple(end)),
        ask=Ask(f"{line}{said}", part),
    )


def _entry_button(entry: Entry, line: str) -> Button:
    name = clipped(entry.name, LABEL_COLUMNS)
    return Button(t("tool.done_button", what=name) if entry.done else name, line)


def _paged(items: Sequence[T], page: int) -> tuple[Sequence[T], int]:
    """The items of a page and the number of pages; raises `NotFound` for a page that is not there."""
    last = last_page(len(items), PER_PAGE, page)
    return items[(page - 1) * PER_PAGE : page * PER_PAGE], last
