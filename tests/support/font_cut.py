"""Cuts the shipped font: `uv run --with 'noto-cjk[sans]' python -m tests.support.font_cut`."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

from bot.fonts import ADVANCES, EM, FAMILY, FONT, is_common_han
from handlers.words import TEXTS

# Basic Latin to Extended-A, Pinyin's tones, Greek, Cyrillic, punctuation, currencies, arrows, signs, shapes, full-width forms.
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x1CD, 0x1DC),
    (0x370, 0x3FF),
    (0x400, 0x45F),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x20A0, 0x20BF),
    (0x2100, 0x214F),
    (0x2190, 0x2199),
    (0x2200, 0x22FF),
    (0x2460, 0x2473),
    (0x25A0, 0x25FF),
    (0x2600, 0x2606),
    (0x2713, 0x2718),
    (0x3000, 0x303F),
    (0xFF00, 0xFFEF),
)


def wanted() -> list[int]:
    """The code points that the font shall have, where its source has them."""
    said = "".join(path.read_text(encoding="utf-8") for path in TEXTS.glob("*.toml"))
    han = [each for each in range(0x80, 0x10000) if not 0xD800 <= each < 0xE000 and is_common_han(chr(each))]
    return sorted(
        {*han, *map(ord, said), *(each for first, last in RANGES for each in range(first, last + 1))}
    )


def cut(source: Path) -> None:
    """Writes the font and the breadths of its glyphs."""
    face = next(each for each in TTCollection(source) if each["name"].getDebugName(1) == FAMILY)
    options = Options()
    options.layout_features = ["kern"]
    options.hinting, options.desubroutinize = False, False
    options.name_IDs, options.name_languages = ["*"], [0x409]
    options.drop_tables += ["VORG", "vhea", "vmtx", "BASE", "DSIG"]
    cutter = Subsetter(options)
    cutter.populate(unicodes=wanted())
    cutter.subset(face)
    face.save(FONT)
    breadths = {
        chr(code): advance
        for code, glyph in sorted(TTFont(FONT).getBestCmap().items())
        if (advance := face["hmtx"][glyph][0]) != EM or not is_common_han(chr(code))
    }
    ADVANCES.write_text(json.dumps(breadths, ensure_ascii=True, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    found = find_spec("noto_cjk_sans_otc")
    if found is None or not found.submodule_search_locations:
        sys.exit("noto-cjk[sans] is not there")
    cut(Path(found.submodule_search_locations[0]) / "NotoSansCJK-Regular.ttc")
