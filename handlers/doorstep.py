"""Somebody not yet known: may choose a language and come in with a code (owner's, invitation, link), nothing else."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from domain.kinds import Notice
from domain.people import CONFIRMED_ROLES, Language, Member, MemberId, Organisation, OrgId, Profile, Role
from domain.ports import Address, Directory, Draft, EventId, Invitation, Letter, Store
from domain.refusals import NotNow, Refusal
from domain.schedule import local_date
from handlers.codes import WRONG_MOST, WRONG_WITHIN, code_hash
from handlers.commands.language import language_named, languages
from handlers.letters import Teller
from handlers.menus import set_menu
from handlers.pieces.linked import linked_card
from handlers.pieces.ways import first_row
from handlers.reading.typed import clean, tidy, visible
from handlers.registry import registry
from handlers.tick import plan_pushes
from handlers.turn import Codes
from handlers.view import Ask, Button, Card, Note, card, t

WORKING_WEEK = frozenset({1, 2, 3, 4, 5})
# The zone and currency guessed from a language, until somebody says better (product 2.3).
GUESSED_ZONE = {Language.EN: "Europe/London", Language.ZH: "Asia/Shanghai", Language.ZH_HANT: "Asia/Taipei"}
GUESSED_CURRENCY = {Language.EN: "GBP", Language.ZH: "CNY", Language.ZH_HANT: "TWD"}
_LINE = re.compile(r"/?(?P<word>\S+)\s*(?P<rest>.*)", re.DOTALL)
_CODE = re.compile(r"[a-zA-Z2-7]{4}-?[a-zA-Z2-7]{4,}|[a-zA-Z2-7]{8,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorstep:
    """Who stands there, and what opening the door needs."""

    people: Directory
    store: Callable[[OrgId], Store]
    at: Address
    account: str
    name: str
    zone: str | None
    language: Language
    now: datetime
    event: EventId
    draft: Draft | None
    codes: Codes
    write: Callable[[Letter], None]

    @property
    def called(self) -> str:
        """The name of the profile as it can be kept and read; the account's where nothing of it can be seen."""
        name = " ".join(tidy(self.name).split())
        return (name if visible(name) else self.account)[:64]


def greet(step: Doorstep, said: str) -> tuple[Card, Language]:
    """The answer to a stranger, and the language it is in."""
    found = _LINE.fullmatch(clean(said))
    word, rest = (found["word"], found["rest"].strip()) if found else ("start", "")
    declared = registry().find(word)
    name = declared.name if declared else ""
    if name == "language":
        return _language(step, rest)
    if name == "start" and rest:
        return _enter(step, rest)
    if step.draft and name not in ("start", "help", "cancel"):
        return _enter(step, clean(said))
    if not declared and _CODE.fullmatch(clean(said)):
        return _enter(step, clean(said))
    return _offer(), step.language


def _offer() -> Card:
    return card(
        t("doorstep.hello"),
        Note(t("doorstep.why")),
        rows=((Button(t("doorstep.have_invite"), "/start invite"),), languages()[0]),
    )


def _language(step: Doorstep, said: str) -> tuple[Card, Language]:
    try:
        chosen = language_named(said)
    except Refusal:
        return card(t("language.which"), rows=languages()), step.language
    step.people.keep_doorstep(step.at, chosen, step.draft)
    return _offer(), chosen


