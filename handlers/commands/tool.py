"""/tool DEAL [TOOL]; contact: WHO; about: RIVAL; the fields of the card, for example feature: TEXT"""

from domain.milestones import FIELDS, Tool
from handlers.answer import arguments
from handlers.args import Args, Entry, Missing, Name
from handlers.bidding import bid_card
from handlers.dealing import SELLERS, Right, deal_in_question, dossier_meant
from handlers.pieces.kit import WHOM, kit_card
from handlers.registry import command
from handlers.sheets import must_have, sheet_named, tool_named, tool_of, wanted_of, wanted_sheet
from handlers.tooling import asked, changing, started, worked
from handlers.turn import Turn
from handlers.view import Card
from handlers.words import catalogue


class ToolArgs(Args):
    """Which deal, which card of its kit (or its number: K3), whom it is about, and the fields of all cards."""

    lead = ("deal", "tool")
    deal: Name
    tool: Name | None = None
    contact: Name | None = None
    about: Name | None = None
    need: Entry | None = None
    reason: Entry | None = None
    feature: Entry | None = None
    advantage: Entry | None = None
    benefit: Entry | None = None
    objection: Entry | None = None
    cause: Entry | None = None
    answer: Entry | None = None
    gain: Entry | None = None
    cost: Entry | None = None
    payback: Entry | None = None
    offer: Entry | None = None
    floor: Entry | None = None
    terms: Entry | None = None
    strengths: Entry | None = None
    weaknesses: Entry | None = None
    opportunities: Entry | None = None
    threats: Entry | None = None
    who: Entry | None = None
    why: Entry | None = None
    risk: Entry | None = None
    backup: Entry | None = None
    alternative: Entry | None = None
    walk_away: Entry | None = None
    give: Entry | None = None
    get: Entry | None = None

    @property
    def said(self) -> dict[str, str]:
        """What was said to the fields."""
        names = dict.fromkeys(
            each for tool, fields in FIELDS.items() if tool is not Tool.BID for each in fields
        )
        return {each: value for each in names if (value := getattr(self, each))}


def _question(turn: Turn, missing: Missing) -> Card | None:
    """A field asked for by a button: the card is the one its command names."""
    if missing.part in ToolArgs.lead:
        return None
    _, args = arguments(turn, missing.line)
    return _run(turn, args, missing.part) if isinstance(args, ToolArgs) else None


@command(roles=SELLERS, about=deal_in_question, question=_question)
def tool(turn: Turn, args: ToolArgs) -> Card:
    """Shows the tool kit of a deal's stage, fills one of its cards, or shows and changes one."""
    return _run(turn, args, None)


def _run(turn: Turn, args: ToolArgs, part: str | None) -> Card:
    """The card that is meant, shown, filled or, where a `part` is named without a word, asked for it."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("tool", deal=number), Right.SEE)
    if isinstance(found, Card):
        return found
    word, _, rest = (args.tool or "").strip().partition(" ")
    if not word and not args.said:
        return kit_card(found)
    if word.casefold() in catalogue().listed("tool.all_words"):
        return kit_card(found, int(rest) if rest.isdecimal() and len(rest) < 3 else 1)
    if sheet := sheet_named(found, word):
        wanted = wanted_sheet(turn, found, sheet, args.said)
        if rest.casefold() in catalogue().listed("tool.change_words"):
            return changing(turn, wanted)
        return asked(turn, wanted, part) if part else worked(turn, wanted)
    page = 1
    said = args.tool or ""
    if rest.isdecimal() and len(rest) < 3:
        said, page = word, int(rest)
    which = tool_named(said) if said else tool_of(args.said)
    if which is Tool.BID:
        return bid_card(turn, found)
    must_have(turn, which, _strange(args, which))
    about_whom = args.contact or args.about
    if not args.said and not about_whom and (part in (None, "contact", "about")):
        return started(turn, found, which, page, another=bool(part))
    if which in (Tool.FAB, Tool.SWOT) and not about_whom:
        return started(turn, found, which, said=args.said)
    wanted_or_asked = wanted_of(
        turn, found, which, person=args.contact or "", about=args.about or "", said=args.said
    )
    if isinstance(wanted_or_asked, Card):
        return wanted_or_asked
    if part in FIELDS[which]:
        return asked(turn, wanted_or_asked, part)
    return worked(turn, wanted_or_asked)


def _strange(args: ToolArgs, which: Tool) -> tuple[str, ...]:
    """Whom a card is about, where this kind is about nobody."""
    named = {"contact": args.contact, "about": args.about}
    return tuple(name for name, said in named.items() if said and WHOM.get(which) != name)
