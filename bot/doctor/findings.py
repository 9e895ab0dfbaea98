"""What the doctor found, each finding with its remedy, and how it is told in a terminal."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# A password so short is no secret, and hiding it would hide half of the report.
SHORTEST_SECRET = 6


class Level(StrEnum):
    """`fix` keeps the bot from doing its work; `hint` does not."""

    OK = "ok"
    HINT = "hint"
    FIX = "fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report."""

    level: Level
    name: str
    what: str
    remedy: str = ""


def ok(name: str, what: str) -> Finding:
    return Finding(level=Level.OK, name=name, what=what)


def hint(name: str, what: str, remedy: str = "") -> Finding:
    return Finding(level=Level.HINT, name=name, what=what, remedy=remedy)


def fix(name: str, what: str, remedy: str) -> Finding:
    return Finding(level=Level.FIX, name=name, what=what, remedy=remedy)


def needs_fixing(findings: Iterable[Finding]) -> bool:
    return any(each.level is Level.FIX for each in findings)


def report(findings: Iterable[Finding], secrets: Iterable[str]) -> str:
    """A line for each finding and one for all; whatever a platform or a driver said, no secret is in it."""
    found = list(findings)
    width = max(len(each.name) for each in found)
    lines = [_line(each, width) for each in found]
    fixes = sum(each.level is Level.FIX for each in found)
    hints = sum(each.level is Level.HINT for each in found)
    said = "\n".join((*lines, f"{fixes} to fix, {hints} to know" if fixes else f"all well, {hints} to know"))
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            said = said.replace(secret, "[secret]")
    return said


def _line(finding: Finding, width: int) -> str:
    said = f"{finding.level:<4}  {finding.name:<{width}}  {finding.what}"
    said += f"  ->  {finding.remedy}" if finding.remedy else ""
    # Part of it may be somebody else's words: no line breaks, no control sequences.
    return "".join(each if each.isprintable() else " " for each in said)
