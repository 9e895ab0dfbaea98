"""Makes a backup of an installation in one file, and an installation of a backup; no key or token is ever in one."""

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from bot.archive import DATABASES, FILES, Manifest, Packing, packing, unpacking
from bot.files import Files, synchronise
from domain.installation import Contents, Copies, CopyFailed, NamedFile

NAME = "dealpace"
BACKUP_MODE = 0o600
# What a kill leaves of a backup begun; it may be deleted.
BEGUN = ".dealpace-backup-"
# Copies made before a migration: the newest of them stay.
KEPT = 3
BEFORE = re.compile(rf"{NAME}-before-upgrade-of-\w+-\d{{8}}-\d{{6}}\.tar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that is there, whole and on the disk."""

    file: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """An installation that was made of a backup; `missing` files are named by its rows and nowhere to be found."""

    manifest: Manifest
    contents: Contents
    missing: int


def back_up(copies: Copies, files: Files, to: Path | None, now: datetime) -> Made:
    """Makes a backup, by default beside the database and named by the instant (UTC). Raises `CopyFailed`."""
    name = f"{NAME}-{now:%Y%m%d-%H%M%S}.tar"
    made = _make(copies, files, copies.folder / name if to is None else to / name if to.is_dir() else to, now)
    copies.note(now)
    return made


def back_up_before(copies: Copies, revision: str, now: datetime) -> Made:
    """Keeps the database as it is before it is brought up to date, and drops all but the newest such backups."""
    name = f"{NAME}-before-upgrade-of-{revision}-{now:%Y%m%d-%H%M%S}.tar"
    try:
        made = _make(copies, None, copies.folder / name, now)
    except CopyFailed as error:
        raise CopyFailed(
            f"the database was not brought up to date, because no backup could be made before: {error}"
        ) from None
    for old in _older(made.file)[KEPT - 1 :]:
        old.unlink(missing_ok=True)
    return made


def _older(made: Path) -> list[Path]:
    """The earlier ones beside it, the newest first."""
    found = [each for each in made.parent.iterdir() if BEFORE.fullmatch(each.name) and each != made]
    return sorted(found, key=lambda each: each.stem.split("-")[-2:], reverse=True)


def _make(copies: Copies, files: Files | None, target: Path, now: datetime) -> Made:
    if target.exists():
        raise CopyFailed(f"{target} is there already; name another file")
    try:
        with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=BEGUN) as begun:
            folder = Path(begun)
            # First the rows, then the files: what they name never changes, and is there before they are.
            copy = folder / DATABASES[copies.kind]
            contents = copies.copy(copy, now)
            with _written(folder / "backup.tar") as out, packing(out, now) as into:
                with copy.open("rb") as database:
                    into.add(copy.name, database, copy.stat().st_size)
                copy.unlink()
                missing = 0 if files is None else _pack_files(into, files, contents.files)
                manifest = Manifest(
                    app=version(NAME),
                    kind=copies.kind,
                    revision=contents.revision,
                    made_at=now,
                    organisations=contents.organisations,
                    letters=contents.letters,
                    files=len(contents.files),
                    missing=missing,
                    with_files=files is not None,
                    members=into.members,
                )
                into.seal(manifest)
            (folder / "backup.tar").rename(target)
            synchronise(target.absolute().parent)
    except OSError as error:
        raise CopyFailed(
            f"the backup could not be written to {target.absolute().parent}: {error.strerror}; nothing of it was left"
        ) from None
    return Made(file=target, manifest=manifest)


@contextlib.contextmanager
def _written(file: Path) -> Iterator[io.BufferedWriter]:
    """For the bot's user alone, and on the disk when it is closed."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, BACKUP_MODE), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _pack_files(into: Packing, files: Files, named: Sequence[NamedFile]) -> int:
    """Puts the files into an archive; how many are not there, or are not what was kept."""
    missing = 0
    for each in named:
        content = _bytes_of(files, each)
        if content is None:
            missing += 1
        else:
            into.add(FILES + each.kept_as, io.BytesIO(content), len(content))
    return missing


def _bytes_of(files: Files, named: NamedFile) -> bytes | None:
    try:
        content = files.open(named.kept_as)
    except OSError:
        return None
    return content if sha256(content).hexdigest() == named.sha256 else None


def restore(copies: Copies, files: Files, backup: Path, now: datetime) -> PutBack:
    """Makes an installation of a backup where there is none; it starts paused. Raises `CopyFailed`.

    All of the backup is checked first; the database comes last, so that each of its rows finds its file.
    """
    with unpacking(backup) as archive:
        manifest = archive.manifest
        if manifest.kind != copies.kind:
            raise CopyFailed(f"the backup is of {manifest.kind}, the database named is {copies.kind}")
        copies.check(manifest.revision)
        try:
            copies.folder.mkdir(parents=True, exist_ok=True)
            for name, content in archive.files():
                files.put_back(name, content)
            with tempfile.TemporaryDirectory(dir=copies.folder, prefix=BEGUN) as begun:
                contents = copies.put_back(archive.database(Path(begun)), manifest.made_at, now)
        except OSError as error:
            raise CopyFailed(
                f"the backup could not be restored: {error.strerror}; there is no database yet"
            ) from None
    missing = sum(_bytes_of(files, each) is None for each in contents.files)
    return PutBack(manifest=manifest, contents=contents, missing=missing)
