"""The card of the way to a target, run backwards: from the money that is missing to today's number."""

import math

from domain.people import Member
from domain.targets import Target, money
from domain.way import Way, tenth, tenth_up
from handlers.backward import way_of
from handlers.pieces.clipped import clipped
from handlers.pieces.target import NAME_COLUMNS, span_words
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, card, t


def way_card(turn: Turn, person: Member, target: Target) -> Card:
    """What is missing, through which deals and visits it comes, and where the present pace ends."""
    span = span_words(target.first, target.last)
    mine = person.id == turn.me.id
    title = (
        t("way.yours", span=span) if mine else t("way.of", name=clipped(person.name, NAME_COLUMNS), span=span)
    )
    back = Button(t("way.target_button"), f"/target G{target.id}")
    funnel = Button(t("way.funnel_button"), "/funnel" if mine else f"/funnel M{person.id}")
    found = way_of(turn.store, turn.org, person, target, turn.today)
    if found is None:
        return card(title, t("way.no_deals"), rows=((back,),))
    return card(title, *_lines(found, target), rows=((back, funnel),))


def _lines(way: Way, target: Target) -> tuple[Block, ...]:
    asked = money(way.asked)
    key = "way.sold_less" if asked < target.amount else "way.sold"
    sold = Line(t(key, sold=money(way.sold), asked=asked))
    if way.is_reached:
        return (sold, Line(t("way.reached"), Mark.DONE))
    at_hand = Line(t("way.at_hand", amount=money(way.capacity)))
    lands = Line(t("way.lands", pace=tenth(way.pace), amount=money(way.lands)))
    if not way.missing:
        return (sold, at_hand, Line(t("way.covered"), Mark.DONE), lands)
    missing = Line(t("way.missing", amount=money(way.missing), n=math.ceil(way.wins)))
    if way.a_day is None:
        return (sold, at_hand, missing, Line(t("way.no_day_left"), Mark.NOTE))
    return (
        sold,
        at_hand,
        missing,
        Line(t("way.visits", begun=math.ceil(way.begun), n=math.ceil(way.visits))),
        Line(t("way.needed", amount=asked, visits=tenth_up(way.a_day)), Mark.OPEN),
        lands,
        Note(t("way.late")) if way.is_late else Note(t("way.today", n=way.todays)),
    )