def _enter(step: Doorstep, said: str) -> tuple[Card, Language]:
    """A code opens the door; wrong ones are counted, and five of them close it for a quarter of an hour."""
    if said.casefold() == "invite":
        step.people.keep_doorstep(step.at, step.language, Draft(line="/start", part="code"))
        return card(t("doorstep.type_code"), ask=Ask("/start", "code")), step.language
    if step.people.wrong_codes(step.at, step.account, step.now - WRONG_WITHIN) >= WRONG_MOST:
        raise NotNow("doorstep.too_many", n=int(WRONG_WITHIN.total_seconds() // 60))
    hashed = code_hash(said)
    if step.people.owner_code(hashed, step.now):
        step.people.use_owner_code(hashed, step.now)
        return _found(step), step.language
    if invitation := step.people.invitation(hashed, step.now):
        return _join(step, invitation), step.language
    if linked := step.people.link_code(hashed, step.now):
        return _link(step, hashed, *linked)
    step.people.note_wrong_code(step.at, step.account, step.now)
    return card(
        t("doorstep.wrong_code"), rows=((Button(t("button.try_again"), "/start invite"),),)
    ), step.language


def _member(step: Doorstep, org: Organisation, roles: frozenset[Role], team: int | None) -> Member:
    zone = step.zone if step.zone in available_timezones() else org.zone
    return Member(
        id=MemberId(0),
        name=step.called,
        roles=roles,
        team_id=team,  # type: ignore[arg-type]
        language=step.language,
        zone=zone or org.zone,
        profile=org.profile,
        joined_on=local_date(step.now, zone or org.zone),
    )


def _found(step: Doorstep) -> Card:
    """The owner code makes the first organisation; its maker is the admin."""
    zone = step.zone if step.zone in available_timezones() else GUESSED_ZONE[step.language]
    org = Organisation(
        id=OrgId(0),
        name=step.called,
        language=step.language,
        zone=zone or GUESSED_ZONE[step.language],
        currency=GUESSED_CURRENCY[step.language],
        week=WORKING_WEEK,
        profile=Profile.FIELD,
        started_on=step.now.astimezone(ZoneInfo(zone or "UTC")).date(),
    )
    number = step.people.found(org)
    store = step.store(number)
    org = store.organisation()
    team = store.add_team(org.name)
    admin = store.add_member(_member(step, org, frozenset({Role.ADMIN, Role.MANAGER}), team))
    store.lead_team(team, admin)
    step.people.bind(step.at, step.account, number, admin)
    store.keep_draft(admin, step.at.chat, Draft(line="/setup", part="name"))
    teller = Teller(store=store, org=number, event=step.event, now=step.now, codes=step.codes)
    set_menu(teller, store.member(admin))
    return card(t("doorstep.founded"), t("setup.part.name.ask"))


def _join(step: Doorstep, invitation: Invitation) -> Card:
    """An invitation makes a member; a manager's or an admin's role waits for an admin's word besides."""
    store = step.store(invitation.org_id)
    org = store.organisation()
    waits = invitation.role in CONFIRMED_ROLES
    roles: frozenset[Role] = frozenset() if waits else frozenset({invitation.role})
    number = store.add_member(_member(step, org, roles, invitation.team_id))
    step.people.use_invitation(invitation.org_id, invitation.id, number, step.now)
    step.people.bind(step.at, step.account, invitation.org_id, number)
    member = store.member(number)
    teller = Teller(store=store, org=org.id, event=step.event, now=step.now, codes=step.codes)
    role = t(f"role.{invitation.role}")
    if waits:
        store.revise_member(number, wanted_role=invitation.role)
        asked = card(
            t("invite.confirm", name=member.name, role=role),
            rows=(
                (
                    Button(t("invite.accept"), f"/invite accept {number}"),
                    Button(t("invite.refuse"), f"/invite refuse {number}"),
                ),
            ),
        )
        for each in store.members():
            if each.holds(frozenset({Role.ADMIN})):
                teller.tell(each.id, Notice.DOOR, "joined", asked)
        return card(t("doorstep.waits", org=org.name, role=role))
    plan_pushes(store, org, member, step.now)
    set_menu(teller, member)
    teller.tell(
        invitation.invited_by, Notice.TEAM, "joined", card(t("invite.joined", name=member.name, role=role))
    )
    return welcome(member, org)


def _link(step: Doorstep, hashed: str, org: OrgId, number: MemberId) -> tuple[Card, Language]:
    """A second account of somebody who is a member: both say so, and pushes stay where they are until turned."""
    store = step.store(org)
    member, organisation, before = store.member(number), store.organisation(), store.address_of(number)
    here = step.at.platform
    if here in store.gather_platforms([number]).get(number, ()):
        return card(t("link.same", name=member.name, platform=t(f"platform.{here}"))), member.language
    step.people.use_link_code(hashed, step.now)
    step.people.bind(step.at, step.account, org, number)
    pushes_to = member.pushes_to or (before[0].platform if before else here)
    store.revise_member(number, pushes_to=pushes_to)
    teller = Teller(store=store, org=org, event=step.event, now=step.now, codes=step.codes)
    set_menu(teller, member)
    added = t("link.added", platform=t(f"platform.{here}"))
    for place, address in enumerate(before):
        shown = linked_card(added, pushes_to, address.platform, t("link.not_you", platform=here))
        teller.post(member, address, Notice.ACCOUNT, f"linked-{place}", shown)
    done = t("link.done", name=member.name, org=organisation.name)
    return linked_card(done, pushes_to, here), member.language


def welcome(member: Member, org: Organisation) -> Card:
    """The first minute: one real thing to do now."""
    return card(
        t("start.welcome", name=member.name, org=org.name),
        t("start.what"),
        Note(t("visit.command.example"), code=True),
        rows=(first_row(member),),
    )
