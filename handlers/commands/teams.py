"""/teams [NAME | new NAME]; name: TEXT; manager: NAME; deputy: NAME"""

from collections.abc import Sequence

from domain.kinds import Notice
from domain.people import ADMINS, Member, MemberId, Role, Team
from domain.refusals import NotFound, NotNow, NotUnderstood
from handlers.args import Args, Missing, Name
from handlers.args import Words as Typed
from handlers.colleagues import colleague_meant, led_by, team_named, touch_digests
from handlers.letters import teller
from handlers.matching import QUOTED
from handlers.menus import set_menu
from handlers.pieces.clipped import clipped
from handlers.reading.names import fold, near
from handlers.registry import Scope, command
from handlers.seats import send_digest
from handlers.tick import plan_pushes
from handlers.turn import Turn
from handlers.view import Ask, Block, Button, Card, Facts, Line, Mark, Rows, Text, Words, card, in_rows, t
from handlers.words import catalogue

NAME_MOST, COLUMNS = 64, 12
# The title and seven teams fill a card; who may lead stands on five buttons beside "nobody".
TEAMS_SHOWN, BUTTONS_SHOWN, PEOPLE_OFFERED = 7, 5, 5


class TeamsArgs(Args):
    """A team by its name, and what is to be otherwise about it; nothing lists all."""

    lead = ("which",)
    which: Typed | None = None
    name: Name | None = None
    manager: Typed | None = None
    deputy: Typed | None = None


def _choices(turn: Turn, missing: Missing) -> Rows:
    """Who may take a seat: first who holds the role, then the rest; or nobody."""
    if missing.part not in ("manager", "deputy"):
        return ()
    people = sorted(turn.store.members(), key=lambda each: (Role.MANAGER not in each.roles, each.id))
    if missing.part == "deputy":
        people = [each for each in people if Role.REP in each.roles] or people
    line = f"{missing.line}\n{missing.part}: "
    buttons = [Button(clipped(each.name, COLUMNS), f"{line}M{each.id}") for each in people[:PEOPLE_OFFERED]]
    buttons.append(Button(t("teams.nobody"), f"{line}nobody"))
    return in_rows(buttons)


@command(roles=ADMINS, scope=Scope.ORGANISATION, choices=_choices)
def teams(turn: Turn, args: TeamsArgs) -> Card:
    """The teams with who leads them; makes one, renames one, gives its two seats.

    A team is never deleted: what was recorded belongs to it. Merging two makes a new one that everybody moves to.
    """
    known = turn.store.teams()
    if args.which is None:
        return _list(turn, known, 1)
    if args.which.isdecimal():
        return _list(turn, known, int(args.which[:6]))
    word, _, rest = args.which.partition(" ")
    if word.casefold() in catalogue().listed("teams.new_words"):
        said = rest.strip() or args.name
        return _new(turn, known, said) if said else _what_name()
    team = team_named(args.which, known)
    if not any((args.name, args.manager, args.deputy)):
        return _one(turn, team)
    return _changed(turn, team, known, args)


def _list(turn: Turn, known: Sequence[Team], number: int) -> Card:
    first = (number - 1) * TEAMS_SHOWN
    page = known[first : first + TEAMS_SHOWN] if number > 0 else ()
    if not page:
        raise NotFound("members.no_page", n=number)
    people = turn.store.members()
    names = {each.id: each.name for each in people}
    lines = [
        t(
            "teams.line",
            name=clipped(each.name, COLUMNS),
            n=sum(1 for one in people if one.team_id == each.id),
            led=_led(each, names),
        )
        for each in page
    ]
    buttons = [Button(each.name, f"/teams T{each.id}") for each in page[:BUTTONS_SHOWN]]
    if first + TEAMS_SHOWN < len(known):
        buttons = [*buttons[:4], Button(t("members.next_page"), f"/teams {number + 1}")]
    new = Button(t("teams.add"), "/teams new")
    return card(t("teams.title"), *lines, rows=in_rows([*buttons, new]))


def _led(team: Team, names: dict[MemberId, str]) -> Text:
    manager = names.get(team.manager_id) if team.manager_id else None
    deputy = names.get(team.deputy_id) if team.deputy_id else None
    if manager and deputy:
        return t("teams.led_both", manager=manager, deputy=deputy)
    if manager:
        return t("teams.led", manager=manager)
    return t("teams.led_deputy", deputy=deputy) if deputy else t("teams.unled")


def _one(turn: Turn, team: Team) -> Card:
    people = turn.store.members()
    names = {each.id: each.name for each in people}
    nobody = t("teams.nobody")
    pairs: tuple[tuple[Words, Words], ...] = (
        (t("teams.manager"), names.get(team.manager_id, nobody) if team.manager_id else nobody),
        (t("teams.deputy"), names.get(team.deputy_id, nobody) if team.deputy_id else nobody),
        (t("teams.people"), str(sum(1 for each in people if each.team_id == team.id))),
        (t("teams.rooms"), str(sum(1 for each in turn.store.rooms() if each.team_id == team.id))),
    )
    return card(team.name, Facts(pairs), rows=_buttons(team))


def _buttons(team: Team) -> Rows:
    return (
        (
            Button(t("teams.change_manager"), f"/teams T{team.id}\nmanager:"),
            Button(t("teams.change_deputy"), f"/teams T{team.id}\ndeputy:"),
        ),
    )


