"""Chinese characters one at a time: their simplified form, first letters and sound, each looked up once."""

import re
from collections.abc import Callable
from functools import cache

CJK = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
CHINESE = re.compile(f"[{CJK}]")


# The libraries are large, so they are imported by the first name that needs them.
@cache
def _simplify() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


class _Simplified(dict[int, str]):
    """For `str.translate`: traditional to simplified; a neighbour never changes the result, as it does in phrases."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if CHINESE.match(char):
            # One character of OpenCC's needs two steps, and folding twice must change nothing.
            char = _simplify()(_simplify()(char))
        self[code] = char
        return char


class _Letters(dict[str, str]):
    """The letters a character's readings begin with; any other character stands for itself."""

    def __missing__(self, char: str) -> str:
        from pypinyin import Style, pinyin

        readings = pinyin(char, style=Style.FIRST_LETTER, heteronym=True) if CHINESE.match(char) else [[char]]
        letters = self[char] = "".join(readings[0])
        return letters


class _Sounds(dict[str, str]):
    """The commonest reading of a character without its tone; any other character stands for itself."""

    def __missing__(self, char: str) -> str:
        from pypinyin import lazy_pinyin

        sound = self[char] = lazy_pinyin(char)[0]
        return sound


SIMPLIFIED = _Simplified()
LETTERS = _Letters()
SOUNDS = _Sounds()


def first_letters(text: str) -> str:
    """The first letters of the text's characters as read in context; what is not Chinese stays."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
