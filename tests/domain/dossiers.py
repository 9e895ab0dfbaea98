"""Deals for the examples: everything there that the ladder asks for, until a test takes something away."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.activity import ActivityId
from domain.c139 import ITEMS, Item, Letter
from domain.customers import ContactId, CustomerId
from domain.deals import (
    Buyer,
    BuyerId,
    BuyingRole,
    Checked,
    Deal,
    DealId,
    Dossier,
    Evidence,
    EvidenceId,
    EvidenceKind,
    Met,
    Rival,
    Sheet,
    SheetId,
    State,
    Tick,
)
from domain.milestones import PROJECT, Known, Phase, Requirement, Source, Template, Tool
from domain.people import MemberId, TeamId

TODAY = date(2026, 3, 2)
# An organisation past its first thirty days.
LONG_AGO = date(2025, 1, 1)
ENTERED = TODAY - timedelta(days=10)
DEAL, ME, COACH = DealId(12), MemberId(1), ContactId(4)
NOTE = "heard from the buyer"


def deal(milestone: int = 1, **other: object) -> Deal:
    """An active deal that has just what every stage wants known of it."""
    plain = Deal(
        id=DEAL,
        customer_id=CustomerId(7),
        customer_name="Acme",
        owner_id=ME,
        team_id=TeamId(1),
        title="",
        state=State.ACTIVE,
        milestone=milestone,
        opened_on=ENTERED,
        entered_on=ENTERED,
        amount=Decimal(500_000),
        close_on=TODAY + timedelta(days=60),
        budget=Decimal(20_000),
        contract="C-2026-7",
        phase=Phase.DELIVERY,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def buyer(number: int, *roles: BuyingRole, **other: object) -> Buyer:
    plain = Buyer(
        id=BuyerId(number),
        deal_id=DEAL,
        contact_id=ContactId(number),
        name=f"Buyer {number}",
        roles=frozenset(roles),
        influence=5 if number < 3 else 2,
        stance=1,
        stance_on=TODAY,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def visit(number: int, *contacts: int, kind: str = "visit", on: date = TODAY) -> Met:
    return Met(activity_id=ActivityId(number), kind=kind, on=on, contact_ids=tuple(map(ContactId, contacts)))


def sheet(number: int, tool: Tool, contact: int | None = None, **values: str) -> Sheet:
    return Sheet(
        id=SheetId(number),
        deal_id=DEAL,
        tool=tool,
        values=values or {"need": "more speed"},
        contact_id=ContactId(contact) if contact else None,
        filled_on=TODAY,
    )


def proof(number: int, milestone: int, code: str, **other: object) -> Evidence:
    plain = Evidence(
        id=EvidenceId(number),
        deal_id=DEAL,
        milestone=milestone,
        code=code,
        kind=EvidenceKind.TEXT,
        given_on=TODAY,
        given_by=ME,
        text="as said",
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def rated(items: Iterable[Item], *, by: MemberId | None = ME, coach: bool = False) -> tuple[Checked, ...]:
    """Items that count, confirmed by the manager unless nobody did, the first of them by a coach as well."""
    return tuple(
        Checked(
            id=number,
            deal_id=DEAL,
            item=item,
            note=NOTE,
            source="Li Wei",
            checked_on=TODAY,
            confirmed_by=by,
            coach_id=COACH if coach and number == 1 else None,
            confirmed_on=TODAY if by else None,
        )
        for number, item in enumerate(items, 1)
    )


def standing(clear: int, first: int = 0, win: int = 0) -> tuple[Item, ...]:
    """So many items of each letter."""
    return (*ITEMS[Letter.CLEAR][:clear], *ITEMS[Letter.FIRST][:first], *ITEMS[Letter.WIN][:win])


def whole(milestone: int, template: Template = PROJECT) -> Dossier:
    """A deal at a milestone with all that its gate asks for, and a manager's approval where that is asked."""
    stage = template.stage(milestone)
    asked = (*stage.tasks, *stage.evidence)
    own = [each for each in asked if each.source is Source.TICK]
    given = [each for each in asked if each.source is Source.GIVEN]
    tools = dict.fromkeys(each.tool for each in asked if each.source is Source.SHEET and each.tool)
    return Dossier(
        deal=deal(milestone, approved=milestone, template_id=template.id),
        template=template,
        segment="manufacturing",
        key_customer=True,
        buyers=(
            buyer(1, BuyingRole.ECONOMIC),
            buyer(2, BuyingRole.TECHNICAL),
            buyer(3, BuyingRole.USER),
            buyer(4, BuyingRole.COACH),
        ),
        checked=rated(Item, coach=True),
        ticks=tuple(
            Tick(id=n, deal_id=DEAL, milestone=milestone, code=each.code, done_on=TODAY)
            for n, each in enumerate(own, 1)
        ),
        evidence=tuple(proof(n, milestone, each.code) for n, each in enumerate(given, 1)),
        sheets=(
            *(sheet(n, tool) for n, tool in enumerate(tools, 1)),
            sheet(31, Tool.FAB, 1),
            sheet(32, Tool.FAB, 2),
            sheet(33, Tool.RISK, risk="price", backup="a second offer"),
        ),
        rivals=(Rival(id=1, deal_id=DEAL, name="Bolt"),),
        met=(visit(1, 1, 2), visit(2, 3)),
    )


