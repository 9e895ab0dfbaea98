"""Names of customers and people: what spellings of one name share, which known name may be meant, who was met."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import OSA

from handlers.reading.scripts import CHINESE, CJK, LETTERS, SIMPLIFIED, SOUNDS, first_letters
from handlers.reading.typed import clean, visible
from handlers.reading.vocabulary import NAMES, alternatives

Known = Sequence[tuple[int, str, str]]
Hits = Iterator[tuple[int, float]]

MOST_ASKED = 3
# The share of a name that must agree: one slip in four letters, one in five Chinese characters, for a character holds
# more and firms of one city and trade differ in no more than that.
LIKE = 0.75
LIKE_CHINESE = 0.8
LIKE_WORDS = 88
SHORTEST_PART = 2
SHORTEST_START = 4
INITIALS = range(2, 9)
# Looked at before those that differ in their numbers are dropped.
LOOKED_AT = 12

_WORDS = re.compile("[a-z0-9]+")
_NUMBERS = re.compile("[0-9]+")
# Dots and apostrophes join what they stand between; a variation selector says only how a character looks.
_SILENT = str.maketrans("", "", ".'\u2019\ufe0f")
_HEARD = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc"))
_SUFFIXES = frozenset(NAMES.suffixes)
_KEPT_ENDINGS = tuple(NAMES.kept_endings)
_ENDINGS = tuple(sorted(NAMES.endings, key=len, reverse=True))
_PEOPLE = re.compile(
    rf"\((?P<title>[^()]*)\)|(?P<break>[,;\u3001\n]| (?:and|&) )|(?P<joiner> ?{alternatives(NAMES.joiners)} ?(?=[{CJK}]{{2}}))",
    re.IGNORECASE,
)
_SPACES = re.compile(" {2,}")


def fold(name: str) -> str:
    """What all spellings of a customer's name share: no case, width, script, punctuation or company suffix.

    Equal folds are the same customer. Never empty for a visible name; folding again changes nothing.
    """
    joined = "".join(_words(name))
    if not joined:
        return clean(_nfkc(clean(name).casefold())) if visible(name) else ""
    return joined if joined.isascii() else _without_endings(_nfkc(joined))


def initials(name: str) -> str:
    """The pinyin initials of a Chinese name without its suffixes, or the first letters of a Latin name's words."""
    folded = fold(name)
    if CHINESE.search(folded):
        return first_letters(folded)
    return "".join(word[0] for word in _words(name)) or folded[:1]


def near(name: str, known: Known) -> tuple[int, ...]:
    """Ids of at most three known customers a person may have meant, best first; empty when none is close.

    `known` holds (id, name, fold) of each customer. An equal fold comes first, though it needs no question.
    """
    folded = fold(name)
    if not folded or not known:
        return ()
    best: dict[int, float] = {}
    for sense in (_slips, _same_words, _parts, _same_initials, _homophones):
        for at, score in sense(name, folded, known):
            best[at] = max(score, best.get(at, 0.0))
    ranked = sorted(best, key=lambda at: (-best[at], abs(len(known[at][2]) - len(folded)), at))
    return tuple(known[at][0] for at in ranked[:MOST_ASKED])


def people(text: str) -> tuple[tuple[str, str], ...]:
    """(name, title) of each person in a list, in order; the title is "" when none stands in brackets behind the name."""
    text = _SPACES.sub(" ", clean(text))
    found: list[tuple[str, str]] = []
    name, titles, done = "", list[str](), 0
    for mark in _PEOPLE.finditer(text):
        name += text[done : mark.start()]
        done = mark.end()
        if mark["title"] is not None:
            titles.append(mark["title"].strip())
        elif mark["joiner"] and not (titles or _is_chinese_name(name)):
            name += mark[0]
        else:
            found.append(_person(name, titles))
            name, titles = "", []
    found.append(_person(name + text[done:], titles))
    return tuple(person for person in found if person[0])


def _person(name: str, titles: list[str]) -> tuple[str, str]:
    title = ", ".join(filter(None, titles))
    name = _SPACES.sub(" ", name).strip(" .:()")
    # "met: (CFO)" names nobody, yet somebody was met.
    return (name, title) if name else (title, "")


