"""/invite ROLE [TEAM]"""

import re

from domain.people import ADMINS, CONFIRMED_ROLES, MemberId, Role, TeamId
from domain.refusals import NotAllowed, NotFound, NotUnderstood
from handlers.args import Args, Missing, Words
from handlers.codes import INVITE_LIVES, LINK_BITS, TYPED_BITS, code_hash, readable
from handlers.doorstep import welcome
from handlers.letters import teller
from handlers.menus import set_menu
from handlers.registry import Scope, command
from handlers.tick import plan_pushes
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, card, t
from handlers.words import catalogue

ANSWER = re.compile(r"(?P<answer>accept|refuse)\s+(?P<member>\d{1,18})")


class InviteArgs(Args):
    """A role and, when there is more than one, a team; an admin's answer to a wanted role."""

    lead = ("role", "team")
    role: Words
    team: Words | None = None


def _choices(_turn: Turn, missing: Missing) -> Rows:
    if missing.part != "role":
        return ()
    buttons = [Button(t(f"role.{role}"), f"/invite {role}") for role in (Role.REP, Role.MANAGER, Role.ADMIN)]
    return (tuple(buttons),)


@command(roles=ADMINS | {Role.MANAGER}, scope=Scope.ORGANISATION, choices=_choices)
def invite(turn: Turn, args: InviteArgs) -> Card:
    """A link and a typed code for one person, good for a day; managers and admins need an admin's word besides."""
    answer = ANSWER.fullmatch(f"{args.role} {args.team or ''}".strip())
    if answer:
        return _answer(turn, MemberId(int(answer["member"])), accepts=answer["answer"] == "accept")
    role = _role(args.role)
    if role in CONFIRMED_ROLES and not turn.me.holds(ADMINS):
        raise NotAllowed("invite.only_admin")
    team = _team(turn, args.team)
    typed, link = turn.codes(TYPED_BITS), turn.codes(LINK_BITS)
    turn.store.invite(role, team, turn.me.id, (code_hash(typed), code_hash(link)), turn.now + INVITE_LIVES)
    url = turn.link(link)
    blocks: list[Block] = [
        Line(t("invite.made", role=t(f"role.{role}"))),
        Line(t("invite.code", code=readable(typed))),
    ]
    if url:
        blocks.append(Line(url))
    return card(*blocks, Note(t("invite.lives")))


def _role(said: str) -> Role:
    """A role by its code or its name in any language."""
    found = catalogue().meant(said, {role: f"role.{role}" for role in Role})
    if found is None:
        raise NotUnderstood("args.no_choice", said=said[:20], choices=", ".join(Role))
    return Role(found)


def _team(turn: Turn, said: str | None) -> TeamId:
    """The team by name, made when new; the first when none is named."""
    teams = turn.store.teams()
    if said is None:
        return turn.me.team_id or teams[0].id
    found = next((team.id for team in teams if team.name.casefold() == said.casefold()), None)
    return found or turn.store.add_team(said[:64])


def _answer(turn: Turn, number: MemberId, *, accepts: bool) -> Card:
    """An admin's word on a wanted role; the first answer holds."""
    if not turn.me.holds(ADMINS):
        raise NotAllowed("invite.only_admin")
    wanted = turn.store.wanted_role(number)
    if wanted is None:
        raise NotFound("invite.answered")
    member = turn.store.member(number)
    role = t(f"role.{wanted}")
    turn.store.revise_member(number, wanted_role=None, **({"roles": wanted.value} if accepts else {}))
    if not accepts:
        teller(turn).tell(number, "refused", card(t("invite.was_refused", role=role)))
        return card(t("invite.refused", name=member.name, role=role))
    member = turn.store.member(number)
    if wanted is Role.MANAGER and member.team_id:
        turn.store.lead_team(member.team_id, number)
    plan_pushes(turn.store, turn.org, member, turn.now)
    set_menu(teller(turn), member)
    teller(turn).tell(number, "accepted", welcome(member, turn.org))
    return card(Line(t("invite.accepted", name=member.name, role=role), Mark.DONE))
