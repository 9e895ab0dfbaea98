"""The process that draws: started for the first picture, asked one at a time, replaced when it is gone."""

import atexit
import contextlib
import subprocess
import sys
import threading
from functools import lru_cache
from pathlib import Path

from bot.charts.raster import HEAD
from bot.fonts import FAMILY, FONT, is_drawn

SCRIPT = Path(__file__).with_name("raster.py")
# A picture takes a twentieth of a second; one that takes so long never comes.
LONGEST_SECONDS = 20.0
REASON_MOST = 80


class CannotDraw(Exception):
    """There is no font to write with, nobody who draws, or what was to be drawn is no picture."""


class Painter:
    """Draws SVG as PNG; its calls wait, so they belong into threads."""

    longest_seconds = LONGEST_SECONDS

    def __init__(self, font: Path = FONT) -> None:
        self._font = font
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._has_font = False

    def png(self, svg: str) -> bytes:
        """The picture at twice its size. Raises `CannotDraw`."""
        # A rare name may have its letters in a font of the machine; looking for one takes longer.
        is_alone = all(each == "\n" or is_drawn(each) for each in set(svg))
        with self._lock:
            self._check_font()
            return self._asked(svg, is_alone=is_alone)

    def close(self) -> None:
        """Ends the process; the next picture starts another."""
        with self._lock:
            self._end()

    def _check_font(self) -> None:
        """Without a font words are left out, and nothing says so: a sign is drawn and looked for."""
        if self._has_font:
            return
        empty = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" font-family="{FAMILY}">{{}}</svg>'
        sign = '<text x="4" y="30" font-size="24">%</text>'
        drawn, blank = (self._asked(empty.format(each), is_alone=True) for each in (sign, ""))
        if drawn == blank:
            raise CannotDraw("no font")
        self._has_font = True

    def _asked(self, svg: str, *, is_alone: bool) -> bytes:
        """The answer of the process; one that died while nobody asked is replaced once."""
        for is_last in (False, True):
            try:
                return self._answer(svg.encode(), is_alone=is_alone)
            except OSError as error:
                self._end()
                if is_last:
                    raise CannotDraw(str(error)) from error
        raise AssertionError("the last try returns or raises")

    def _answer(self, svg: bytes, *, is_alone: bool) -> bytes:
        running = self._running = self._running or self._started()
        if running.stdin is None or running.stdout is None:
            raise OSError("no pipes")
        late = threading.Timer(self.longest_seconds, running.kill)
        late.start()
        try:
            running.stdin.write(HEAD.pack(is_alone, len(svg)) + svg)
            running.stdin.flush()
            head = running.stdout.read(HEAD.size)
            if len(head) < HEAD.size:
                raise EOFError("the process ended")
            is_drawn, size = HEAD.unpack(head)
            answer = running.stdout.read(size)
        except EOFError as error:
            raise OSError(str(error)) from error
        finally:
            late.cancel()
        if not is_drawn:
            raise CannotDraw(answer.decode(errors="replace")[:REASON_MOST])
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        # Of its own session: Ctrl-C is for us, and what is being sent is still drawn.
        return subprocess.Popen(
            [sys.executable, "-I", str(SCRIPT), str(self._font), FAMILY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        running.kill()
        for pipe in (running.stdin, running.stdout):
            if pipe:
                # What could not be written any more is lost with the process.
                with contextlib.suppress(OSError):
                    pipe.close()
        running.wait()


@lru_cache(maxsize=1)
def painter() -> Painter:
    """The one of this process, ended with it."""
    made = Painter()
    atexit.register(made.close)
    return made
