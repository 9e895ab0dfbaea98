"""/setup; name: TEXT; zone: CITY; language: CODE; currency: CODE; week: DAYS; profile: NAME"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from babel import Locale, numbers
from pydantic import BeforeValidator

from domain.people import ADMINS, Profile
from domain.refusals import NotUnderstood
from handlers.args import Args, Missing
from handlers.args import Words as Typed
from handlers.commands.language import language_named
from handlers.registry import Scope, command
from handlers.tick import plan_pushes
from handlers.turn import Turn
from handlers.view import Button, Card, Facts, Note, Rows, Words, card, in_rows, t
from handlers.zones import OFFERED, city, zone_named

WEEKS = ("12345", "123456", "12347")
CURRENCIES = ("CNY", "TWD", "HKD", "SGD", "USD", "EUR")
_DAYS = re.compile(r"[1-7]{1,7}")


def _profile(value: Any) -> Any:
    return value.replace(" ", "_").casefold() if isinstance(value, str) else value


class SetupArgs(Args):
    """What an organisation is made of; each part can be changed alone."""

    lead = ("name",)
    name: Typed | None = None
    zone: Typed | None = None
    language: Typed | None = None
    currency: Typed | None = None
    week: Typed | None = None
    profile: Annotated[Profile, BeforeValidator(_profile)] | None = None


def _choices(_turn: Turn, missing: Missing) -> Rows:
    values: dict[str, list[tuple[Words, str]]] = {
        "zone": [(city(zone), zone) for zone in OFFERED],
        "currency": [(code, code) for code in CURRENCIES],
        "week": [(t(f"setup.week_{days}"), days) for days in WEEKS],
        "profile": [(t(f"profile.{each}"), each.value) for each in Profile],
        "language": [(t(f"language.own_{code}"), code) for code in ("en", "zh", "zh-Hant")],
    }
    buttons = [
        Button(label, f"/setup\n{missing.part}: {value}") for label, value in values.get(missing.part, [])
    ]
    return in_rows(buttons, 3)


@command(roles=ADMINS, scope=Scope.ORGANISATION, choices=_choices)
def setup(turn: Turn, args: SetupArgs) -> Card:
    """Names the organisation and shows what was guessed, each with a Change button."""
    values = _values(args)
    if values:
        turn.store.revise_organisation(**values)
        _follow(turn, values)
    org = turn.store.organisation()
    days = "".join(str(day) for day in sorted(org.week))
    pairs = (
        (t("parts.language.label"), t(f"language.own_{org.language}")),
        (t("parts.zone.label"), org.zone),
        (t("parts.week.label"), t(f"setup.week_{days}") if days in WEEKS else days),
        (t("parts.currency.label"), org.currency),
        (t("parts.profile.label"), t(f"profile.{org.profile}")),
    )
    buttons = [
        *(Button(label, f"/setup\n{part}:") for (label, _), part in zip(pairs, PARTS, strict=True)),
        Button(t("setup.invite"), "/invite"),
    ]
    rows = in_rows(buttons)
    return card(t("setup.title", name=org.name), Facts(pairs), Note(t("setup.then")), rows=rows)


def _follow(turn: Turn, values: Mapping[str, str]) -> None:
    """Members who had what the organisation had before get what it has now; working days are everybody's."""
    org = turn.store.organisation()
    for member in turn.store.members():
        was = {"zone": turn.org.zone, "profile": turn.org.profile}
        own = {"zone": member.zone, "profile": member.profile}
        new = {field: values[field] for field in was if field in values and own[field] == was[field]}
        if new:
            turn.store.revise_member(member.id, **new)
        if new or "week" in values:
            plan_pushes(turn.store, org, turn.store.member(member.id), turn.now)


PARTS = ("language", "zone", "week", "currency", "profile")


def _values(args: SetupArgs) -> dict[str, str]:
    """The columns to set, each checked: nothing is set when one of them is wrong."""
    values: dict[str, str] = {}
    if args.name:
        values["name"] = args.name[:64]
    if args.zone:
        values["zone"] = zone_named(args.zone)
    if args.language:
        values["language"] = language_named(args.language)
    if args.currency:
        values["currency"] = _currency(args.currency)
    if args.week:
        values["week"] = _week(args.week)
    if args.profile:
        values["profile"] = args.profile
    return values


def _currency(said: str) -> str:
    code = said.upper()
    if code not in numbers.list_currencies(Locale("en")):
        raise NotUnderstood("setup.no_currency", said=said[:20])
    return code


def _week(said: str) -> str:
    if not _DAYS.fullmatch(said):
        raise NotUnderstood("setup.no_week", said=said[:20])
    return "".join(sorted(set(said)))
