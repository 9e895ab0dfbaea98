"""Correction plans in chat: who does what by when against a team's gap, shown until it is done (method section 2)."""

from datetime import date

from domain.corrections import CorrectionPlan, PlanId, PlanState
from domain.kinds import Notice
from domain.people import Member, Role, Team
from domain.refusals import NotAllowed, NotFound, NotUnderstood
from domain.schedule import after_quiet
from handlers.colleagues import led_by, touch_digests
from handlers.letters import teller
from handlers.pieces.clipped import clipped
from handlers.pieces.planned import TEXT_COLUMNS, plan_done, plan_line
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn, touch_day
from handlers.view import Button, Card, Line, Mark, Note, card, in_rows, t

SHOWN, BUTTONS = 5, 4


def plans_card(turn: Turn, teams: tuple[Team, ...]) -> Card:
    """The open plans of the teams that are led, or one's own; and how one is made."""
    lead = bool(teams)
    plans = (
        turn.store.open_corrections([each.id for each in teams])
        if lead
        else turn.store.gather_corrections([turn.me.id]).get(turn.me.id, ())
    )
    names = {each.id: each.name for each in turn.store.members()}
    lines = [Line(plan_line(each, names.get(each.owner_id, ""), turn.today)) for each in plans[:SHOWN]]
    done = [plan_done(each) for each in plans[:BUTTONS]]
    how = (Note(t("plan.example"), code=True),) if lead else ()
    title = t("plan.title", n=len(plans)) if plans else t("plan.none")
    return card(title, *lines, *how, rows=in_rows(done))


def must_lead_team(turn: Turn, team: Team) -> None:
    """Raises `NotAllowed` for whoever neither leads the team nor stands above it."""
    director = Role.DIRECTOR in turn.me.roles
    if not director and team.id not in {each.id for each in led_by(turn.me, turn.store.teams())}:
        raise NotAllowed("plan.not_yours", name=team.name)


def owners(turn: Turn, team: Team) -> tuple[Member, ...]:
    """Who can own a plan of a team: its people, and who leads it."""
    leaders = {team.manager_id, team.deputy_id, turn.me.id}
    return tuple(each for each in turn.store.members() if each.team_id == team.id or each.id in leaders)


def planned(turn: Turn, team: Team, text: str, owner: Member, by: date) -> Card:
    """Keeps a plan and tells its owner."""
    plan = CorrectionPlan(
        id=PlanId(0),
        team_id=team.id,
        text=text,
        owner_id=owner.id,
        due_on=by,
        made_by=turn.me.id,
        made_at=turn.now,
    )
    number = turn.store.add_correction(plan)
    _touch(turn, plan)
    if owner.id != turn.me.id:
        shown = card(
            t("plan.told", name=turn.me.name, on=by),
            clipped(text),
            rows=((Button(t("plan.done"), f"/funnel done P{number}"),),),
        )
        teller(turn).tell(owner.id, Notice.PLAN, "plan", shown, at=after_quiet(turn.now, owner.zone))
    return card(
        Line(t("plan.made", name=team.name), Mark.DONE),
        plan_line(plan, owner.name, turn.today),
        rows=((undo_button(turn),),),
    )


def settled_plan(turn: Turn, said: str, state: PlanState) -> Card:
    """A plan is done or dropped: by its owner, or by who leads the team."""
    plan = _plan_named(turn, said)
    team = next((each for each in turn.store.teams() if each.id == plan.team_id), None)
    if plan.owner_id != turn.me.id and team is not None:
        must_lead_team(turn, team)
    if plan.state is not PlanState.OPEN:
        raise NotFound("plan.gone", id=f"P{plan.id}")
    if state is PlanState.DROPPED and plan.made_by != turn.me.id and team is not None:
        must_lead_team(turn, team)
    turn.store.revise_correction(plan.id, state=state)
    _touch(turn, plan)
    return card(
        Line(t(f"plan.is_{state}", text=clipped(plan.text, TEXT_COLUMNS)), Mark.DONE),
        rows=((undo_button(turn),),),
    )


def _plan_named(turn: Turn, said: str) -> CorrectionPlan:
    number = said.strip().lstrip("#")
    if number[:1] not in ("P", "p") or not number[1:].isdecimal() or not number.isascii():
        raise NotUnderstood("plan.which")
    found = turn.store.correction(PlanId(int(number[1:19])))
    if found is None:
        raise NotFound("plan.gone", id=number[:20])
    return found


def _touch(turn: Turn, plan: CorrectionPlan) -> None:
    touch_day(turn.store, plan.owner_id, turn.today)
    touch_digests(turn.store, turn.now, turn.store.teams(), {plan.team_id})
