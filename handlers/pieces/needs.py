"""What a gate misses, each in words and with the button that supplies it (method section 3)."""

from collections.abc import Mapping

from domain.c139 import Need, Short
from domain.deals import Dossier
from domain.gates import Gate, proof_of
from domain.milestones import Known, Requirement, Source, Tool
from handlers.view import Button, Text, Words, t

# The command that supplies what can be read off a deal; {deal} and {customer} are its number and its customer's.
SUPPLIES: Mapping[Known, str] = {
    Known.SEGMENT: "/customer A{customer}\nsegment:",
    Known.AMOUNT_AND_CLOSE: "/deal D{deal}\namount:",
    Known.CONTACT_WITH_ROLE: "/who D{deal}",
    Known.BUDGET: "/expense D{deal}\nbudget:",
    Known.DECISION_MAP: "/who D{deal}",
    Known.TWO_VISITS: "/visit A{customer}\ndeal: D{deal}",
    Known.COACH_NAMED: "/who D{deal}",
    Known.RIVALS_LISTED: "/deal D{deal}\nrivals:",
    Known.FIRST_VISIT: "/visit A{customer}\ndeal: D{deal}",
    Known.THREE_VISITED: "/visit A{customer}\ndeal: D{deal}",
    Known.EXCHANGE_HELD: "/meeting A{customer}\ndeal: D{deal}",
    Known.FAB_PER_KEY_CONTACT: "/tool D{deal} fab",
    Known.EXECUTIVE_MET: "/visit A{customer}\ndeal: D{deal}",
    Known.EXECUTIVE_STANCE: "/who D{deal}",
    Known.RISKS_BACKED: "/risk D{deal}",
    Known.CONTRACT_NUMBER: "/won D{deal}\ncontract:",
    Known.FINAL_AMOUNT: "/won D{deal}\namount:",
}
# Cards of the tool kit with a command of their own; the others are filled by /tool.
OWN_COMMAND: Mapping[Tool, str] = {
    Tool.BID: "/bid D{deal}",
    Tool.SWOT: "/swot D{deal}",
    Tool.RISK: "/risk D{deal}",
}


def need_words(requirement: Requirement) -> Words:
    """What a requirement is called: an organisation's own by its own words."""
    return requirement.text or t(f"need.{requirement.code}")


def supply(requirement: Requirement, dossier: Dossier) -> str:
    """The command that supplies a requirement."""
    match requirement.source:
        case Source.TICK:
            line = f"/task D{{deal}} {requirement.code} done"
        case Source.GIVEN:
            line = f"/evidence D{{deal}} {requirement.code}"
        case Source.SHEET if requirement.tool:
            line = OWN_COMMAND.get(requirement.tool, f"/tool D{{deal}} {requirement.tool}")
        case Source.RATED if requirement.item:
            line = f"/check D{{deal}} {requirement.item}"
        case _:
            line = SUPPLIES[requirement.known] if requirement.known else "/deal D{deal}"
    return _of(line, dossier)


def _of(line: str, dossier: Dossier) -> str:
    return line.format(deal=dossier.deal.id, customer=dossier.deal.customer_id)


def missing_words(gate: Gate, dossier: Dossier) -> tuple[Words, ...]:
    """Every missing thing in words, evidence first: what the customer has to say takes longest."""
    return tuple(words for words, _ in _missing(gate, dossier))


def missing_buttons(gate: Gate, dossier: Dossier) -> tuple[Button, ...]:
    """One button for each missing thing; two that lead to the same command are one."""
    found: dict[str, Button] = {}
    for words, line in _missing(gate, dossier):
        found.setdefault(line, Button(words, line))
    return tuple(found.values())


def _missing(gate: Gate, dossier: Dossier) -> tuple[tuple[Words, str], ...]:
    named = [(_renewed(each, dossier), supply(each, dossier)) for each in (*gate.evidence, *gate.tasks)]
    short = [(short_words(each), _of("/check D{deal}", dossier)) for each in gate.short]
    return (*named, *short)


def _renewed(requirement: Requirement, dossier: Dossier) -> Words:
    """A proof that is there and too old is asked for anew (method section 3)."""
    words = need_words(requirement)
    if requirement.source is Source.GIVEN and proof_of(requirement, dossier, dossier.deal.milestone):
        return t("need.renew", what=words)
    return words


def short_words(short: Short) -> Text:
    """What of C139 is short, and by how many."""
    match short.need:
        case Need.CLEAR:
            return t("need.clear", n=short.by)
        case Need.FIRST:
            return t("need.first", n=short.by)
        case Need.COACH:
            return t("need.coach")
