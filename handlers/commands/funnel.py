"""/funnel [stages | volume | capacity | velocity | changes | picture | plan | done P3] [TEAM or NAME] [month]; text: TEXT; owner: NAME; by: DATE"""

from domain.corrections import PlanState
from domain.people import Role, Team
from domain.refusals import NotUnderstood
from handlers.ahead import day_ahead
from handlers.args import Args, Name, When, Words
from handlers.colleagues import colleague_named, led_by, team_named
from handlers.comparing import compared
from handlers.dealing import SELLERS
from handlers.funnels import funnel_of
from handlers.pieces.differences import changes_card
from handlers.pieces.funnel import (
    capacity_card,
    funnel_card,
    picture_card,
    stages_card,
    velocity_card,
    volume_card,
)
from handlers.plans import must_lead_team, owners, planned, plans_card, settled_plan
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, card, in_rows, t
from handlers.whose import wanted, whose_meant

VIEWS = ("stages", "volume", "capacity", "velocity", "changes", "picture", "plan", "done", "drop")
CHOICES = 6


class FunnelArgs(Args):
    """Which page of whose funnel, for the quarter or the month; of a plan its text, owner and date."""

    lead = ("what",)
    what: Words | None = None
    text: Words | None = None
    owner: Name | None = None
    by: When | None = None


@command(roles=SELLERS, scope=Scope.TEAM)
def funnel(turn: Turn, args: FunnelArgs) -> Card:
    """Current against ideal, what is missing and what would close it; correction plans with owner and date."""
    said = wanted(args.what or "", VIEWS)
    match said.view:
        case "done":
            return settled_plan(turn, said.who, PlanState.DONE)
        case "drop":
            return settled_plan(turn, said.who, PlanState.DROPPED)
        case "plan":
            return _plan(turn, args, said.who)
    facts = funnel_of(turn.store, turn.org, whose_meant(turn, said.who), said.horizon)
    match said.view:
        case "stages":
            return stages_card(facts, [(each.id, each.name) for each in turn.store.members()])
        case "volume":
            return volume_card(facts)
        case "capacity":
            return capacity_card(facts)
        case "velocity":
            return velocity_card(facts)
        case "changes":
            return changes_card(turn, facts, compared(turn.store, [facts])[0], said.page)
        case "picture":
            return picture_card(facts)
        case _:
            return funnel_card(facts)


def _plan(turn: Turn, args: FunnelArgs, who: str) -> Card:
    """The open plans, or a new one: each part that is missing is asked for."""
    teams = turn.store.teams()
    led = teams if Role.DIRECTOR in turn.me.roles else led_by(turn.me, teams)
    if not args.text:
        wished = (_team(turn, who, led),) if who and led else led
        return plans_card(turn, wished)
    team = _team(turn, who, led)
    line = args.again("funnel", what=f"plan T{team.id}")
    people = owners(turn, team)
    if not args.owner:
        buttons = [Button(each.name, f"{line}\nowner: M{each.id}") for each in people[:CHOICES]]
        return card(t("funnel.part.owner.ask"), ask=Ask(line, "owner"), rows=in_rows(buttons))
    owner = colleague_named(args.owner, people)
    by = day_ahead(turn, args.by, "by")
    if by is None:
        soon = turn.calendar().after(turn.today)
        days = (soon, turn.calendar().after(soon))
        row = tuple(Button(t("record.due_on", on=day), f"{line}\nby: {day.isoformat()}") for day in days)
        return card(t("funnel.part.by.ask"), ask=Ask(line, "by"), rows=(row,))
    return planned(turn, team, args.text, owner, by)


def _team(turn: Turn, who: str, led: tuple[Team, ...]) -> Team:
    """The team a plan is for; the one that is led where none is named."""
    if not who and len(led) == 1:
        return led[0]
    if not who:
        raise NotUnderstood("plan.which_team")
    team = team_named(who, turn.store.teams())
    must_lead_team(turn, team)
    return team
