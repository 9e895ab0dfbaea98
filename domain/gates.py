"""Gates: what a deal still needs to leave its milestone, and what it is warned of (method section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from domain.c139 import Short, short_of, warns
from domain.coverage import ECONOMIC_FROM, ROLES_FROM, uncovered
from domain.customers import ContactId
from domain.deals import BuyingRole, Dossier, Evidence, Seller
from domain.milestones import LAST, PHASES, Known, Requirement, Source, Stage, Tool

# Method section 3: proof and stances older than 90 days are renewed before a gate.
PROOF_LIVES = timedelta(days=90)
# Product section 5: gates advise in the first 30 days of an organisation and at M1 to M4, hold from M5.
ADVISING_DAYS = timedelta(days=30)
HOLDS_FROM = 5
# Method section 3: every card above M4 says that the top decision maker is not confirmed, the last stage's too.
TOP_FROM = 5
# A task list is whole with so many contacts and visits (method section 3, M2).
MAPPED_CONTACTS, KEY_VISITS, VISITED_CONTACTS = 3, 2, 3


def _covers_map(dossier: Dossier) -> bool:
    covered = {role for each in dossier.buyers for role in each.roles}
    wanted = {BuyingRole.USER, BuyingRole.TECHNICAL, BuyingRole.ECONOMIC}
    return len(dossier.buyers) >= MAPPED_CONTACTS and wanted <= covered


def _met_contacts(dossier: Dossier) -> frozenset[ContactId]:
    return frozenset(each for met in dossier.met for each in met.contact_ids)


def _executives(dossier: Dossier) -> frozenset[ContactId]:
    return frozenset(each.contact_id for each in dossier.with_role(BuyingRole.ECONOMIC))


def _fab_per_key_contact(dossier: Dossier) -> bool:
    key = {each.contact_id for each in dossier.buyers if each.is_key}
    there = {each.contact_id for each in dossier.of_tool(Tool.FAB)}
    return bool(there) and key <= there


def _executive_stance(dossier: Dossier, today: date) -> bool:
    return any(
        each.stance is not None and each.stance_on is not None and is_fresh(each.stance_on, today)
        for each in dossier.with_role(BuyingRole.ECONOMIC)
    )


def is_fresh(on: date, today: date) -> bool:
    """Whether a proof or a stance of `on` still counts at a gate: not older than 90 days (method section 3)."""
    return today - on <= PROOF_LIVES


def knows(known: Known, dossier: Dossier, today: date) -> bool:
    """Whether a deal holds what a requirement of this kind asks for: the table of method section 3 in code."""
    deal = dossier.deal
    match known:
        case Known.SEGMENT:
            return bool(dossier.segment)
        case Known.AMOUNT_AND_CLOSE:
            return deal.amount is not None and deal.close_on is not None
        case Known.CONTACT_WITH_ROLE:
            return any(each.roles for each in dossier.buyers)
        case Known.BUDGET:
            return deal.budget is not None
        case Known.DECISION_MAP:
            return _covers_map(dossier)
        case Known.TWO_VISITS:
            return sum(1 for each in dossier.met if each.kind == "visit") >= KEY_VISITS
        case Known.COACH_NAMED:
            return bool(dossier.with_role(BuyingRole.COACH))
        case Known.RIVALS_LISTED:
            return bool(dossier.rivals)
        case Known.FIRST_VISIT:
            return any(each.kind == "visit" for each in dossier.met)
        case Known.THREE_VISITED:
            return len(_met_contacts(dossier)) >= VISITED_CONTACTS
        case Known.EXCHANGE_HELD:
            return any(each.on >= deal.entered_on for each in dossier.met)
        case Known.FAB_PER_KEY_CONTACT:
            return _fab_per_key_contact(dossier)
        case Known.EXECUTIVE_MET:
            return bool(_executives(dossier) & _met_contacts(dossier))
        case Known.EXECUTIVE_STANCE:
            return _executive_stance(dossier, today)
        case Known.RISKS_BACKED:
            risks = dossier.of_tool(Tool.RISK)
            return bool(risks) and all(each.values.get("backup") for each in risks)
        case Known.CONTRACT_NUMBER:
            return bool(deal.contract)
        case Known.FINAL_AMOUNT:
            return deal.amount is not None


def proof_of(requirement: Requirement, dossier: Dossier, milestone: int) -> Evidence | None:
    """The latest evidence of a requirement that was not superseded."""
    given = [
        each
        for each in dossier.evidence
        if each.code == requirement.code and each.milestone == milestone and not each.superseded
    ]
    return max(given, key=lambda each: (each.given_on, each.id), default=None)


def met(requirement: Requirement, dossier: Dossier, today: date, milestone: int) -> bool:
    """Whether a requirement of a milestone is met on `today`; given evidence counts for 90 days."""
    match requirement.source:
        case Source.TICK:
            return any(
                each.code == requirement.code and each.milestone == milestone and each.done_on
                for each in dossier.ticks
            )
        case Source.GIVEN:
            proof = proof_of(requirement, dossier, milestone)
            return proof is not None and is_fresh(proof.given_on, today)
        case Source.FACT:
            return requirement.known is not None and knows(requirement.known, dossier, today)
        case Source.SHEET:
            return requirement.tool is not None and bool(dossier.of_tool(requirement.tool))
        case Source.RATED:
            return requirement.item in dossier.ratings


class Caution(StrEnum):
    """What a gate lets pass with a word of warning."""

    TOP_UNCONFIRMED = "top_unconfirmed"
    AHEAD_OF_CUSTOMER = "ahead_of_customer"
    NO_ECONOMIC = "no_economic"
    UNCOVERED = "uncovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a gate says: everything that is missing, what it warns of, and whether it refuses or advises.

    `short` lists what the confirmed C139 lacks of the minimum; `approval` that somebody else has to agree yet.
    """

    milestone: int
    tasks: tuple[Requirement, ...]
    evidence: tuple[Requirement, ...]
    short: tuple[Short, ...]
    approval: bool
    holds: bool
    warnings: tuple[Caution, ...] = ()

    @property
    def missing(self) -> int:
        """How many things are missing, a manager's approval aside."""
        return len(self.tasks) + len(self.evidence) + len(self.short)

    @property
    def is_ready(self) -> bool:
        """Whether nothing but a manager's approval is missing."""
        return not self.missing

    @property
    def is_open(self) -> bool:
        return not self.missing and not self.approval


