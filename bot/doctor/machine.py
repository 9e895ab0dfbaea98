"""The machine: its clock against the platforms', time zones, a Chinese font, and the ports that must be free."""

import asyncio
import errno
import os
import shutil
import socket
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.doctor.findings import Finding, Level, fix, hint, ok
from bot.doctor.setup import Reading

# Slack refuses signatures 300 s old; pushes and "today" go wrong long before.
MOST_SKEW_SECONDS = 30.0
SOME_ZONES = ("UTC", "Asia/Shanghai", "Asia/Taipei", "Europe/London", "America/New_York")
PLAYGROUND = ("127.0.0.1", 8080)
PRIVILEGED_PORTS = 1024


def clock(skews: Mapping[str, float]) -> Finding:
    """How far this machine's clock is from the platforms that answered."""
    if not skews:
        return hint("clock", "not compared: no platform answered", "compare it yourself: date -u")
    platform, skew = max(skews.items(), key=lambda each: abs(each[1]))
    if abs(skew) <= MOST_SKEW_SECONDS:
        return ok("clock", f"right within {MOST_SKEW_SECONDS:.0f} s of {', '.join(sorted(skews))}")
    direction = "ahead of" if skew > 0 else "behind"
    return fix(
        "clock", f"{abs(skew):.0f} s {direction} {platform}", "set it by NTP: timedatectl set-ntp true"
    )


async def zones() -> list[Finding]:
    """Whether the rules of the zones people live in are here."""
    try:
        for name in SOME_ZONES:
            ZoneInfo.no_cache(name)
    except ZoneInfoNotFoundError as missing:
        return [fix("zones", f"no time zone data: {missing}", "install the package tzdata")]
    return [ok("zones", "time zone data is here")]


async def fonts() -> list[Finding]:
    """Whether a picture can show Chinese, as far as fontconfig knows."""
    if not shutil.which("fc-list"):
        return [hint("fonts", "not looked for: fc-list is not here")]
    listing = await asyncio.create_subprocess_exec(
        "fc-list", ":lang=zh", "family", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        listed, _ = await listing.communicate()
    finally:
        if listing.returncode is None:
            listing.kill()
    if listed.strip():
        return [ok("fonts", "a font with Chinese is here")]
    return [hint("fonts", "no font with Chinese: pictures show boxes for it", "apt install fonts-noto-cjk")]


async def ports(reading: Reading) -> list[Finding]:
    """LISTEN where a mode needs it, and the playground's own port as a hint."""
    settings = reading.settings
    by_hook = bool(settings.telegram_token) and settings.telegram_mode == "webhook"
    # As `dealpace run` decides it.
    asked_for = "listen" in settings.model_fields_set
    found = []
    places = [PLAYGROUND]
    if (by_hook or settings.slack_by_http or asked_for) and reading.can_use("listen"):
        place = (settings.host, settings.port)
        what = (
            "a port of this machine's that is free (the bot itself holds it while it runs): LISTEN=HOST:PORT"
        )
        found.append(await asyncio.to_thread(_port, "LISTEN", place, Level.FIX, what))
        places = [each for each in places if each != place]
    for place in places:
        what = "dealpace demo --listen 127.0.0.1:PORT takes another"
        found.append(await asyncio.to_thread(_port, "playground", place, Level.HINT, what))
    return found


def _port(name: str, place: tuple[str, int], level: Level, remedy: str) -> Finding:
    host, port = place
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":
                # As servers do: connections that are just closing do not hold the port.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return Finding(level=level, name=name, what=_refused(port, error), remedy=remedy)
    return ok(name, f"port {port} is free")


def _refused(port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "its host is not known here"
    reasons = {
        errno.EADDRINUSE: f"port {port} is taken",
        errno.EADDRNOTAVAIL: "its host is not this machine's",
        errno.EACCES: f"port {port} is not for this user (below {PRIVILEGED_PORTS})",
    }
    return reasons.get(error.errno or 0, f"port {port}: {error.strerror}")
