"""Why a deal rests or ended: one of a few codes, by its name in any language, or somebody's own words."""

from collections.abc import Iterable

from handlers.words import catalogue

OTHER = "other"


def reason_meant(said: str, codes: Iterable[str], room: str) -> tuple[str, str]:
    """The code and, where none was meant, the words themselves: they are kept as a note beside `other`."""
    wanted = said.strip()
    names = {code: f"{room}.reason_{code}" for code in codes}
    if wanted.casefold() in names:
        return wanted.casefold(), ""
    found = catalogue().meant(wanted, names)
    return (found, "") if found else (OTHER, wanted)
