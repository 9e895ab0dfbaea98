"""The quality sample: told to whoever judges it on the week's first day, and once more on the third (method section 2)."""

from collections.abc import Mapping
from datetime import date

from domain.people import MemberId, Role
from domain.samples import REMINDED_AFTER
from domain.workdays import monday
from handlers.registry import Slice
from handlers.sampling import open_samples
from handlers.view import Button, Card, card, t

JUDGES = frozenset({Role.MANAGER})


def sample_news(slice_: Slice) -> Mapping[MemberId, Card]:
    """How many records wait to be judged; nothing on other days, and nothing when none waits."""
    cards: dict[MemberId, Card] = {}
    for each in slice_.recipients:
        if not each.member.holds(JUDGES):
            continue
        today = date.fromisoformat(each.label)
        nth = len(each.calendar.present_days(monday(today), today))
        waiting = open_samples(slice_.store, [each.member.id], today) if nth in (1, REMINDED_AFTER) else ()
        if waiting:
            key = "spotcheck.waiting" if nth == 1 else "spotcheck.reminder"
            button = Button(t("spotcheck.check_button"), "/spotcheck")
            cards[each.member.id] = card(t(key, n=len(waiting)), t("spotcheck.why"), rows=((button,),))
    return cards
