"""One round of all checks: together, each in its time, and none of them hides the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.doctor import database, files, machine, setup, slack, telegram
from bot.doctor.asking import Asking
from bot.doctor.findings import Finding, fix, needs_fixing, report

CHECK_SECONDS = 5.0


async def examine(clock: Clock, say: Callable[[str], None]) -> bool:
    """Says the report; whether all is well."""
    # The parser's own warning about a line it cannot read: it is a finding here.
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    reading = setup.read()
    asking = Asking(clock)
    checks: dict[str, Awaitable[list[Finding]]] = {
        telegram.NAME: telegram.examine(reading, asking),
        slack.NAME: slack.examine_bot(reading, asking),
        "slack socket": slack.examine_connection(reading, asking),
        database.NAME: database.examine(reading, clock),
        files.NAME: files.examine(reading),
        "zones": machine.zones(),
        "fonts": machine.fonts(),
        "ports": machine.ports(reading),
    }
    bounded = (asyncio.wait_for(check, CHECK_SECONDS) for check in checks.values())
    results = await asyncio.gather(*bounded, return_exceptions=True)
    found = list(reading.findings)
    for name, result in zip(checks, results, strict=True):
        found += result if isinstance(result, list) else [_broken(name, result)]
    found.append(machine.clock(asking.skews))
    # Said here: leaving the loop waits for a thread that may still hang on a server.
    say(report(found, reading.secrets))
    return not needs_fixing(found)


def _broken(name: str, error: BaseException) -> Finding:
    """A check that did not come to its end."""
    if isinstance(error, TimeoutError):
        return fix(name, f"no answer within {CHECK_SECONDS:.0f} s", "check the network, or try again")
    return fix(name, f"the check itself failed: {type(error).__name__}", "tell the makers of this release")
