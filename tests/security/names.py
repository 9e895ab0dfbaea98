"""Names as the world writes them and as somebody who means harm would: random, but the same for a seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from handlers.args import NAME_LIMIT

# Of each script the letters people's names are made of, with the marks that stand on them.
SCRIPTS: dict[str, tuple[tuple[int, int], ...]] = {
    "latin": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x17F)),
    "cyrillic": ((0x410, 0x44F),),
    "greek": ((0x391, 0x3A1), (0x3B1, 0x3C9)),
    "hebrew": ((0x5D0, 0x5EA), (0x5B0, 0x5BC)),
    "arabic": ((0x621, 0x64A), (0x64B, 0x652)),
    "devanagari": ((0x904, 0x939), (0x93E, 0x94D)),
    "bengali": ((0x985, 0x9B9), (0x9BE, 0x9CC)),
    "thai": ((0xE01, 0xE3A), (0xE40, 0xE4E)),
    "georgian": ((0x10D0, 0x10F0),),
    "ethiopic": ((0x1200, 0x1248),),
    "jamo": ((0x1100, 0x1112), (0x1161, 0x1175), (0x11A8, 0x11C2)),
    "kana": ((0x3041, 0x3096), (0x30A1, 0x30FA)),
    "han": ((0x4E00, 0x9FA5),),
    "rare han": ((0x3400, 0x4DB5), (0x20000, 0x2A6D6), (0xF900, 0xFA6D)),
    "hangul": ((0xAC00, 0xD7A3),),
    "full width": ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A)),
    "half width kana": ((0xFF66, 0xFF9F),),
    "mathematical": ((0x1D400, 0x1D433),),
    "hieroglyphs": ((0x13000, 0x1342E),),
    "emoji": ((0x1F300, 0x1F5FF), (0x1F900, 0x1F9FF)),
    "signs": ((0x2600, 0x26FF), (0x2190, 0x21FF)),
    "unassigned": ((0x378, 0x379), (0xE000, 0xE020), (0xFDD0, 0xFDEF)),
}
MARKUP = (
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "<!subteam^S1>",
    "<!date^0^{date}|x>",
    "<@U1>",
    "<@W1|ann>",
    "<#C1|general>",
    "<http://evil.example|Acme>",
    "<mailto:a@evil.example>",
    "&lt;!channel&gt;",
    "&amp;",
    "&#60;b&#62;",
    "&nosuch;",
    "<b>",
    "</b>",
    "<b",
    "<a href='tg://user?id=1'>Li</a>",
    "<tg-spoiler>",
    "<pre><code class='x'>",
    "</code></pre>",
    "<script>alert(1)</script>",
    "*bold*",
    "_it_",
    "~gone~",
    "`code`",
    "```",
    "||spoiler||",
    "[Acme](http://evil.example)",
    "![x](tg://emoji?id=1)",
    "\\*",
    "> quote",
    "@everyone",
    "@channel",
    "@ann_bot",
    "#tag",
    ":tada:",
    "http://evil.example/?a=1&b=2",
    "www.evil.example",
    "a@evil.example",
    "tg://resolve?domain=x",
    "=1+1",
    '=HYPERLINK("http://evil.example")',
    "+1",
    "-1",
    "{name}",
    "{0.__class__}",
    "{}",
    "%s",
    "%(name)s",
    "$1",
    "null",
    "'; DROP TABLE customer; --",
    "../../etc/passwd",
)
EMOJI = (
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1e8\U0001f1f3",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "\U0001f44d\U0001f3fd",
    "\u2764\ufe0f\u200d\U0001f525",
    "7\ufe0f\u20e3",
    "\U0001f600",
)
UNSEEN = (
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u202a",
    "\u202d",
    "\u202e",
    "\u202c",
    "\u2066",
    "\u2067",
    "\u2069",
    "\u200e",
    "\u200f",
    "\u061c",
    "\ufe0f",
    "\u180e",
    "\u3164",
    "\u0000",
    "\u0007",
    "\u001b[31m",
    "\u007f",
    "\u0085",
    "\ud800",
    "\udfff",
    "\ud83d",
    "\U000e0041",
    "\ufffe",
    "\U000f0000",
)
MARKS = ("\u0301", "\u0323", "\u0336", "\u20dd", "\u0e49", "\u064b", "\u0489", "\u3099", "\u0345")
GRAMMAR = (
    "; ",
    "\uff1b",
    "\n",
    "\r\n",
    "\u2028",
    "met: x",
    "result:",
    "next: ",
    "tomorrow",
    "3pm",
    "V1",
    "A7",
    '"',
    ": ",
)
SPACES = (" ", "  ", "\u3000", "\u00a0", "\t", "\u2003")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A name as typed; `plain` when no word, sign or line in it is of the commands' own grammar."""

    name: str
    plain: bool


def names(seed: str, count: int) -> Iterator[Typed]:
    """So many names, always the same ones."""
    source = random.Random(seed)
    makers: tuple[Callable[[random.Random], Typed], ...] = (
        _of_a_script,
        _of_a_script,
        _mixed,
        _hostile,
        _hostile,
        _long,
        _confusing,
    )
    for _ in range(count):
        made = source.choice(makers)(source)
        # A digit may be a time, a day or a number of something.
        yield replace(made, plain=made.plain and not any(map(str.isdigit, made.name)))


def _word(source: random.Random, script: str) -> str:
    ranges = SCRIPTS[script]
    return "".join(chr(source.randint(*source.choice(ranges))) for _ in range(source.randint(1, 8)))


def _of_a_script(source: random.Random) -> Typed:
    script = source.choice(list(SCRIPTS))
    words = (_word(source, script) for _ in range(source.randint(1, 3)))
    return Typed(name=source.choice(SPACES).join(words), plain=True)


def _mixed(source: random.Random) -> Typed:
    words = [_word(source, source.choice(list(SCRIPTS))) for _ in range(2)]
    more = [source.choice(EMOJI), source.choice(UNSEEN), source.choice(MARKS)]
    source.shuffle(more)
    return Typed(name="".join((*words, *more)), plain=True)


def _hostile(source: random.Random) -> Typed:
    parts = [source.choice(MARKUP), _word(source, source.choice(list(SCRIPTS))), source.choice(MARKUP)]
    source.shuffle(parts)
    whole = "".join(parts[: source.randint(1, 3)])
    return Typed(name=whole, plain=not any(sign in whole for sign in ";:\n"))


def _long(source: random.Random) -> Typed:
    """About as long as a name may be, counted as the product counts and one more."""
    piece = source.choice((_word(source, "han"), *EMOJI, source.choice(MARKS), source.choice(MARKUP)))
    size = NAME_LIMIT + source.choice((-1, 0, 1, 40))
    return Typed(name=("A" + piece * size)[:size], plain=False)


def _confusing(source: random.Random) -> Typed:
    """With signs and words that the grammar of commands knows."""
    parts = [source.choice(GRAMMAR), _word(source, source.choice(list(SCRIPTS))), source.choice(UNSEEN)]
    source.shuffle(parts)
    return Typed(name="".join(parts), plain=False)
