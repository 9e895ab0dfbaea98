"""Codes that let somebody in: typed ones and links, kept as hashes only, tried a few times only."""

import hashlib
from datetime import timedelta

TYPED_BITS, LINK_BITS = 40, 160
INVITE_LIVES = timedelta(hours=24)
LINK_LIVES = timedelta(minutes=15)
OWNER_CODE_LIVES = timedelta(days=7)
WRONG_MOST, WRONG_WITHIN = 5, timedelta(minutes=15)


def code_hash(code: str) -> str:
    """What is kept of a code; case, dashes and blanks do not matter when it is typed."""
    plain = "".join(each for each in code.casefold() if each.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def readable(code: str) -> str:
    """A typed code in groups of four."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
