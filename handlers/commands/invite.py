"""/invite ROLE [TEAM]"""

import re
from collections.abc import Sequence

from domain.kinds import Notice
from domain.people import ADMINS, CONFIRMED_ROLES, MemberId, Role, Team, TeamId
from domain.refusals import NotAllowed, NotFound
from handlers.args import Args, Missing, Words
from handlers.codes import INVITE_LIVES, LINK_BITS, TYPED_BITS, code_hash, readable
from handlers.colleagues import TEAM_REFERENCE, led_by, role_named, team_named
from handlers.doorstep import welcome
from handlers.letters import teller
from handlers.menus import set_menu
from handlers.reading.names import fold, near
from handlers.registry import Scope, command
from handlers.seats import send_digest, take_seat
from handlers.tick import plan_pushes
from handlers.turn import Turn
from handlers.view import Ask, Block, Button, Card, Line, Mark, Note, Rows, card, in_rows, t

# Who works for all teams: their own does not matter.
ORG_WIDE = frozenset({Role.DIRECTOR, Role.HR, Role.ADMIN, Role.TRAINER})
TEAMS_OFFERED = 6
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
    role = role_named(args.role)
    if role in CONFIRMED_ROLES and not turn.me.holds(ADMINS):
        raise NotAllowed("invite.only_admin")
    team = _team(turn, role, args.team)
    if isinstance(team, Card):
        return team
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


def _team(turn: Turn, role: Role, said: str | None) -> TeamId | Card:
    """The team named, for an admin made when new; a manager's own ones only. Asked for where there are several."""
    teams, admin = turn.store.teams(), turn.me.holds(ADMINS)
    mine = tuple(teams) if admin else led_by(turn.me, teams)
    if said is None:
        if role in ORG_WIDE or len(mine) == 1:
            return mine[0].id if len(mine) == 1 else turn.me.team_id or teams[0].id
        if not mine:
            raise NotAllowed("invite.leads_nobody")
        return _which_team(turn, role, mine)
    if TEAM_REFERENCE.fullmatch(said) or any(fold(each.name) == fold(said) for each in teams) or not admin:
        team = team_named(said, teams)
        if team not in mine:
            raise NotAllowed("room.not_yours", team=team.name)
        return team.id
    if near(said, [(each.id, each.name, fold(each.name)) for each in teams]):
        # Near to one that exists: /teams asks whether it is another.
        team_named(said, teams)
    return turn.store.add_team(" ".join(said.split())[:64])


def _which_team(turn: Turn, role: Role, mine: Sequence[Team]) -> Card:
    """The own team first; more than a card has room for are typed."""
    own = sorted(mine, key=lambda each: (each.id != turn.me.team_id, each.id))[:TEAMS_OFFERED]
    buttons = [Button(each.name, f"/invite {role}\nteam: T{each.id}") for each in own]
    rows = in_rows(buttons)
    return card(t("parts.team.ask"), ask=Ask(f"/invite {role}", "team"), rows=rows)


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
        teller(turn).tell(number, Notice.DOOR, "refused", card(t("invite.was_refused", role=role)))
        return card(t("invite.refused", name=member.name, role=role))
    member = turn.store.member(number)
    told, rows = take_seat(turn, member) if wanted is Role.MANAGER else ((), ())
    plan_pushes(turn.store, turn.org, member, turn.now)
    set_menu(teller(turn), member)
    teller(turn).tell(number, Notice.DOOR, "accepted", welcome(member, turn.org))
    send_digest(turn, member)
    return card(Line(t("invite.accepted", name=member.name, role=role), Mark.DONE), *told, rows=rows)
