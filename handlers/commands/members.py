"""/members [NAME]; role: ROLES; team: NAME; name: TEXT; leaves: yes"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from domain.people import ADMINS, Member, Role, Team
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from domain.schedule import local_date
from handlers.args import Args, Name, YesNo
from handlers.args import Words as Typed
from handlers.colleagues import colleague_meant, led_by, role_named, team_named, touch_digests
from handlers.letters import FAREWELL, teller
from handlers.menus import clear_menu, set_menu
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.pages import turning
from handlers.reading.typed import halved, visible
from handlers.registry import Scope, command
from handlers.seats import take_seat
from handlers.tick import plan_pushes
from handlers.turn import Turn
from handlers.view import (
    Ask,
    Block,
    Button,
    Card,
    Facts,
    Line,
    Mark,
    Note,
    Rows,
    Text,
    Words,
    card,
    in_rows,
    t,
)

# A card has eight lines; a name in a list takes half of one.
LINES, NAME_COLUMNS, MOST_TEAMS = 8, 16, 6
NAME_MOST = 64
WEEK, MONTH = 7, 30
# What a button asks for about one person, by number: names may be mistyped.
STEP = re.compile(r"(?P<who>#?M\d{1,18})\s+(?P<what>role|team|leaves|leaves yes)", re.IGNORECASE)
SIGNS = ("+", "-", "\u2212")


class MembersArgs(Args):
    """Who, and what is to be otherwise about them; nothing lists all."""

    lead = ("who",)
    who: Typed | None = None
    role: Typed | None = None
    team: Typed | None = None
    name: Name | None = None
    leaves: YesNo | None = None


@command(roles=ADMINS | {Role.MANAGER}, scope=Scope.TEAM)
def members(turn: Turn, args: MembersArgs) -> Card:
    """Who is here; one person with role, team and how they are reached; an admin changes these or lets somebody go.

    Whoever left and comes back with a new invitation is a new member: what they did before stays where it was.
    """
    teams = turn.store.teams()
    people = _seen(turn, teams)
    changes = (args.role, args.team, args.name, args.leaves)
    if args.who is None:
        if any(changes):
            return card(t("members.part.who.ask"), ask=Ask(args.again("members"), "who"))
        return _page(turn, people, teams, 1)
    if args.who.isdecimal():
        return _page(turn, people, teams, int(args.who[:6]))
    step = STEP.fullmatch(args.who)
    said = step["who"] if step else args.who
    meant = colleague_meant(said, people, teams, lambda number: args.again("members", who=number))
    if isinstance(meant, Card):
        return meant
    if not step and not any(changes):
        return _one(turn, meant, teams)
    if not turn.me.holds(ADMINS):
        raise NotAllowed("members.only_admin")
    if step:
        return _step(turn, meant, teams, step["what"].casefold())
    return _changed(turn, meant, teams, args)


def _seen(turn: Turn, teams: Sequence[Team]) -> tuple[Member, ...]:
    """Everybody, for an admin; a manager's own team and themselves."""
    everybody = turn.store.members()
    if turn.me.holds(ADMINS):
        return everybody
    mine = {team.id for team in led_by(turn.me, teams)}
    return tuple(each for each in everybody if each.team_id in mine or each.id == turn.me.id)


# The list, and one person.


def _page(turn: Turn, people: Sequence[Member], teams: Sequence[Team], number: int) -> Card:
    """Team by team; a team that goes on has its name on the next page too."""
    groups: list[tuple[Words, list[Member]]] = []
    for team in (*teams, None):
        found = [each for each in people if each.team_id == (team.id if team else None)]
        if found:
            n = len(found)
            title = t("members.team", name=team.name, n=n) if team else t("members.no_team", n=n)
            groups.append((title, found))
    pages = list(_pages(groups))
    if not 1 <= number <= len(pages):
        raise NotFound("members.no_page", n=number)
    page = pages[number - 1]
    platforms = turn.store.gather_platforms([each.id for _, found in page for each in found])
    today = turn.today
    lines: list[Words] = []
    for name, found in page:
        lines.append(name)
        lines += [_line(each, platforms.get(each.id, ()), today) for each in found]
    turned = turning("/members", number, len(pages))
    rows = (turned,) if turned else ()
    return card(*lines, rows=(*rows, (Button(t("members.invite"), "/invite"),)))


def _pages(
    groups: Sequence[tuple[Words, Sequence[Member]]],
) -> Iterator[list[tuple[Words, list[Member]]]]:
    """The groups cut into pages of at most eight lines, titles included."""
    page: list[tuple[Words, list[Member]]] = []
    used = 0
    for title, found in groups:
        begun = False
        for each in found:
            if used + (1 if begun else 2) > LINES:
                yield page
                page, used, begun = [], 0, False
            if not begun:
                page.append((title, []))
            page[-1][1].append(each)
            used += 1 if begun else 2
            begun = True
    if page:
        yield page


