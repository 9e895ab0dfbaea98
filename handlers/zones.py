"""Time zones as people name them: an IANA name, or a city."""

from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import available_timezones

from domain.people import Language
from domain.refusals import NotUnderstood
from handlers.words import LOCALES

# The first to offer, west to east; any other can be typed by its city.
OFFERED = (
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Taipei",
)


def zone_named(said: str) -> str:
    """The zone of a name or a city; raises `NotUnderstood` when there is none or more than one."""
    wanted = said.strip().casefold().replace(" ", "_")
    names = available_timezones()
    exact = [name for name in names if name.casefold() == wanted]
    cities = [name for name in names if name.rpartition("/")[2].casefold() == wanted]
    found = exact or sorted(cities) or [zone for zone, name in _chinese().items() if wanted in name]
    if len(found) != 1:
        raise NotUnderstood("zone.unknown", said=said[:40])
    return found[0]


@lru_cache(maxsize=1)
def _chinese() -> Mapping[str, frozenset[str]]:
    """The cities as the Chinese locales name them."""
    locales = [locale for language, locale in LOCALES.items() if language is not Language.EN]
    return {
        zone: frozenset(
            city["city"] for locale in locales if (city := locale.time_zones.get(zone)) and "city" in city
        )
        for zone in sorted(available_timezones())
    }


def city(zone: str) -> str:
    """The last part of a zone, for a button."""
    return zone.rpartition("/")[2].replace("_", " ")
