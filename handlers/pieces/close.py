"""What is left of a day, closable with one tap (product 6)."""

from domain.quota import Metric, Standing
from handlers.pieces.day import DayFacts, done_button, item_words
from handlers.view import Block, Button, Card, Line, Mark, Steps, Text, card, t

SHOWN = 4
# How a missing number is made up for, where a command does it.
ADD = {Metric.CALLS: "/call", Metric.CONTACTS: "/call", Metric.VISITS: "/visit", Metric.KEY_VISITS: "/visit"}


def close_card(facts: DayFacts) -> Card:
    """Open steps and numbers not reached, each with its button, and closing as it is."""
    due, missing = facts.due(), facts.missing()
    left = len(due) + len(missing)
    blocks: list[Block] = [Line(t("close.left", n=left) if left else t("close.nothing_left"))]
    items = [(Mark.OPEN, item_words(step, facts)) for step in due[:SHOWN]]
    items += [(Mark.OPEN, _number(each)) for each in missing]
    if items:
        blocks.append(Steps(tuple(items)))
    buttons = [done_button(step) for step in due[:2]]
    adds = dict.fromkeys(ADD[each.metric] for each in missing)
    buttons += [Button(t(f"close.add_{command[1:]}"), command) for command in adds]
    rows = tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
    label = t("close.as_is") if left else t("close.now")
    on = facts.today.isoformat()
    return card(
        *blocks,
        rows=(
            *rows[:2],
            (Button(label, f"/report {on} close"), Button(t("close.reflect"), f"/report {on}\nreflection:")),
        ),
    )


def _number(standing: Standing) -> Text:
    return t(
        f"metric.{standing.metric}.left", n=standing.missing, actual=standing.actual, target=standing.target
    )
