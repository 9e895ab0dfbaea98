"""What somebody hears less of: kinds by name, for how long, and the way back."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from domain.kinds import KINDS, Notice, Sort
from domain.news_ports import is_muted
from domain.refusals import NotUnderstood
from domain.thirds import news_at
from handlers.registry import registry
from handlers.turn import Turn
from handlers.until import last_day
from handlers.view import Button, Text, t
from handlers.words import catalogue

# A month of days off a kind is four weeks and a bit: what a person counts in. Ours.
SPANS: Mapping[str, timedelta] = {"week": timedelta(days=7), "month": timedelta(days=30)}
SPAN_WORDS: Mapping[str, str] = {"week": "mute.week_words", "month": "mute.month_words"}
LONGEST = timedelta(days=366)
# The others come because of what a colleague did.
OWN_REASON = (
    *(kind for kind, manner in KINDS.items() if manner.sort is Sort.BEAT),
    *(Notice.NEWS, Notice.STALLED, Notice.HOLD, Notice.SAMPLE, Notice.WEEK, Notice.REPORTS),
)
MUTABLE = tuple(kind for kind, manner in KINDS.items() if manner.mutable)


def _code(value: Any) -> Any:
    """A kind by its name in any language."""
    said = value.strip() if isinstance(value, str) else str(value)
    found = catalogue().meant(said, {each: f"kinds.{each}" for each in MUTABLE}) or said.casefold()
    if found not in KINDS or found == Notice.ROOM:
        raise NotUnderstood("mute.unknown", said=said[:20])
    return found


# A push by its name; those that may not be muted have none.
Known = Annotated[Notice, BeforeValidator(_code)]


def hour_of(turn: Turn, kind: Notice, on: date) -> time:
    """When a kind comes to the speaker."""
    push = next((each for each in registry().pushes.values() if each.kind is kind), None)
    own = push.at(turn.me) if push and KINDS[kind].sort is Sort.BEAT else None
    return own or news_at(turn.me, turn.calendar(), on)


def reason(turn: Turn, kind: Notice, on: date) -> Text:
    """Why a kind comes, in a line."""
    if KINDS[kind].sort is Sort.DECISION:
        return t("kinds.why_asked")
    return t(f"kinds.why_{kind if kind in OWN_REASON else 'told'}", at=hour_of(turn, kind, on))


def until_meant(turn: Turn, said: str) -> date | None:
    """The last day somebody named; None for good."""
    words = said.casefold().strip()
    for span, length in SPANS.items():
        if words in catalogue().listed(SPAN_WORDS[span]):
            return turn.today + length
    if words in catalogue().listed("mute.good_words"):
        return None
    return last_day(said, turn.today, LONGEST)


def muted_now(turn: Turn) -> tuple[tuple[Notice, date | None], ...]:
    """What the speaker has muted today, in the order of the kinds."""
    mutes = turn.store.gather_mutes([turn.me.id]).get(turn.me.id, {})
    return tuple((kind, mutes[kind]) for kind in MUTABLE if is_muted(mutes, kind, turn.today))


def muted_words(kind: Notice, until: date | None) -> Text:
    """One of them, and until when."""
    name = t(f"kinds.{kind}")
    return t("mute.until", what=name, on=until) if until else t("mute.for_good", what=name)


def give_back(kinds: Sequence[Notice]) -> list[Button]:
    """A button that unmutes each."""
    return [Button(t("mute.back_button", what=t(f"kinds.{kind}")), f"/mute {kind} off") for kind in kinds]
