"""The digest of whoever leads a team: missed reports by name, silence, who is away; each with what decides it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from domain.kinds import Notice
from domain.people import ADMINS, Member, Organisation, Role
from domain.ports import Store
from domain.silence import TEAM_SILENT_DAYS
from handlers.alerting import Waiting
from handlers.digesting import DigestFacts, digest_facts
from handlers.excepting import Exceptional
from handlers.pieces.answers import answer_buttons, answer_lines
from handlers.pieces.dots import with_dots
from handlers.pieces.exceptions import number_buttons
from handlers.pieces.listed import listed, some
from handlers.pieces.monday import exception_lines, monday_lines, opening_buttons
from handlers.pieces.stalled import digest_words
from handlers.turn import digest_key
from handlers.view import Block, Button, Card, Line, Note, Rows, Words, card, in_rows, t

A_WEEK = timedelta(days=7)
NAMED, ASKED, TEAMS_ASKED = 3, 4, 2
# Under its title a card has seven lines, and six buttons of which one is the dots (product 6).
DEALS_NAMED, LINES, MOST_BUTTONS = 2, 7, 5
# However much else there is to say on a Monday, so many exceptions are named.
LEAST = 2
# Who may declare days off; a deputy who is not a manager may not.
DECLARES = ADMINS | {Role.MANAGER}


def digest_card(facts: DigestFacts) -> Card:
    """At most eight lines, and only what is there to know; the buttons decide it."""
    title = t("digest.title", names=listed([team.name for team in facts.teams]), on=facts.window.today)
    return card(
        Line(title),
        *digest_lines(facts),
        rows=with_dots(digest_rows(facts), Notice.DIGEST, facts.window.today),
        key=digest_key(facts.leader.id, facts.window.today),
    )


def digest_lines(facts: DigestFacts) -> tuple[Block, ...]:
    """The lines under the title, what needs the leader first."""
    blocks: list[Block] = []
    if facts.to_approve:
        blocks.append(Line(t("digest.to_approve", n=facts.to_approve)))
    blocks += [Line(each) for each in answer_lines(facts.scores)]
    blocks += monday_lines(facts.monday)
    if facts.monday.is_week:
        blocks += exception_lines(shown_exceptions(facts))
    else:
        blocks += [Line(digest_words(n, each)) for n, each in enumerate(facts.named, 1)]
    if facts.cleared:
        blocks.append(Line(t("stalled.cleared", n=facts.cleared)))
    if facts.in_a_row:
        names = [t("digest.silent_for", name=each.member.name, n=len(days)) for each, days in facts.in_a_row]
        blocks.append(Line(t("digest.in_a_row", names=some(names, NAMED))))
    if facts.missed_once:
        names = [
            t("digest.days", name=each.member.name, days=_named_days(days, facts.window.today))
            for each, days in facts.missed_once
        ]
        blocks.append(Line(t("digest.missed", names=some(names, NAMED))))
    blocks += [
        Line(t("digest.silent_team", name=team.name, n=len(days)))
        for team, days in facts.silent_teams[:TEAMS_ASKED]
    ]
    if facts.silent:
        names = [
            t("digest.silent_for", name=each.member.name, n=len(each.silent(facts.window.today)))
            for each in facts.silent
        ]
        blocks.append(Line(t("digest.silent", names=some(names, NAMED))))
    if facts.worked:
        key = "digest.closed_grace" if facts.in_grace else "digest.closed"
        grace = {"grace": facts.in_grace} if facts.in_grace else {}
        blocks.append(Line(t(key, on=facts.window.yesterday, done=facts.closed, of=facts.worked, **grace)))
    away: list[Words] = [
        each.member.name for each in facts.people if each.calendar.is_away(facts.window.today)
    ]
    away += [
        t("digest.paused", name=each.member.name) for each in facts.people if each.pauses(facts.window.today)
    ]
    if away:
        blocks.append(Line(t("digest.away", names=some(away, NAMED))))
    return tuple(blocks[:LINES]) or (Note(t("digest.nothing")),)


def shown_exceptions(facts: DigestFacts) -> tuple[Exceptional, ...]:
    """The five exceptions that weigh most, or as many as there is room for beside what else has to be said."""
    others = bool(facts.missed) or bool(facts.silent_teams) or bool(facts.silent)
    before = bool(facts.to_approve) + len(answer_lines(facts.scores)) + len(monday_lines(facts.monday))
    return facts.monday.shown[: max(LEAST, LINES - before - others)]


def told_of(facts: DigestFacts) -> tuple[Waiting, ...]:
    """The stalled deals that the card names."""
    if not facts.monday.is_week:
        return facts.named
    shown = {each.deal.id for each in shown_exceptions(facts)}
    return tuple(each for each in facts.waiting if each.deal.id in shown)


def _named_days(days: Sequence[date], today: date) -> Words:
    """Days of the last week by their weekday, older ones by their date."""
    recent = today - A_WEEK
    return listed([t("week.day" if day > recent else "digest.date", on=day) for day in days[-NAMED:]])


def digest_rows(facts: DigestFacts) -> Rows:
    """What decides each: a request, a word to the owner of a deal or along to the customer, one line to who was not heard.

    For a silent team, a holiday or not. Six buttons in three rows at most.
    """
    if facts.monday.exceptions:
        return _week_rows(facts)
    if facts.named:
        return _deal_rows(facts)
    buttons = _others(facts)[:ASKED]
    return (*in_rows(buttons), *_silent_row(facts))


def _week_rows(facts: DigestFacts) -> Rows:
    """Each exception with all that can be decided about it, then the whole list; what else waits as far as there is room.

    A request for approval and a dispute go before the exceptions, and so does the question to a silent team.
    """
    silent = _silent_row(facts)
    first = _approve(facts) + answer_buttons(facts.scores) + opening_buttons(facts.monday.month)[:1]
    whole = Button(t("digest.all_exceptions", n=len(facts.monday.exceptions)), "/exceptions")
    room = MOST_BUTTONS - len(first) - 1 - sum(map(len, silent))
    opened = number_buttons(shown_exceptions(facts))[:room]
    reminded = [each for each in _others(facts) if each not in first][: room - len(opened)]
    return (*in_rows([*first, *opened, *reminded, whole], 3), *silent)


def _approve(facts: DigestFacts) -> list[Button]:
    return [Button(t("digest.approve_button"), "/approve")] if facts.to_approve else []


def _others(facts: DigestFacts) -> list[Button]:
    """What waits for a decision, then a word to each who was not heard."""
    missed = [each.member for each, _ in (*facts.in_a_row, *facts.missed_once)]
    asked = missed + [each.member for each in facts.silent]
    return (
        _approve(facts)
        + answer_buttons(facts.scores)
        + opening_buttons(facts.monday.month)
        + [Button(t("digest.remind", name=each.name), f"/remind M{each.id}") for each in asked]
    )


def _silent_row(facts: DigestFacts) -> Rows:
    """For a team that is silent: a holiday or not, by who may say so."""
    rows: list[tuple[Button, ...]] = []
    if not facts.leader.holds(DECLARES):
        return ()
    for team, days in facts.silent_teams[:1]:
        named = (
            f"{days[-TEAM_SILENT_DAYS].isoformat()} to {facts.window.today.isoformat()}\nteam: {team.name}"
        )
        off = Button(t("digest.declare_off"), f"/calendar off {named}")
        keep = Button(t("digest.keep"), f"/calendar on {facts.window.today.isoformat()}\nteam: {team.name}")
        rows.append((off, keep))
    return tuple(rows)


def _deal_rows(facts: DigestFacts) -> Rows:
    """The deals that are named, one row each; below them the list, and who is asked for a report as far as there is room."""
    rows: list[tuple[Button, ...]] = []
    silent = _silent_row(facts)
    for n, each in enumerate(facts.named[: 1 if silent else DEALS_NAMED], 1):
        number = f"D{each.deal.id}"
        ask = Button(t("stalled.n_ask", n=n), f"/stalled {number} nudge")
        join = Button(t("stalled.n_join", n=n), f"/stalled {number} join")
        shown = Button(t("stalled.n_open", n=n, id=number), f"/deal {number}")
        rows.append((ask, join, shown) if len(facts.named) == 1 and not silent else (ask, join))
    room = MOST_BUTTONS - sum(map(len, (*rows, *silent))) - 1
    return (*rows, *silent, (*_others(facts)[: 1 if silent else room], Button(t("stalled.all"), "/stalled")))


def digest_now(store: Store, org: Organisation, member: Member, label: str, now: datetime) -> Card | None:
    """The digest of a date as it is now; None once nobody is led any more."""
    facts = digest_facts(store, org, member, date.fromisoformat(label), now)
    return digest_card(facts) if facts else None
