"""The store of files: bytes under random names in one folder, whole or not there at all, for the bot's user only."""

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

FOLDER = "files"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
# A name says nothing of what it names, and cannot lead anywhere else.
NAME = re.compile(r"[0-9a-f]{32}")
BEGUN = ".begun"


class Files:
    """Keeps bytes. Without a folder they live in a temporary one that goes with the process, as the data in memory do."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._passing: tempfile.TemporaryDirectory[str] | None = None

    def keep(self, content: bytes) -> str:
        """Keeps them; their name. When it returns they survive a power cut. Raises `OSError`: a full disk, say."""
        name = secrets.token_hex(16)
        self._write(name, content)
        return name

    def put_back(self, name: str, content: bytes) -> None:
        """Keeps them under the name they had before; what lies there already is left. Raises `OSError`."""
        # Left by a kill.
        (self._made() / (name + BEGUN)).unlink(missing_ok=True)
        try:
            if self._path(name).read_bytes() == content:
                return
        except FileNotFoundError:
            pass
        self._write(name, content)

    def _write(self, name: str, content: bytes) -> None:
        folder = self._made()
        begun = folder / (name + BEGUN)
        try:
            with open(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            begun.rename(folder / name)
        except OSError:
            # The room it took is the last there was.
            with contextlib.suppress(OSError):
                begun.unlink(missing_ok=True)
            raise
        synchronise(folder)

    def open(self, name: str) -> bytes:
        """The bytes of a name. Raises `OSError` when there are none."""
        return self._path(name).read_bytes()

    def remove(self, name: str) -> None:
        """Forgets them; a name that is not there is no error."""
        self._path(name).unlink(missing_ok=True)

    def left_before(self, moment: datetime) -> Iterator[str]:
        """The names of what was kept before a moment; what was begun and never finished goes on the way."""
        folder = self._there()
        if folder is None or not folder.is_dir():
            return
        for each in folder.iterdir():
            name = each.name.removesuffix(BEGUN)
            try:
                old = each.stat().st_mtime < moment.timestamp()
            except FileNotFoundError:
                continue
            if not NAME.fullmatch(name) or not old:
                continue
            if each.name.endswith(BEGUN):
                each.unlink(missing_ok=True)
            else:
                yield name

    def close(self) -> None:
        """What lived in a temporary folder goes."""
        if self._passing:
            self._passing.cleanup()
            self._passing = None

    def _path(self, name: str) -> Path:
        folder = self._there()
        if folder is None or not NAME.fullmatch(name):
            raise FileNotFoundError("no such name in the store of files")
        return folder / name

    def _there(self) -> Path | None:
        return Path(self._passing.name) if self._passing else self._folder

    def _made(self) -> Path:
        """The folder, made when the first file comes."""
        if self._folder is None:
            self._passing = self._passing or tempfile.TemporaryDirectory(prefix="dealpace-")
            return Path(self._passing.name)
        self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        return self._folder


def folder_of(database_url: str, chosen: Path | None) -> Path | None:
    """Where files lie: where the operator says, else beside the database; with one in memory nowhere that stays."""
    if chosen:
        return chosen
    parsed = make_url(database_url)
    if parsed.get_backend_name() != "sqlite":
        return Path(FOLDER)
    if parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database)).parent / FOLDER


def synchronise(folder: Path) -> None:
    """The new name survives a power cut too, where folders can be synchronised."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