# Names: of two teams that are called alike nobody knows which is meant.


def _free(said: str, others: Sequence[Team], line: str) -> str | Card:
    """The name as it is kept; a question when it is near to another team's, for which `line` goes on with the name."""
    quoted = QUOTED.fullmatch(said)
    name = " ".join((quoted["name"] if quoted else said).split())[:NAME_MOST]
    if not any(glyph.isalnum() for glyph in name):
        raise NotUnderstood("teams.no_name", said=said[:40])
    if any(fold(each.name) == fold(name) for each in others):
        raise NotNow("teams.taken", name=name)
    close = () if quoted else near(name, [(each.id, each.name, fold(each.name)) for each in others])
    if not close:
        return name
    like = next(each for each in others if each.id == close[0])
    return card(
        t("teams.near", known=like.name, name=name),
        rows=(
            (Button(t("teams.is_new", name=name), f'{line}"{name}"'),),
            (Button(like.name, f"/teams T{like.id}"),),
        ),
    )


def _what_name() -> Card:
    return card(t("teams.part.name.ask"), ask=Ask("/teams new", "name"))


def _new(turn: Turn, known: Sequence[Team], said: str) -> Card:
    name = _free(said, known, "/teams new ")
    if isinstance(name, Card):
        return name
    number = turn.store.add_team(name)
    return card(Line(t("teams.made", name=name), Mark.DONE), rows=_buttons(Team(id=number, name=name)))


# What changes.


def _changed(turn: Turn, team: Team, known: Sequence[Team], args: TeamsArgs) -> Card:
    """All that was named, or nothing: whoever is not found is asked for before the first row is written."""
    people = turn.store.members()
    seats: dict[str, Member | None] = {}
    for seat, said in (("manager", args.manager), ("deputy", args.deputy)):
        if not said:
            continue
        if said.casefold() in catalogue().listed("teams.nobody_words"):
            seats[seat] = None
            continue
        meant = colleague_meant(said, people, known, lambda number, seat=seat: _again(args, seat, number))  # type: ignore[misc]
        if isinstance(meant, Card):
            return meant
        seats[seat] = meant
    _apart(team, people, seats)
    others = [each for each in known if each.id != team.id]
    name = _free(args.name, others, f"/teams T{team.id}\nname: ") if args.name else team.name
    if isinstance(name, Card):
        return name
    lines: list[Block] = []
    if name != team.name:
        turn.store.rename_team(team.id, name)
        lines.append(Line(t("teams.renamed", old=team.name, name=name), Mark.DONE))
    lines += [_seat(turn, team, seat, member) for seat, member in seats.items()]
    if not lines:
        return card(t("teams.unchanged", name=team.name), rows=_buttons(team))
    touch_digests(turn.store, turn.now, (team, *turn.store.teams()), {team.id})
    return card(*lines, rows=_buttons(team))


def _again(args: TeamsArgs, seat: str, number: str) -> str:
    return args.again("teams", **{seat: number})


def _apart(team: Team, people: Sequence[Member], seats: dict[str, Member | None]) -> None:
    """The two seats are two people's: nobody stands in for themselves."""
    by_id = {each.id: each for each in people}
    manager = seats["manager"] if "manager" in seats else by_id.get(team.manager_id or MemberId(0))
    deputy = seats.get("deputy")
    if manager and deputy and manager.id == deputy.id:
        raise NotNow("teams.both", name=deputy.name, team=team.name)


def _seat(turn: Turn, team: Team, seat: str, member: Member | None) -> Line:
    """Gives a seat or empties it; a new manager gets the role, who had the seat before keeps theirs."""
    held = team.manager_id if seat == "manager" else team.deputy_id
    if held and (member is None or held != member.id):
        turn.store.unlead_team(team.id, held)
        _follow(turn, held)
        if held != turn.me.id:
            told = t(f"teams.told_no_{seat}", by=turn.me.name, team=team.name)
            teller(turn).tell(held, Notice.SEAT, f"{seat}-was", card(told))
    if member is None:
        return Line(t(f"teams.no_{seat}", team=team.name), Mark.DONE)
    led_before = led_by(member, turn.store.teams())
    turn.store.unlead_team(team.id, member.id)
    if seat == "manager":
        turn.store.lead_team(team.id, member.id)
        roles = ",".join(role for role in Role if role in member.roles | {Role.MANAGER})
        turn.store.revise_member(member.id, roles=roles, wanted_role=None)
    else:
        turn.store.lead_team(team.id, None, member.id)
    _follow(turn, member.id)
    said = "leads" if seat == "manager" else "stands_in"
    if member.id != turn.me.id:
        teller(turn).tell(
            member.id, Notice.SEAT, seat, card(t(f"teams.told_{said}", by=turn.me.name, team=team.name))
        )
        if not led_before:
            send_digest(turn, turn.store.member(member.id))
    return Line(t(f"teams.{said}", name=member.name, team=team.name), Mark.DONE)


def _follow(turn: Turn, number: MemberId) -> None:
    """Pushes and menu of somebody whose seat changed."""
    member = turn.store.member(number)
    plan_pushes(turn.store, turn.org, member, turn.now)
    set_menu(teller(turn), member)
