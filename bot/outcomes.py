"""What follows from a try to send: again and when, given up, told to whom (platforms 5.2)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.ports import Address, Delivery, Letter, Outcome, Urgency, Work
from handlers.gone import note_gone
from handlers.letters import TO_GROUP
from handlers.turn import Codes
from handlers.view import Card, encode

# Not sent: try again soon, then ever more slowly, within the letter's own patience.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(days=2)
# Later nobody in the room remembers what they are told the way for.
WAY_IN_WITHIN = timedelta(minutes=10)
# What a platform said against a letter is kept as short as this, and never holds our own words.
REASON_MOST = 80
# A room is told again at the next quarter of an hour: until then somebody may see that it was there.
SLOT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """The room in which somebody who cannot be written to alone is told how to begin, and the words."""

    room: str
    shown: Card


class SendFailed(Exception):
    """A platform did not take a letter; `outcome` says what that means for it.

    `gone` is the message that was to be edited, `moved_to` the new number of the chat; of a `lost_topic` only the
    group around it is left. Where the token was refused, `proof` asks the platform whether it takes it again.
    """

    def __init__(
        self,
        outcome: Outcome,
        reason: str,
        *,
        retry_after: float | None = None,
        gone: bool = False,
        moved_to: str | None = None,
        lost_topic: bool = False,
        way_in: WayIn | None = None,
        proof: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        super().__init__(reason[:REASON_MOST])
        self.outcome = outcome
        self.retry_after = retry_after
        self.gone = gone
        self.moved_to = moved_to
        self.lost_topic = lost_topic
        self.way_in = way_in
        self.proof = proof


class Plainly(str):
    """The id of a message that arrived in plain words only: the platform `refused` how we had set them, our bug."""

    __slots__ = ("refused",)

    def __new__(cls, message: str, refused: str) -> "Plainly":
        made = super().__new__(cls, message)
        made.refused = refused[:REASON_MOST]
        return made

    refused: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """What is done with a letter when nobody knows whether it arrived; the first row that fits.

    It is sent anew so many `times` (None: until it is known to have arrived, or is useful no more), soon or at the
    next `slot`; after that its state is "unknown", which is where a search for what may be missing begins.
    """

    fits: Callable[[Letter], bool]
    times: int | None = None
    slot: timedelta | None = None


UNSURE: tuple[Unsure, ...] = (
    # However often it is made, an edit leaves the same message; so does a menu.
    Unsure(fits=lambda letter: letter.delivery in (Delivery.EDIT, Delivery.MENU)),
    # Whoever hears nothing says it again, and then it is in the books twice.
    Unsure(fits=lambda letter: letter.urgency is Urgency.ANSWER),
    # What many read at once is not said to all of them again on a suspicion.
    Unsure(fits=lambda letter: letter.member_id is None, times=1, slot=SLOT),
    # Reminders and scorecards: what has its time comes again with the next period.
    Unsure(fits=lambda letter: letter.not_after is not None, times=1),
    # What somebody has to act on: better twice than never.
    Unsure(fits=lambda letter: True),
)


def conclude(work: Work, letter: Letter, failure: SendFailed, now: datetime, codes: Codes) -> None:
    """All that follows from a failure, in one transaction: a second try finds all of it or nothing."""
    if failure.gone and letter.card_key and _is_todays(letter.card_key, now):
        work.outbox.write(_anew(letter, ":again", letter.to))
    if failure.moved_to:
        work.people.move_chat(letter.to, replace(letter.to, chat=failure.moved_to))
    if failure.way_in:
        work.outbox.write(_shown_in(failure.way_in, letter, now))
    at, reason = _next_try(letter, failure, now), str(failure)
    if at is not None:
        work.outbox.retry(letter.key, at, failure.outcome, reason)
        return
    work.outbox.give_up(letter.key, failure.outcome, now, reason)
    if failure.outcome is Outcome.DEAD:
        note_gone(work, letter.to, now, codes)
        group = replace(letter.to, chat=letter.to.chat.partition("/")[0])
        # What was for one team never goes to a room of another's.
        if failure.lost_topic and not letter.edits and not work.people.owner_of_room(group):
            work.outbox.write(_anew(letter, TO_GROUP, group))


def _next_try(letter: Letter, failure: SendFailed, now: datetime) -> datetime | None:
    """When it is tried again; None when it is not."""
    back_off = now + (
        timedelta(seconds=failure.retry_after) if failure.retry_after else _back_off(letter, now)
    )
    match failure.outcome:
        case Outcome.REVOKED:
            # Whoever runs the bot may need days; what is useful for a while only expires by itself.
            return back_off
        case Outcome.NOT_SENT:
            return None if _too_old(letter, now) else back_off
        case Outcome.UNKNOWN:
            rule = next(each for each in UNSURE if each.fits(letter))
            if _too_old(letter, now) or (rule.times is not None and letter.unsure >= rule.times):
                return None
            return back_off if rule.slot is None else _following(rule.slot, now)
        case _:
            return None


def _following(slot: timedelta, now: datetime) -> datetime:
    """The next instant of the clock that is a whole number of slots from midnight UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + slot * ((now - midnight) // slot + 1)


def _anew(letter: Letter, name: str, to: Address) -> Letter:
    """The same card as a new message."""
    return replace(
        letter,
        key=letter.key + name,
        to=to,
        delivery=Delivery.POST,
        edits=None,
        urgency=Urgency.PUSH,
        unsure=0,
    )


def _shown_in(way: WayIn, letter: Letter, now: datetime) -> Letter:
    """Once a day and person, however often they ask: a room must not be flooded by whoever is in it."""
    to = replace(letter.to, chat=way.room)
    return Letter(
        key=f"way:{to.platform}:{to.chat}:{letter.to.chat}:{now.date()}",
        to=to,
        card=encode(way.shown),
        language=letter.language,
        due_at=now,
        not_after=now + WAY_IN_WITHIN,
        urgency=Urgency.PUSH,
        # Of no organisation: whichever room it is, the words are for whoever asked there.
    )


def _is_todays(card_key: str, now: datetime) -> bool:
    """Whether a card that lives on is worth posting anew: a past day's is not (the key of a day's ends in its date)."""
    label = card_key.rpartition(":")[2]
    return "-" in label and date.fromisoformat(label) >= now.date()


def _too_old(letter: Letter, now: datetime) -> bool:
    return now > (letter.not_after or letter.due_at + GIVE_UP_AFTER)


def _back_off(letter: Letter, now: datetime) -> timedelta:
    """As long again as it has been waiting already, between one second and a minute."""
    return min(max(now - letter.due_at, FIRST_WAIT), LONGEST_WAIT)
