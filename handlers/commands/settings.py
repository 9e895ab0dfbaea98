"""/settings [zone CITY | morning TIME | nudge on/off | profile NAME]"""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from domain.people import Profile
from domain.refusals import NotUnderstood
from handlers.args import Args, Words
from handlers.reading.moments import moment
from handlers.registry import command
from handlers.tick import plan_pushes
from handlers.turn import Turn
from handlers.view import Button, Card, Facts, Line, Mark, Text, card, t
from handlers.words import catalogue
from handlers.zones import OFFERED, city, zone_named

MORNINGS = ("07:30", "08:00", "08:30", "09:00", "09:30")


WHAT = ("zone", "morning", "nudge", "profile")


def _code(value: Any) -> Any:
    """A setting by its name in any language."""
    return catalogue().meant(value, {each: f"settings.{each}" for each in WHAT}) or value


class SettingsArgs(Args):
    """What to change and to what; nothing shows all."""

    lead = ("what", "to")
    what: Annotated[Literal["zone", "morning", "nudge", "profile"], BeforeValidator(_code)] | None = None
    to: Words | None = None


@command()
def settings(turn: Turn, args: SettingsArgs) -> Card:
    """My language, zone, start of the day, nudges and profile, each with its button."""
    if args.what is None:
        return _all(turn)
    if args.to is None:
        return _offer(args.what)
    values = _values(args.what, args.to, turn)
    turn.store.revise_member(turn.me.id, **values)
    plan_pushes(turn.store, turn.org, turn.store.member(turn.me.id), turn.now)
    shown = _shown(values)
    words = shown if args.what == "profile" else t("settings.set", what=t(f"settings.{args.what}"), to=shown)
    return card(
        Line(words, Mark.DONE),
        rows=((Button(t("button.settings"), "/settings"),),),
    )


def _all(turn: Turn) -> Card:
    me = turn.me
    nudge = "off" if me.nudged else "on"
    pairs = (
        (t("settings.language"), t(f"language.own_{me.language}")),
        (t("settings.zone"), me.zone),
        (t("settings.morning"), t("settings.at", at=me.day_starts)),
        (t("settings.nudge"), t(f"settings.nudge_{'on' if me.nudged else 'off'}")),
        (t("settings.profile"), t(f"profile.{me.profile}")),
    )
    return card(
        t("settings.title", name=me.name),
        Facts(pairs),
        rows=(
            (Button(t("settings.language"), "/language"), Button(t("settings.zone"), "/settings zone")),
            (
                Button(t("settings.morning"), "/settings morning"),
                Button(t("settings.profile"), "/settings profile"),
            ),
            (Button(t(f"settings.turn_nudge_{nudge}"), f"/settings nudge {nudge}"),),
        ),
    )


def _offer(what: str) -> Card:
    buttons = {
        "zone": [Button(city(zone), f"/settings zone {zone}") for zone in OFFERED],
        "morning": [Button(at, f"/settings morning {at}") for at in MORNINGS],
        "nudge": [
            Button(t(f"settings.turn_nudge_{each}"), f"/settings nudge {each}") for each in ("on", "off")
        ],
        "profile": [Button(t(f"profile.{each}"), f"/settings profile {each}") for each in Profile],
    }[what]
    return card(
        t(f"settings.which_{what}"), rows=tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
    )


def _shown(values: Mapping[str, str | bool | time]) -> Text | str:
    """The new value, as the list of settings shows it."""
    match values:
        case {"day_starts": time() as at}:
            return t("settings.at", at=at)
        case {"nudged": nudged}:
            return t(f"settings.nudge_{'on' if nudged else 'off'}")
        case {"profile": profile}:
            return t(f"profile.{profile}")
        case _:
            return str(values["zone"])


def _values(what: str, to: str, turn: Turn) -> dict[str, str | bool | time]:
    match what:
        case "zone":
            return {"zone": zone_named(to)}
        case "morning":
            when = moment(f"{to}:00" if to.isdecimal() else to, turn.today)
            if when is None or when.at is None:
                raise NotUnderstood("settings.no_time", said=to[:20])
            return {"day_starts": when.at}
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
