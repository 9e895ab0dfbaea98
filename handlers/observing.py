"""What follows when somebody's public holidays become known or change: calendars, pushes and cards."""

from collections.abc import Sequence
from datetime import date, datetime

from domain.people import Member, region_of
from domain.ports import Store, Work
from domain.schedule import local_date
from domain.workdays import Holiday
from handlers.colleagues import touch_digests
from handlers.regions import OFFERED, region_name, region_named
from handlers.turn import Turn, touch_day
from handlers.view import Button, Card, Line, Mark, Note, card, in_rows, t


def keep_holidays(
    work: Work, region: str, days: Sequence[Holiday], since: date, year: int, now: datetime
) -> None:
    """Takes in what the edge loaded of a region; whoever rests with it has pushes and cards follow."""
    if not work.holidays.keep(region, days, since, year):
        return
    for org in work.people.organisations():
        store = work.store(org.id)
        follow(store, [each for each in store.members() if region_of(org, each) == region], now)


def follow(store: Store, people: Sequence[Member], now: datetime) -> None:
    """Lets pushes, deals, cards and digests follow the days off of people, without a turn for each."""
    if not people:
        return
    store.plan_anew([each.id for each in people], now)
    for each in people:
        store.check_deals(None, each.id, now)
        touch_day(store, each.id, local_date(now, each.zone))
    touch_digests(store, now, store.teams(), {each.team_id for each in people})


def observe_all(turn: Turn, said: str) -> Card:
    """The organisation's public holidays: whose, or which to choose from."""
    if not said:
        return _which(turn, turn.org.region, "/calendar holidays")
    region = region_named(said)
    turn.store.revise_organisation(region=region)
    _observed(turn, region, [each for each in turn.store.members() if each.region is None])
    return _done(turn, region, turn.org.name)


def observe_own(turn: Turn, said: str) -> Card:
    """One's own public holidays, where they are not the organisation's."""
    if not said:
        own = turn.org.region if turn.me.region is None else turn.me.region
        return _which(turn, own, "/settings holidays")
    region = region_named(said)
    turn.store.revise_member(turn.me.id, region=region)
    _observed(turn, region, [turn.store.member(turn.me.id)])
    if not region:
        return _done(turn, region, turn.me.name)
    shown = t("settings.set", what=t("settings.holidays"), to=region_name(region, turn.language))
    return card(Line(shown, Mark.DONE), t("holidays.means"))


def _observed(turn: Turn, region: str, people: Sequence[Member]) -> None:
    if region:
        turn.store.observe(region)
    follow(turn.store, people, turn.now)


def _done(turn: Turn, region: str, whose: str) -> Card:
    if not region:
        return card(Line(t("holidays.nobodys", name=whose), Mark.DONE))
    named = region_name(region, turn.language)
    return card(Line(t("holidays.chosen", what=named, name=whose), Mark.DONE), t("holidays.means"))


def _which(turn: Turn, region: str, line: str) -> Card:
    buttons = [Button(region_name(each, turn.language), f"{line} {each}") for each in OFFERED]
    now = t("holidays.now", what=region_name(region, turn.language)) if region else t("holidays.not_chosen")
    return card(t("holidays.which"), now, Note(t("holidays.typed")), rows=in_rows(buttons))