def gate(dossier: Dossier, today: date, *, organisation_since: date) -> Gate:
    """Whether the gate out of the present milestone opens (method section 3, vector L12).

    It opens when all required tasks are done, the evidence is there and fresh, the C/F/W minimum holds on confirmed
    items, and no approval is open. Where C139 is not asked and nothing is rated the minimum is skipped.
    """
    stage, deal = dossier.stage, dossier.deal
    weighed = dossier.weighs_c139
    short = short_of(stage.minimum, dossier.confirmed(), coached=dossier.coached) if weighed else ()
    return Gate(
        milestone=deal.milestone,
        tasks=_unmet(stage.tasks, dossier, today),
        evidence=_unmet(stage.evidence, dossier, today),
        short=short,
        approval=stage.approval and deal.approved < deal.milestone,
        holds=holds(stage, today, organisation_since=organisation_since),
        warnings=warnings(dossier),
    )


def gates_left(dossier: Dossier, today: date, *, organisation_since: date) -> tuple[Gate, ...]:
    """The gates from the present milestone to the signature, each as if the deal stood before it (method section 3)."""
    return tuple(
        gate(at_milestone(dossier, number), today, organisation_since=organisation_since)
        for number in range(dossier.deal.milestone, LAST + 1)
    )


def at_milestone(dossier: Dossier, number: int) -> Dossier:
    """The same deal as if it stood in another milestone."""
    return replace(dossier, deal=replace(dossier.deal, milestone=number))


def _unmet(requirements: Sequence[Requirement], dossier: Dossier, today: date) -> tuple[Requirement, ...]:
    milestone = dossier.deal.milestone
    return tuple(each for each in requirements if each.required and not met(each, dossier, today, milestone))


def holds(stage: Stage, today: date, *, organisation_since: date) -> bool:
    """Whether a stage's gate refuses: as the template says, else never in an organisation's first 30 days, and from M5."""
    if stage.holds is not None:
        return stage.holds
    return stage.number >= HOLDS_FROM and today - organisation_since >= ADVISING_DAYS


def warnings(dossier: Dossier) -> tuple[Caution, ...]:
    """What a deal should hear at its gate: the top decision maker, the buyer's phase, the roles (method section 3).

    From M3 on each of user, technical and economic needs a contact; no economic contact from M4 on is a red flag.
    """
    deal, found = dossier.deal, []
    if warns(dossier.stage.minimum, dossier.confirmed()) or (
        deal.milestone >= TOP_FROM and not dossier.confirmed().win
    ):
        found.append(Caution.TOP_UNCONFIRMED)
    if is_ahead(dossier):
        found.append(Caution.AHEAD_OF_CUSTOMER)
    if deal.milestone >= ECONOMIC_FROM and not dossier.with_role(BuyingRole.ECONOMIC):
        found.append(Caution.NO_ECONOMIC)
    elif deal.milestone >= ROLES_FROM and uncovered(dossier):
        found.append(Caution.UNCOVERED)
    return tuple(found)


def is_ahead(dossier: Dossier) -> bool:
    """Whether the seller's phase is ahead of the buyer's by one or more (method section 3, buyer alignment)."""
    return PHASES.index(dossier.stage.phase) > PHASES.index(dossier.deal.phase)


def progress(dossier: Dossier, today: date) -> int:
    """Percent of the way, whole, rounded down: progress_i + (progress_i+1 - progress_i) x done tasks / all tasks."""
    deal = dossier.deal
    if deal.milestone > LAST:
        return 100
    stage = dossier.stage
    following = 100 if deal.milestone == LAST else dossier.template.stage(deal.milestone + 1).progress
    required = [each for each in stage.tasks if each.required]
    done = len(required) - len(_unmet(stage.tasks, dossier, today))
    share = Fraction(done, len(required)) if required else Fraction(0)
    return stage.progress + int((following - stage.progress) * share)


def owner_share(sellers: Sequence[Seller]) -> int:
    """What of 100 percent is the owner's; raises `ValueError` when the others have more than there is."""
    rest = 100 - sum(each.share for each in sellers)
    if rest < 0:
        raise ValueError("shares of a deal sum to 100 percent")
    return rest
