"""/settings [zone CITY | holidays COUNTRY | morning TIME | nudge on/off | profile NAME | digest TIME | pause DATE/off | pushes PLATFORM]"""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from domain.people import Profile
from domain.refusals import NotUnderstood
from domain.workdays import monday
from handlers.args import Args, Words
from handlers.colleagues import led_by, touch_digests
from handlers.muting import muted_now
from handlers.observing import observe_own
from handlers.pieces.linked import platform_meant
from handlers.pieces.listed import listed
from handlers.reading.moments import moment
from handlers.registry import command
from handlers.rollups import roll_week
from handlers.tick import plan_pushes
from handlers.turn import Turn, touch_day
from handlers.until import last_day
from handlers.view import Ask, Button, Card, Facts, Line, Mark, Text, card, in_rows, t
from handlers.words import catalogue
from handlers.zones import OFFERED, city, zone_named

MORNINGS = ("07:30", "08:00", "08:30", "09:00", "09:30")
DIGESTS = ("08:00", "08:30", "09:00", "09:30")
PAUSES = (timedelta(days=7), timedelta(days=14), timedelta(days=30))
LONGEST_PAUSE = timedelta(days=180)
WHAT = ("zone", "holidays", "morning", "nudge", "profile", "digest", "pause", "pushes")


def _code(value: Any) -> Any:
    """A setting by its name in any language."""
    return catalogue().meant(value, {each: f"settings.{each}" for each in WHAT}) or value


class SettingsArgs(Args):
    """What to change and to what; nothing shows all."""

    lead = ("what", "to")
    what: (
        Annotated[
            Literal["zone", "holidays", "morning", "nudge", "profile", "digest", "pause", "pushes"],
            BeforeValidator(_code),
        ]
        | None
    ) = None
    to: Words | None = None


@command()
def settings(turn: Turn, args: SettingsArgs) -> Card:
    """My language, zone, start of the day, nudges, profile, digest and pause, each with its button."""
    if args.what is None:
        return _all(turn)
    if args.what == "holidays":
        return observe_own(turn, args.to or "")
    if args.to is None:
        return _offer(args.what, turn)
    values = _values(args.what, args.to, turn)
    turn.store.revise_member(turn.me.id, **values)
    now = turn.store.member(turn.me.id)
    plan_pushes(turn.store, turn.org, now, turn.now)
    if now.zone != turn.me.zone:
        # What counts until a time of day counts by another wall now.
        roll_week(turn.store, now, turn.store.calendar(turn.org, now), monday(turn.today))
    if args.what in ("profile", "pause"):
        touch_day(turn.store, turn.me.id, turn.today)
        touch_digests(turn.store, turn.now, turn.store.teams(), {turn.me.team_id})
    shown = _shown(values)
    bare = args.what in ("profile", "pause")
    words = shown if bare else t("settings.set", what=t(f"settings.{args.what}"), to=shown)
    return card(
        Line(words, Mark.DONE),
        rows=((Button(t("button.settings"), "/settings"),),),
    )


def _all(turn: Turn) -> Card:
    me = turn.me
    nudge = "off" if me.nudged else "on"
    leads_team = bool(led_by(me, turn.store.teams()))
    paused = me.paused_until is not None and turn.today <= me.paused_until
    muted = muted_now(turn)
    profile: Text = t(f"profile.{me.profile}")
    pairs: list[tuple[Text | str, Text | str]] = [
        (t("settings.language"), t(f"language.own_{me.language}")),
        (t("settings.zone"), me.zone),
        (t("settings.morning"), t("settings.at", at=me.day_starts)),
        (t("settings.nudge"), t(f"settings.nudge_{'on' if me.nudged else 'off'}")),
        (t("settings.profile"), t("settings.adjusted", what=profile) if me.quantities else profile),
    ]
    last = [Button(t(f"settings.turn_nudge_{nudge}"), f"/settings nudge {nudge}")]
    if leads_team:
        pairs.append((t("settings.digest"), t("settings.at", at=me.digest_at)))
        last.append(Button(t("settings.digest"), "/settings digest"))
    if paused and me.paused_until:
        pairs.append((t("settings.pause"), t("settings.until", on=me.paused_until)))
        last = [Button(t("settings.resume"), "/settings pause off"), *last[1:]]
    if muted:
        pairs.append((t("mute.title"), listed([t(f"kinds.{kind}") for kind, _ in muted])))
        last.append(Button(t("mute.title"), "/mute"))
    return card(
        t("settings.title", name=me.name),
        Facts(tuple(pairs)),
        rows=(
            (Button(t("settings.language"), "/language"), Button(t("settings.zone"), "/settings zone")),
            (
                Button(t("settings.morning"), "/settings morning"),
                Button(t("settings.profile"), "/settings profile"),
            ),
            tuple(last),
        ),
    )


