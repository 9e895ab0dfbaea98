"""Who speaks, where and when: all a command is given besides its arguments."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from domain.events import Event
from domain.files import StoredFile
from domain.people import Language, Member, Organisation, OrgId, Team
from domain.ports import Address, Draft, EventId, Store
from domain.schedule import local_date, local_time
from domain.workdays import Calendar

# A card remembers a number of random bits, a typed code fewer; the edge owns the source of randomness.
Codes = Callable[[int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One command of one known person. `said_at` is the platform's time, `now` the moment it is handled.

    `pressed` is the message whose button carried it, `room` the group or channel it was said in and `room_owner`
    whose it is, `source` names the message for later edits, `link` makes a deep link where the platform has them,
    `link_on` one to another platform, `content` reads what a file holds.
    """

    me: Member
    org: Organisation
    team: Team | None
    at: Address
    private: bool
    now: datetime
    said_at: datetime
    event: EventId
    store: Store
    codes: Codes
    draft: Draft | None = None
    pressed: str | None = None
    room: Address | None = None
    source: str | None = None
    link: Callable[[str], str | None] = lambda _code: None
    link_on: Callable[[str, str], str | None] = lambda _platform, _code: None
    room_owner: Callable[[], OrgId | None] = lambda: None
    content: Callable[[StoredFile], bytes] = lambda _file: b""
    happened: list[Event] = field(default_factory=list)
    _calendar: list[Calendar] = field(default_factory=list, init=False)

    @property
    def language(self) -> Language:
        return self.me.language

    @property
    def today(self) -> date:
        """The date on the speaker's wall when it was said."""
        return local_date(self.said_at, self.me.zone)

    @property
    def wall(self) -> time:
        """The time on the speaker's wall when it was said, to the minute."""
        return local_time(self.said_at, self.me.zone)

    def calendar(self) -> Calendar:
        """The speaker's working days, read when they are first needed."""
        if not self._calendar:
            self._calendar.append(self.store.calendar(self.org, self.me))
        return self._calendar[0]


def day_key(member: int, day: date) -> str:
    """The key of a person's day card: one card a day, edited through it."""
    return f"day:{member}:{day.isoformat()}"


def close_key(member: int, day: date) -> str:
    """The key of the card that lists what is left of a day."""
    return f"close:{member}:{day.isoformat()}"


def home_key(member: int) -> str:
    """The key of a person's home: it always shows now."""
    return f"home:{member}:now"


def digest_key(member: int, day: date) -> str:
    """The key of the digest of whoever leads a team."""
    return f"digest:{member}:{day.isoformat()}"


def today_key(member: int, day: date) -> str:
    """The key of the day of somebody who leads a team and has a day of their own: both on one card."""
    return f"today:{member}:{day.isoformat()}"


def approval_key(member: int, *numbers: int) -> str:
    """The key of one request for approval, or of several on one card, as one of those who were asked sees them."""
    return f"approval:{member}:-{'-'.join(map(str, numbers))}-"


def said_key(member: int, event: int) -> str:
    """The key of a colleague's question or answer: it stays as it was said, whatever its buttons do."""
    return f"said:{member}:{event}"


def claim_key(member: int, number: int) -> str:
    """The key of a claim on a customer, as one of those who were asked sees it."""
    return f"claim:{member}:{number}"


def target_key(member: int, number: int) -> str:
    """The key of a target, as one of those who talk about it sees it."""
    return f"target:{member}:{number}"


def news_key(member: int, day: date) -> str:
    """The key of the card that the news of a day share."""
    return f"news:{member}:{day.isoformat()}"


def alone_key(member: int, day: date) -> str:
    """The key of that card while one thing stands on it, whose buttons act where they stand."""
    return f"{ALONE}:{member}:{day.isoformat()}"


def acts_in_place(key: str | None) -> bool:
    """Whether a card becomes what its button did: all but those that live on and are edited by themselves."""
    return key is None or key.partition(":")[0] == ALONE


ALONE = "alone"


def touch_news(store: Store, member: int, day: date) -> None:
    """The card of a day's news is to show what is so now."""
    store.touch_card(news_key(member, day))
    store.touch_card(alone_key(member, day))


def touch_digest(store: Store, member: int, day: date) -> None:
    """A digest is to show what is so now."""
    for key in (digest_key(member, day), today_key(member, day), home_key(member)):
        store.touch_card(key)


def touch_day(store: Store, member: int, day: date) -> None:
    """The cards of a person's day are to show what is so now."""
    store.touch_card(day_key(member, day))
    store.touch_card(close_key(member, day))
    store.touch_card(today_key(member, day))
    store.touch_card(home_key(member))
