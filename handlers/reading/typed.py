"""What a person typed: tidied to be kept, and made clean to be read by the grammar."""

import re
import unicodedata

# Symbols that emoji are made of; only beside them may a joiner or a variation selector stay.
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf"
    "\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_ONE = f"[{_EMOJI}]\ufe0f?[\U0001f3fb-\U0001f3ff]?"
_SEQUENCES = (
    "\U0001f3f4[\U000e0020-\U000e007e]{1,12}\U000e007f",  # flags of regions, spelt in tag characters
    "[0-9#*]\ufe0f\u20e3",  # keycaps
    f"{_ONE}(?:\u200d{_ONE})*",
)
# Beside controls and format characters: fillers and blanks that Unicode counts as letters or symbols, surrogates that no
# database stores, noncharacters, and variation selectors.
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"({'|'.join(_SEQUENCES)})|[{_UNSEEN}]")
_SOME_INVISIBLE = re.compile(f"[{_UNSEEN}]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

_WIDE_SIGNS = {0xFFE0: "\u00a2", 0xFFE1: "\u00a3", 0xFFE2: "\u00ac", 0xFFE5: "\u00a5", 0xFFE6: "\u20a9"}
_SPACES = dict.fromkeys((0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_WIDE = {wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)} | _WIDE_SIGNS
# Wide letters and digits are slips of the keyboard; wide punctuation is how Chinese is written, and stays as typed.
_SLIPS = {wide: half for wide, half in _WIDE.items() if half.isalnum()} | _SPACES
_HALVED = _WIDE | _SPACES


def clean(text: str) -> str:
    """The text without invisible characters, in NFC, half-width, with `\\n` and plain spaces only, trimmed; may be empty."""
    return _swept(text, _HALVED)


def tidy(text: str) -> str:
    """The text as its writer would want it kept: no invisible characters, NFC, plain spaces, its own punctuation."""
    return _swept(text, _SLIPS)


def _swept(text: str, replaced: dict[int, str]) -> str:
    if text.isascii() and text.replace("\n", " ").isprintable():
        return text.strip()
    # Newlines come before invisibles, for some of them are control characters; NFC comes twice, for it both makes
    # characters to replace and joins what an invisible one stood between.
    text = unicodedata.normalize("NFC", _NEWLINES.sub("\n", text)).translate(replaced)
    if _SOME_INVISIBLE.search(text):
        text = _INVISIBLE.sub(r"\1", text)
    return unicodedata.normalize("NFC", text).strip()


def halved(text: str) -> str:
    """The same text with wide characters halved, character by character, so that places in both agree."""
    return text if text.isascii() else text.translate(_HALVED)


def lowered(words: str) -> str:
    """Lower case of the same length, so that places in it are places in the words."""
    lower = words.lower()
    return lower if len(lower) == len(words) else "".join(char.lower()[0] for char in words)


def as_typed(part: str, whole: str) -> str:
    """The part of `whole` as it was typed, where `part` was read from its clean form."""
    place = halved(whole).find(part)
    return whole[place : place + len(part)] if place >= 0 else part


def visible(text: str) -> bool:
    """Whether a person can read anything in the text; False for nothing, blanks, invisibles and lone accents."""
    return any(unicodedata.category(char)[0] in "LNPS" for char in clean(text))