def _offer(what: str, turn: Turn) -> Card:
    if what == "pause":
        return _offer_pause(turn)
    buttons = {
        "pushes": [Button(t(f"platform.{each}"), f"/settings pushes {each}") for each in _platforms(turn)],
        "zone": [Button(city(zone), f"/settings zone {zone}") for zone in OFFERED],
        "morning": [Button(at, f"/settings morning {at}") for at in MORNINGS],
        "digest": [Button(at, f"/settings digest {at}") for at in DIGESTS],
        "nudge": [
            Button(t(f"settings.turn_nudge_{each}"), f"/settings nudge {each}") for each in ("on", "off")
        ],
        "profile": [Button(t(f"profile.{each}"), f"/settings profile {each}") for each in Profile],
    }[what]
    return card(t(f"settings.which_{what}"), rows=in_rows(buttons))


def _platforms(turn: Turn) -> tuple[str, ...]:
    return turn.store.gather_platforms([turn.me.id]).get(turn.me.id, ())


def _offer_pause(turn: Turn) -> Card:
    """Until when: some dates to press, any other to type; while it runs, its end."""
    until = turn.me.paused_until
    runs = until is not None and turn.today <= until
    days = [turn.today + length for length in PAUSES]
    buttons = [Button(t("settings.until", on=day), f"/settings pause {day.isoformat()}") for day in days]
    if runs:
        buttons.append(Button(t("settings.resume"), "/settings pause off"))
    return card(
        *((t("settings.paused", on=until),) if runs and until else ()),
        t("settings.which_pause"),
        ask=Ask("/settings pause", "to"),
        rows=in_rows(buttons),
    )


Values = dict[str, str | bool | time | date | None]


def _shown(values: Mapping[str, str | bool | time | date | None]) -> Text | str:
    """The new value, as the list of settings shows it."""
    match values:
        case {"paused_until": date() as until}:
            return t("settings.paused", on=until)
        case {"paused_until": None}:
            return t("settings.resumed")
        case {"digest_at": time() as at}:
            return t("settings.at", at=at)
        case {"day_starts": time() as at}:
            return t("settings.at", at=at)
        case {"pushes_to": platform}:
            return t(f"platform.{platform}")
        case {"nudged": nudged}:
            return t(f"settings.nudge_{'on' if nudged else 'off'}")
        case {"profile": profile}:
            return t(f"profile.{profile}")
        case _:
            return str(values["zone"])


def _values(what: str, to: str, turn: Turn) -> Values:
    match what:
        case "zone":
            return {"zone": zone_named(to)}
        case "morning":
            return {"day_starts": _time(to, turn)}
        case "digest":
            return {"digest_at": _time(to, turn)}
        case "pause":
            return {"paused_until": _pause(to, turn)}
        case "pushes":
            return {"pushes_to": platform_meant(turn, to, _platforms(turn))}
        case "nudge":
            wanted = catalogue().meant(to, {each: f"settings.turn_{each}" for each in ("on", "off")}) or to
            if wanted.casefold() not in ("on", "off"):
                raise NotUnderstood("args.no_choice", said=to[:20], choices="on, off")
            return {"nudged": wanted.casefold() == "on"}
        case _:
            wanted = to.casefold().replace(" ", "_")
            if wanted not in list(Profile):
                raise NotUnderstood("args.no_choice", said=to[:20], choices=", ".join(Profile))
            return {"profile": wanted}


def _time(said: str, turn: Turn) -> time:
    when = moment(f"{said}:00" if said.isdecimal() else said, turn.today)
    if when is None or when.at is None:
        raise NotUnderstood("settings.no_time", said=said[:20])
    return when.at


def _pause(said: str, turn: Turn) -> date | None:
    """The last day of the pause; None ends it."""
    if said.casefold() in catalogue().listed("settings.off_words"):
        return None
    return last_day(said, turn.today, LONGEST_PAUSE)
