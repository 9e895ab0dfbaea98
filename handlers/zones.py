"""Time zones as people name them: an IANA name, or a city."""

from zoneinfo import available_timezones

from domain.refusals import NotUnderstood

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
    found = exact or sorted(cities)
    if len(found) != 1:
        raise NotUnderstood("zone.unknown", said=said[:40])
    return found[0]


def city(zone: str) -> str:
    """The last part of a zone, for a button."""
    return zone.rpartition("/")[2].replace("_", " ")
