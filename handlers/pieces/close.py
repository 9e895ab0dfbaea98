"""What is left of a day, closable with one tap (product 6)."""

from domain.activity import Activity, lacks
from domain.kinds import Notice
from domain.quota import DayState, Metric, Standing
from domain.schedule import local_date
from handlers.pieces.bars import bars
from handlers.pieces.day import DayFacts, day_title, done_button, item_words
from handlers.pieces.dots import with_dots
from handlers.pieces.record import record_line
from handlers.turn import close_key
from handlers.view import Button, Card, Mark, Steps, Text, card, in_rows, t

SHOWN, THIN_SHOWN = 3, 2
# Beside the two that close the day and the dots.
BUTTONS_SHOWN = 3
# How a missing number is made up for, where a command does it.
ADD = {Metric.CALLS: "/call", Metric.CONTACTS: "/call", Metric.VISITS: "/visit", Metric.KEY_VISITS: "/visit"}


def close_card(facts: DayFacts) -> Card:
    """Open steps and numbers not reached, each with its button, and closing as it is; edited as the day goes on."""
    key = close_key(facts.member.id, facts.today)
    if facts.state() not in (DayState.OPEN, DayState.GRACE):
        return card(day_title(facts, ()), *bars(facts.standings()), key=key)
    due, thin, missing = facts.due(), facts.thin(), facts.missing()
    left = len(due) + len(thin) + len(missing)
    items = [(Mark.OPEN, item_words(step, facts)) for step in due[:SHOWN]]
    items += [(Mark.OPEN, _thin(each)) for each in thin[:THIN_SHOWN]]
    items += [(Mark.OPEN, _number(each)) for each in missing]
    buttons = [done_button(step) for step in due[:2]]
    buttons += [
        Button(t("close.complete", id=f"V{each.id}"), record_line(each.kind, f"V{each.id}"))
        for each in thin[:1]
    ]
    adds = dict.fromkeys(ADD[each.metric] for each in missing)
    buttons += [Button(t(f"close.add_{command[1:]}"), command) for command in adds]
    rows = in_rows(buttons[:BUTTONS_SHOWN])
    on = facts.today.isoformat()
    close = Button(t("close.as_is" if left else "close.now"), f"/report {on} close")
    reflect = Button(t("close.reflect"), f"/report {on}\nreflection:")
    return card(
        _title(facts, left),
        *((Steps(tuple(items)),) if items else ()),
        rows=with_dots((*rows, (close, reflect)), Notice.NUDGE, facts.today),
        key=key,
    )


def _title(facts: DayFacts, left: int) -> Text:
    """Today in words, another day by its date."""
    if facts.today == local_date(facts.now, facts.member.zone):
        return t("close.left", n=left) if left else t("close.nothing_left")
    return t("close.left_of", n=left, on=facts.today) if left else t("close.nothing_left_of", on=facts.today)


def _thin(record: Activity) -> Text:
    return t(
        "close.thin", id=f"V{record.id}", kind=t(f"kind.{record.kind}"), what=t(f"lack.{lacks(record)[0]}")
    )


def _number(standing: Standing) -> Text:
    return t(
        f"metric.{standing.metric}.left", n=standing.missing, actual=standing.actual, target=standing.target
    )