def _is_chinese_name(name: str) -> bool:
    return len(CHINESE.findall(name)) >= SHORTEST_PART


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _words(name: str) -> list[str]:
    """The folded words of a name without its company suffixes; empty when no letter or digit is in it."""
    if name.isascii():
        return _without_suffixes(_WORDS.findall(name.lower().replace(".", "").replace("'", "")))
    plain = _nfkc(_nfkc(clean(name)).casefold()).translate(_SILENT).translate(SIMPLIFIED)
    heard = "".join(char if unicodedata.category(char) in _HEARD else " " for char in plain)
    return _without_suffixes(heard.split())


def _without_suffixes(words: list[str]) -> list[str]:
    """The words less the company suffixes at their end; the last word left is never taken."""
    while words:
        last = words.pop()
        rest = "" if last in _SUFFIXES else last if last.isascii() else _without_ending(last)
        if rest == last or not (words or rest):
            return [*words, last]
        words += [rest] if rest else []
    return words


def _without_endings(joined: str) -> str:
    while (shorter := _without_ending(joined)) not in ("", joined):
        joined = shorter
    return joined


def _without_ending(word: str) -> str:
    if word.endswith(_KEPT_ENDINGS):
        return word
    return next((word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)), word)


def _slips(name: str, folded: str, known: Known) -> Hits:
    """Letters missing, added, wrong or swapped; names that differ in a number are different places, not slips."""
    cutoff = LIKE_CHINESE if CHINESE.search(folded) else LIKE
    folds = [row[2] for row in known]
    similar = process.extract(
        folded, folds, scorer=OSA.normalized_similarity, score_cutoff=cutoff, limit=LOOKED_AT
    )
    numbers = _NUMBERS.findall(folded)
    return ((at, score) for fold, score, at in similar if _NUMBERS.findall(fold) == numbers)


def _same_words(name: str, folded: str, known: Known) -> Hits:
    """All words of one name within the other, or nearly the same words in another order."""
    words = _words(name)
    if CHINESE.search(folded) or len(folded) < SHORTEST_PART:
        return
    # The comparison is slow, so only names that hold one of the words get it; slips in all words are found elsewhere.
    telling = [word for word in words if len(word) >= SHORTEST_PART]
    choices = {at: row[1] for word in telling for at, row in enumerate(known) if word in row[2]}
    similar = process.extract(
        " ".join(words),
        choices,
        scorer=fuzz.token_set_ratio,
        processor=utils.default_process,
        score_cutoff=LIKE_WORDS,
        limit=LOOKED_AT,
    )
    numbers = _NUMBERS.findall(folded)
    for choice, score, at in similar:
        if score == 100 or _NUMBERS.findall(choice) == numbers:
            yield at, 0.9 * score / 100


def _parts(name: str, folded: str, known: Known) -> Hits:
    """A Chinese name within another, or the first letters of a Latin one."""
    if not CHINESE.search(folded):
        if len(folded) >= SHORTEST_START:
            yield from ((at, 0.8) for at, row in enumerate(known) if row[2].startswith(folded))
        return
    for at, (_, _, other) in enumerate(known):
        if folded in other or other in folded:
            shorter, longer = sorted((folded, other), key=len)
            if _is_chinese_name(shorter):
                yield at, 0.8 + 0.1 * len(shorter) / len(longer)


def _same_initials(name: str, folded: str, known: Known) -> Hits:
    """Initials typed for a Chinese name or for a Latin one of several words, whole or their beginning."""
    if not (folded.isascii() and folded.isalpha() and len(folded) in INITIALS):
        return
    first = folded[0]
    for at, (_, full, other) in enumerate(known):
        if not other or first not in LETTERS[other[0]]:
            continue
        if other.isascii():
            letters = initials(full) if full.count(" ") >= len(folded) - 1 else ""
            if letters.startswith(folded):
                yield at, 0.95 if letters == folded else 0.8
        elif len(other) >= len(folded) and CHINESE.search(other) and all(map(_begins, folded, other)):
            yield at, 0.95 if len(other) == len(folded) else 0.8


def _begins(letter: str, char: str) -> bool:
    return letter in LETTERS[char]


def _homophones(name: str, folded: str, known: Known) -> Hits:
    """The same sounds in other characters, as a pinyin keyboard slips; at least one character is right."""
    if not CHINESE.search(folded):
        return
    for at, (_, _, other) in enumerate(known):
        if (
            len(other) == len(folded)
            and any(map(str.__eq__, folded, other))
            and all(map(_sounds_like, folded, other))
        ):
            yield at, 0.97


def _sounds_like(mine: str, theirs: str) -> bool:
    return mine == theirs or SOUNDS[mine] == SOUNDS[theirs]
