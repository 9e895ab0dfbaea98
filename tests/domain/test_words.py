"""The catalogue speaks: plurals, dates and times, words within words, in three languages (`words.toml`)."""

import shutil
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.people import Language
from handlers.view import Text, t
from handlers.words import TEXTS, Catalogue, catalogue

HERE = Path(__file__).parent
TABLE: dict[str, Any] = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Texts of this test with the formats of the product."""
    folder = tmp_path_factory.mktemp("texts")
    shutil.copy(TEXTS / "formats.toml", folder)
    shutil.copy(HERE / "said.toml", folder)
    return Catalogue(folder)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("row", TABLE["said"], ids=lambda row: row["key"])
def test_a_text_is_said(said: Catalogue, row: dict[str, Any], language: Language) -> None:
    assert said.say(Text(row["key"], row["params"]), language) == row[language]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("row", TABLE["nested"], ids=lambda row: row["key"])
def test_words_within_words_are_in_the_same_language(
    said: Catalogue, row: dict[str, Any], language: Language
) -> None:
    words = t(row["key"], **{row["name"]: t(row["inner"])})
    assert said.say(words, language) == row[language]


@pytest.mark.parametrize("language", Language)
def test_own_words_come_back_as_they_are(said: Catalogue, language: Language) -> None:
    assert said.say("{name} & Co", language) == "{name} & Co"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("87.50", "87.5"), ("100.00", "100"), ("0.00", "0"), ("33.33", "33.33"), ("1E+2", "100")],
)
def test_a_number_has_no_empty_places(said: Catalogue, number: str, shown: str) -> None:
    assert said.say(t("said.percent", percent=Decimal(number)), Language.EN) == f"Done: {shown} %"


@pytest.mark.parametrize("words", [t("said.named"), t("said.nobody"), t("said.left", of=3)])
def test_a_missing_text_or_value_is_an_error(said: Catalogue, words: Text) -> None:
    with pytest.raises(KeyError):
        said.say(words, Language.EN)


def test_a_key_is_the_file_and_the_entry(tmp_path: Path) -> None:
    text = 'list = ["a", "b"]\n[deep.inner]\nen = "E {n}"\nzh = "Z {n}"\nzh-Hant = "H {n}"\n'
    (tmp_path / "file.toml").write_text(text, encoding="utf-8")
    found = Catalogue(tmp_path)
    assert list(found) == ["file.deep.inner"]
    assert "file.deep.inner" in found
    assert found.listed("file.list") == ("a", "b")
    assert found.listed("file.none") == ()
    assert found.say(t("file.deep.inner", n=3), Language.ZH) == "Z 3"


def test_the_shipped_catalogue_is_read_once() -> None:
    assert catalogue() is catalogue()
