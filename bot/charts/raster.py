"""SVG to PNG in a process of its own: the library holds the interpreter while it draws, and nobody else shall wait."""

import struct
import sys
from typing import BinaryIO

import resvg_py

SCALE = 2
# What is asked: whether fonts of the machine may be looked for, and the SVG; what is answered: whether it worked, and what.
HEAD = struct.Struct("!?I")


def png(svg: str, font: str, family: str, *, is_alone: bool) -> bytes:
    """The picture at twice its size, in one font or else in any of the machine's. Raises `ValueError`."""
    return resvg_py.svg_to_bytes(
        svg_string=svg, zoom=SCALE, font_files=[font], font_family=family, skip_system_fonts=is_alone
    )


def serve(asked: BinaryIO, said: BinaryIO, font: str, family: str) -> None:
    """Draws until nobody asks any more."""
    while head := asked.read(HEAD.size):
        is_alone, size = HEAD.unpack(head)
        try:
            answer, is_drawn = png(asked.read(size).decode(), font, family, is_alone=is_alone), True
        except ValueError as error:
            answer, is_drawn = str(error).encode(), False
        said.write(HEAD.pack(is_drawn, len(answer)) + answer)
        said.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, *sys.argv[1:])
