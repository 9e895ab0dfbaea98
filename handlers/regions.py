"""Regions as people name them: a country in any of our languages, a code, or the part of a country."""

from collections.abc import Mapping
from functools import lru_cache

from domain.people import Language
from domain.refusals import NotFound
from domain.regions import COUNTRIES, REGIONS
from handlers.words import LOCALES, catalogue

# The first to offer; any other can be typed.
OFFERED = ("CN", "HK", "TW", "SG", "US", "GB")
# What people say where the locales are formal.
SAID: Mapping[str, str] = {
    "uk": "GB",
    "britain": "GB",
    "usa": "US",
    "america": "US",
    "hong kong": "HK",
    "mainland china": "CN",
    "prc": "CN",
    "england": "GB-ENG",
    "scotland": "GB-SCT",
    "wales": "GB-WLS",
    "northern ireland": "GB-NIR",
}


def region_named(said: str) -> str:
    """The region of a name or a code; empty for nobody's holidays; raises `NotUnderstood` when there is none."""
    wanted = " ".join(said.split()).casefold()
    if wanted in catalogue().listed("holidays.none_words"):
        return ""
    code = wanted.upper().replace(" ", "-")
    if code in REGIONS:
        return code
    if wanted in SAID:
        return SAID[wanted]
    exact = {region for region, names in _names().items() if wanted in names}
    # The formal Chinese names of places have the usual one inside.
    inside = {
        region
        for region, names in _names().items()
        if not wanted.isascii() and any(wanted in name for name in names)
    }
    for found in (exact, inside):
        if len(found) == 1:
            return next(iter(found))
    raise NotFound("holidays.unknown", said=said[:40])


def region_name(region: str, language: Language) -> str:
    """What a region is called in a language; a part of a country with its letters."""
    country, _, part = region.partition("-")
    name = str(LOCALES[language].territories.get(country, country))
    return f"{name} ({part})" if part else name


@lru_cache(maxsize=1)
def _names() -> Mapping[str, frozenset[str]]:
    return {
        region: frozenset(
            str(locale.territories.get(region, region)).casefold() for locale in LOCALES.values()
        )
        for region in COUNTRIES
    }