def _line(member: Member, platforms: Sequence[str], today: date) -> Text:
    return t(
        "members.line",
        name=clipped(member.name, NAME_COLUMNS),
        roles=_roles(member),
        where=_where(platforms),
        long=_long(member, today),
    )


def _roles(member: Member) -> Words:
    """The roles in their order; none yet for who waits for an admin's word."""
    return listed([t(f"role.{role}") for role in Role if role in member.roles]) or t("members.waits")


def _where(platforms: Sequence[str]) -> Words:
    return listed([t(f"platform.{each}") for each in platforms]) or t("members.nowhere")


def _long(member: Member, today: date) -> Text:
    """How long somebody is here: days, after two weeks weeks, after two months months."""
    days = max((today - member.joined_on).days, 0)
    if days >= 2 * MONTH:
        return t("members.months", n=days // MONTH)
    return t("members.weeks", n=days // WEEK) if days >= 2 * WEEK else t("members.days", n=days)


def _one(turn: Turn, member: Member, teams: Sequence[Team]) -> Card:
    pairs: tuple[tuple[Words, Words], ...] = (
        (t("members.roles"), _roles(member)),
        (t("members.team_label"), _team_of(member, teams)),
        (t("members.since"), t("members.since_on", on=member.joined_on, long=_long(member, turn.today))),
        (
            t("members.heard"),
            t("members.heard_on", on=member.heard_on) if member.heard_on else t("members.never"),
        ),
        (t("members.accounts"), _where(turn.store.gather_platforms([member.id]).get(member.id, ()))),
        (t("members.plan"), t(f"profile.{member.profile}")),
    )
    return card(member.name, Facts(pairs), rows=_buttons(member) if turn.me.holds(ADMINS) else ())


def _team_of(member: Member, teams: Sequence[Team]) -> Words:
    return next((each.name for each in teams if each.id == member.team_id), "-")


def _buttons(member: Member) -> Rows:
    return (
        (
            Button(t("members.change_role"), f"/members M{member.id} role"),
            Button(t("members.change_team"), f"/members M{member.id} team"),
        ),
        (Button(t("members.leaves"), f"/members M{member.id} leaves"),),
    )


# What a button asks.


def _step(turn: Turn, member: Member, teams: Sequence[Team], what: str) -> Card:
    line = f"/members M{member.id}"
    match what:
        case "role":
            buttons = [
                Button(
                    t(f"members.{'drop' if role in member.roles else 'add'}_role", role=t(f"role.{role}")),
                    f"{line}\nrole: {'-' if role in member.roles else '+'}{role}",
                )
                for role in Role
            ]
            asked = t("members.which_role", name=member.name, roles=_roles(member))
            return card(asked, ask=Ask(line, "role"), rows=in_rows(buttons))
        case "team":
            others = [each for each in teams if each.id != member.team_id]
            buttons = [Button(each.name, f"{line}\nteam: T{each.id}") for each in others[:MOST_TEAMS]]
            asked = t("members.which_team", name=member.name)
            return card(asked, ask=Ask(line, "team"), rows=in_rows(buttons))
        case "leaves":
            return _sure(turn, member)
        case _:
            return _leave(turn, member, teams)


def _sure(turn: Turn, member: Member) -> Card:
    """Whoever leaves cannot be called back by Undo: it is asked once more, whatever was typed."""
    _keep_an_admin(turn, member)
    line = f"/members M{member.id}"
    return card(
        t("members.sure", name=member.name),
        Note(t("members.sure_what")),
        rows=(
            (Button(t("members.yes_leaves", name=clipped(member.name, NAME_COLUMNS)), f"{line} leaves yes"),),
            (Button(t("members.stays"), line),),
        ),
    )


# What changes.


def _changed(turn: Turn, member: Member, teams: Sequence[Team], args: MembersArgs) -> Card:
    """All that was named, or nothing: whatever does not hold is refused before the first row is written."""
    if args.leaves == "yes":
        return _sure(turn, member)
    name = _name(args.name) if args.name else None
    roles = _roles_said(args.role, member) if args.role else None
    team = team_named(args.team, teams) if args.team else None
    if roles is not None and Role.ADMIN not in roles:
        _keep_an_admin(turn, member)
    lines: list[Block] = []
    if name and name != member.name:
        lines.append(_rename(turn, member, name))
    if roles and roles != member.roles:
        lines.append(_set_roles(turn, member, teams, roles))
    if team and team.id != member.team_id:
        lines.append(_move(turn, member, teams, team))
    if not lines:
        return card(t("members.unchanged", name=member.name), rows=_buttons(member))
    now = turn.store.member(member.id)
    told, rows = take_seat(turn, now) if Role.MANAGER in now.roles - member.roles else ((), ())
    plan_pushes(turn.store, turn.org, now, turn.now)
    set_menu(teller(turn), now)
    touch_digests(turn.store, turn.now, turn.store.teams(), {member.team_id, now.team_id})
    return card(*lines, *told, rows=(*_buttons(now), *rows))


def _name(said: str) -> str:
    name = " ".join(said.split())[:NAME_MOST]
    if not visible(name) or not any(glyph.isalnum() for glyph in name):
        raise NotUnderstood("customer.no_name", said=said[:40])
    return name


def _roles_said(said: str, member: Member) -> frozenset[Role]:
    """The roles after `manager, -rep`: named ones are added, those with a minus taken away."""
    roles = set(member.roles)
    for word in re.split(r"[,;/\s\u3001]+", halved(said)):
        role = role_named(word.lstrip("".join(SIGNS))) if word.strip("".join(SIGNS)) else None
        if role is None:
            continue
        if word.startswith(SIGNS[1:]):
            roles.discard(role)
        else:
            roles.add(role)
    if not roles:
        raise NotNow("members.one_role", name=member.name)
    return frozenset(roles)


def _keep_an_admin(turn: Turn, member: Member) -> None:
    """The last admin cannot leave (product 2.3)."""
    others = (each for each in turn.store.members() if each.id != member.id)
    if member.holds(ADMINS) and not any(each.holds(ADMINS) for each in others):
        raise NotNow("members.last_admin", name=member.name)


def _tell(turn: Turn, member: Member, name: str, words: Text) -> None:
    if member.id != turn.me.id:
        teller(turn).tell(member.id, name, card(words))


def _rename(turn: Turn, member: Member, name: str) -> Line:
    turn.store.revise_member(member.id, name=name)
    _tell(turn, member, "renamed", t("members.told_renamed", by=turn.me.name, name=name))
    return Line(t("members.renamed", old=member.name, name=name), Mark.DONE)


def _set_roles(turn: Turn, member: Member, teams: Sequence[Team], roles: frozenset[Role]) -> Line:
    """Who is a manager no more leads no team."""
    written = ",".join(role for role in Role if role in roles)
    turn.store.revise_member(member.id, roles=written, wanted_role=None)
    if Role.MANAGER in member.roles - roles:
        for each in teams:
            if each.manager_id == member.id:
                turn.store.unlead_team(each.id, member.id)
    shown = listed([t(f"role.{role}") for role in Role if role in roles])
    _tell(turn, member, "roles", t("members.told_roles", by=turn.me.name, roles=shown))
    return Line(t("members.roles_now", name=member.name, roles=shown), Mark.DONE)


def _move(turn: Turn, member: Member, teams: Sequence[Team], to: Team) -> Line:
    """Plan and targets stay, what was recorded stays with the team of its date; a seat is taken along if it is free."""
    turn.store.join_team(member.id, to.id, turn.today)
    for each in teams:
        if each.id == member.team_id and member.id in (each.manager_id, each.deputy_id):
            turn.store.unlead_team(each.id, member.id)
            if each.manager_id == member.id and to.manager_id is None:
                turn.store.lead_team(to.id, member.id)
            elif each.deputy_id == member.id and to.deputy_id is None:
                turn.store.lead_team(to.id, None, member.id)
    _tell(turn, member, "moved", t("members.told_moved", by=turn.me.name, team=to.name))
    return Line(t("members.moved", name=member.name, team=to.name), Mark.DONE)


def _leave(turn: Turn, member: Member, teams: Sequence[Team]) -> Card:
    """Unbinds the accounts, empties the seats, stops the pushes; the last line and the menu are nobody's letters."""
    _keep_an_admin(turn, member)
    by, chats = teller(turn), turn.store.address_of(member.id)
    open_steps = len(turn.store.open_steps(member.id))
    clear_menu(by, member)
    turn.store.dismiss(member.id, local_date(turn.now, member.zone))
    # After the dismissal, which takes back all that was on its way to them.
    if member.id != turn.me.id:
        for chat in chats[:1]:
            by.post(member, chat, FAREWELL, card(t("members.farewell", org=turn.org.name)))
    team = next((each for each in teams if each.id == member.team_id), None)
    if team is None:
        return card(Line(t("members.left_bare", name=member.name), Mark.DONE))
    if team.manager_id and team.manager_id not in (member.id, turn.me.id):
        still_open = (Note(t("members.told_open", n=open_steps)),) if open_steps else ()
        told = card(t("members.told_left", name=member.name, team=team.name), *still_open)
        by.tell(team.manager_id, "left", told)
    touch_digests(turn.store, turn.now, turn.store.teams(), {team.id})
    return card(Line(t("members.left", name=member.name, team=team.name), Mark.DONE))