def _deal(dossier: Dossier, **values: object) -> Dossier:
    return replace(dossier, deal=replace(dossier.deal, **values))  # type: ignore[arg-type]


def _buyers(dossier: Dossier, change: Callable[[Buyer], Buyer]) -> Dossier:
    return replace(dossier, buyers=tuple(change(each) for each in dossier.buyers))


def _without_role(role: BuyingRole) -> Callable[[Dossier], Dossier]:
    return lambda dossier: _buyers(dossier, lambda each: replace(each, roles=each.roles - {role}))


# How each thing that is read off a deal goes missing, and nothing else with it.
WITHOUT: Mapping[Known, Callable[[Dossier], Dossier]] = {
    Known.SEGMENT: lambda dossier: replace(dossier, segment=""),
    Known.AMOUNT_AND_CLOSE: lambda dossier: _deal(dossier, close_on=None),
    Known.CONTACT_WITH_ROLE: lambda dossier: _buyers(dossier, lambda each: replace(each, roles=frozenset())),
    Known.BUDGET: lambda dossier: _deal(dossier, budget=None),
    Known.DECISION_MAP: _without_role(BuyingRole.USER),
    Known.TWO_VISITS: lambda dossier: replace(
        dossier, met=(dossier.met[0], replace(dossier.met[1], kind="meeting"))
    ),
    Known.COACH_NAMED: _without_role(BuyingRole.COACH),
    Known.RIVALS_LISTED: lambda dossier: replace(dossier, rivals=()),
    Known.FIRST_VISIT: lambda dossier: replace(
        dossier, met=tuple(replace(each, kind="meeting") for each in dossier.met)
    ),
    Known.THREE_VISITED: lambda dossier: replace(
        dossier, met=(dossier.met[0], replace(dossier.met[1], contact_ids=(ContactId(1),)))
    ),
    Known.EXCHANGE_HELD: lambda dossier: replace(
        dossier, met=tuple(replace(each, on=ENTERED - timedelta(days=1)) for each in dossier.met)
    ),
    Known.FAB_PER_KEY_CONTACT: lambda dossier: replace(
        dossier,
        sheets=tuple(
            each for each in dossier.sheets if (each.tool, each.contact_id) != (Tool.FAB, ContactId(2))
        ),
    ),
    Known.EXECUTIVE_MET: lambda dossier: replace(dossier, met=(visit(1, 2, 3), visit(2, 4))),
    Known.EXECUTIVE_STANCE: lambda dossier: _buyers(dossier, lambda each: replace(each, stance=None)),
    Known.RISKS_BACKED: lambda dossier: replace(
        dossier,
        sheets=tuple(
            replace(each, values={"risk": "price", "backup": ""}) if each.tool is Tool.RISK else each
            for each in dossier.sheets
        ),
    ),
    Known.CONTRACT_NUMBER: lambda dossier: _deal(dossier, contract=""),
    Known.FINAL_AMOUNT: lambda dossier: _deal(dossier, amount=None),
}


def without(dossier: Dossier, requirement: Requirement) -> Dossier:
    """The deal as it is, but for what one requirement asks for."""
    match requirement.source:
        case Source.TICK:
            return replace(dossier, ticks=[each for each in dossier.ticks if each.code != requirement.code])
        case Source.GIVEN:
            kept = [each for each in dossier.evidence if each.code != requirement.code]
            return replace(dossier, evidence=kept)
        case Source.SHEET:
            return replace(dossier, sheets=[each for each in dossier.sheets if each.tool != requirement.tool])
        case Source.FACT:
            assert requirement.known is not None
            return WITHOUT[requirement.known](dossier)
        case Source.RATED:
            return replace(
                dossier, checked=[each for each in dossier.checked if each.item != requirement.item]
            )
