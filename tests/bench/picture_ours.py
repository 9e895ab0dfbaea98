"""One contender of P12's picture: seconds to the product's first PNG of a funnel and to the next ones, from nothing loaded."""

import time

BEGUN = time.perf_counter()

import statistics  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from bot.charts import png_of  # noqa: E402
from domain.people import Language  # noqa: E402
from handlers.charting import charted  # noqa: E402
from tests.support.drawings import drawing  # noqa: E402


def main(draws: int, kept: Path) -> None:
    """Prints the first and the median of the later ones; the last picture is kept."""
    shown = charted(drawing("funnel", Language.ZH))
    picture = png_of(shown, Language.ZH)
    first, later = time.perf_counter() - BEGUN, []
    for _ in range(draws):
        begun = time.perf_counter()
        picture = png_of(shown, Language.ZH)
        later.append(time.perf_counter() - begun)
    kept.write_bytes(picture)
    print(first, statistics.median(later))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
