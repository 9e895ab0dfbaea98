"""Whether letters are still wanted when their turn to leave has come (platforms 5.2): asked of a whole batch at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from domain.kinds import Notice
from domain.ports import Delivery, Letter, Urgency, Whereabouts, Work

# The key of a card that belongs to a date ends in it: "day:3:2026-03-02".
DATED = re.compile(r":(\d{4}-\d{2}-\d{2})$")
Why = str


def _on(letter: Letter) -> date | None:
    """The date a push is about; edits of its card are made on any day."""
    found = DATED.search(letter.card_key or "") if letter.urgency is Urgency.PUSH else None
    return date.fromisoformat(found[1]) if found else None


def _has_left(letter: Letter, found: Whereabouts) -> bool:
    """Nothing more goes to who left, but for the word that the account is closed."""
    is_farewell = letter.kind is Notice.ACCOUNT
    return letter.member_id is not None and not found.is_member and not is_farewell


def _is_lost(letter: Letter, found: Whereabouts) -> bool:
    return letter.member_id is not None and not found.is_alive


def _is_anothers_room(letter: Letter, found: Whereabouts) -> bool:
    """What waits when a room is unbound is taken back then; a room bound meanwhile by others must not read it."""
    to_room = letter.member_id is None and letter.delivery is Delivery.POST
    return to_room and letter.org_id is not None and found.room_of not in (None, letter.org_id)


def _pauses(letter: Letter, found: Whereabouts) -> bool:
    on = _on(letter)
    return on is not None and found.paused_until is not None and on <= found.paused_until


def _is_off(letter: Letter, found: Whereabouts) -> bool:
    on = _on(letter)
    if on is None:
        return False
    return found.declared.get(on) is False or any(leave.covers(on) for leave in found.leaves)


# Why a letter is not wanted, and when; the first that holds is kept with it. A kind that its reader muted is one row
# more: what the row needs to know stands in `Whereabouts`.
UNWANTED: tuple[tuple[Why, Callable[[Letter, Whereabouts], bool]], ...] = (
    ("left", _has_left),
    ("unreachable", _is_lost),
    ("other_room", _is_anothers_room),
    ("paused", _pauses),
    ("day_off", _is_off),
)


def unwanted(work: Work, letters: Sequence[Letter]) -> Mapping[str, Why]:
    """The keys of those that are not to leave any more, each with why; whoever asked is always answered.

    Too late (`not_after`) and taken back with its change are states of their own: such a letter is not claimed.
    """
    asked = [each for each in letters if each.urgency is not Urgency.ANSWER]
    dates = {on for each in asked if (on := _on(each))}
    whereabouts = work.outbox.whereabouts([each.key for each in asked], dates)
    found = {
        each.key: next((why for why, holds in UNWANTED if holds(each, whereabouts[each.key])), None)
        for each in asked
        if each.key in whereabouts
    }
    return {key: why for key, why in found.items() if why}


def keep_wanted(work: Work, letters: Sequence[Letter]) -> tuple[Letter, ...]:
    """The letters that are still wanted; the others are cancelled, in the transaction that claimed them."""
    not_wanted = unwanted(work, letters)
    for key, why in not_wanted.items():
        work.outbox.cancel(key, why)
    return tuple(each for each in letters if each.key not in not_wanted)
