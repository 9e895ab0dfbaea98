"""The catalogue: every word the product says, as data beside the commands, resolved per language."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time

from domain.people import Language
from handlers.figures import FIGURES
from handlers.view import Text, Words

TEXTS = Path(__file__).parent / "texts"
LOCALES = {
    Language.EN: Locale.parse("en"),
    Language.ZH: Locale.parse("zh_Hans"),
    Language.ZH_HANT: Locale.parse("zh_Hant"),
}
# The number that chooses between "1 call" and "2 calls" is always called n.
PLURAL_BY = "n"

Piece = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class Template:
    """One language's form of a text, cut into literal, placeholder and format once."""

    pieces: tuple[Piece, ...]

    @property
    def placeholders(self) -> frozenset[str]:
        return frozenset(name for _, name, _ in self.pieces if name)


def _template(text: str) -> Template:
    return Template(
        tuple((before, name, spec or "") for before, name, spec, _ in string.Formatter().parse(text))
    )


Forms = Mapping[str, Template]
# A text in one language, or its plural forms.
Written = str | Mapping[str, str]


class Said(dict[Language, Forms]):
    """One text in every language, as it stands in its file; cut into pieces in a language it is first said in."""

    def __init__(self, written: Mapping[str, Written]) -> None:
        super().__init__()
        self._written = written

    def __missing__(self, language: Language) -> Forms:
        forms = self[language] = _forms(self._written[language])
        return forms

    def everywhere(self) -> Mapping[Language, Forms]:
        """Its forms in every language it stands in."""
        return {language: self[language] for language in map(Language, self._written)}


class Catalogue:
    """All texts, read once from the TOML files; a key is `file.entry` and every language has every key."""

    def __init__(self, folder: Path = TEXTS) -> None:
        self._texts: dict[str, Said] = {}
        self._lists: dict[str, tuple[str, ...]] = {}
        self._formats: dict[tuple[Language, str], str] = {}
        for path in sorted(folder.glob("*.toml")):
            self._load(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
        for key, said in self._texts.items():
            if key.startswith("formats."):
                for language, form in said.everywhere().items():
                    literal = "".join(before for before, _, _ in form["other"].pieces)
                    self._formats[language, key.removeprefix("formats.")] = literal

    def _load(self, key: str, entry: Any) -> None:
        if isinstance(entry, list):
            self._lists[key] = tuple(entry)
        elif Language.EN.value in entry:
            self._texts[key] = Said(entry)
        else:
            for name, inner in entry.items():
                self._load(f"{key}.{name}", inner)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def forms(self, key: str) -> Mapping[Language, Forms]:
        """Every language's forms of a text, for the rules tests."""
        return self._texts[key].everywhere()

    def listed(self, key: str) -> tuple[str, ...]:
        """A list of the data: the aliases of a command or a part; empty when there is none."""
        return self._lists.get(key, ())

    def meant(self, said: object, names: Mapping[str, str]) -> str | None:
        """The code whose text, in any language, is what was said; `names` maps codes to keys."""
        wanted = said.strip().casefold() if isinstance(said, str) else None
        for code, key in names.items():
            if any(self.say(Text(key), language).casefold() == wanted for language in self.forms(key)):
                return code
        return None

    def say(self, words: Words, language: Language) -> str:
        """The words in a language; somebody's own words come back as they are."""
        if isinstance(words, str):
            return words
        forms = self._texts[words.key][language]
        template = forms["other"]
        if len(forms) > 1:
            number = words.params[PLURAL_BY]
            template = forms.get(LOCALES[language].plural_form(number), template)  # type: ignore[arg-type]
        said = ""
        for before, name, spec in template.pieces:
            said += before
            if name:
                value = words.params[name]
                # Most are somebody's own words: the rest is looked at more closely.
                said += value if type(value) is str else self._fill(words, name, spec, language)
        return said

    def _fill(self, words: Text, name: str, spec: str, language: Language) -> str:
        value = words.params[name]
        match value:
            case str() | int():
                return str(value)
            case Text():
                return self.say(value, language)
            case datetime():
                return _moment(value, self._formats[language, spec or "time"], language)
            case date():
                return _day(value, self._formats[language, spec or "day"], language)
            case time():
                return _time(value, self._formats[language, spec or "time"], language)
            case Decimal() if spec:
                return FIGURES[spec](value, self._formats[language, spec], LOCALES[language])
            case Decimal():
                return f"{value.normalize():f}"


def _forms(text: Written) -> Forms:
    return {
        form: _template(each) for form, each in ({"other": text} if isinstance(text, str) else text).items()
    }


@lru_cache(maxsize=4096)
def _day(value: date, pattern: str, language: Language) -> str:
    return format_date(value, pattern, LOCALES[language])


@lru_cache(maxsize=4096)
def _time(value: time, pattern: str, language: Language) -> str:
    return format_time(value, pattern, locale=LOCALES[language])


def _moment(value: datetime, pattern: str, language: Language) -> str:
    return _time(value.time(), pattern, language)


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The shipped catalogue, read on first use."""
    return Catalogue()
