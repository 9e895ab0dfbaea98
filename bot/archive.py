"""One backup in one tar file: the database, the files its rows name, and a manifest with the SHA-256 of each."""

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.installation import CopyFailed

MANIFEST, SEAL = "manifest.json", "manifest.sha256"
FILES = "files/"
DATABASES: Mapping[str, str] = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
# A file has the random name it has in the store; nothing else is ever in a backup, and no name leads anywhere.
FILE = re.compile(re.escape(FILES) + "[0-9a-f]{32}")
SHA256 = r"^[0-9a-f]{64}$"
CHUNK = 1 << 20
MANIFEST_MOST = 200_000_000
MEMBER_MODE = 0o600


class Manifest(BaseModel):
    """What a backup says of itself; `members` are SHA-256 sums by name, `missing` the files that could not be read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    app: str
    kind: Literal["sqlite", "postgresql"]
    revision: str
    made_at: datetime
    organisations: int
    letters: int
    files: int
    missing: int
    # A backup before a migration leaves the files where they are: a migration does not touch them.
    with_files: bool
    members: dict[str, str]


class Damaged(CopyFailed):
    """It is no backup, or not all of one as it was made."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the backup is damaged or none: {what}; nothing was changed")


class Packing:
    """An archive being written."""

    def __init__(self, tar: tarfile.TarFile, made_at: datetime) -> None:
        self._tar = tar
        self._at = int(made_at.timestamp())
        self.members: dict[str, str] = {}

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        """A member, summed as it goes by."""
        counted = Summing(content)
        self._put(name, counted, size)
        self.members[name] = counted.sum.hexdigest()

    def seal(self, manifest: Manifest) -> None:
        """The end: the manifest, and its own sum in the words of `sha256sum --check`."""
        said = manifest.model_dump_json(indent=1).encode()
        self._put(MANIFEST, io.BytesIO(said), len(said))
        line = _seal_of(said)
        self._put(SEAL, io.BytesIO(line), len(line))

    def _put(self, name: str, content: "IO[bytes] | Summing", size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, MEMBER_MODE, self._at
        self._tar.addfile(info, content)


class Summing:
    """Reads what somebody else reads and sums it."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        found = self._content.read(size)
        self.sum.update(found)
        return found


class Archive:
    """An archive that is what it says: every member is there, whole, and none besides. Raises `Damaged`."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._members = {each.name: each for each in tar.getmembers()}
        self.manifest = self._read_manifest()
        self._check()

    def database(self, folder: Path) -> Path:
        """The copy of the database, taken out into a folder."""
        name = DATABASES[self.manifest.kind]
        self._tar.extract(self._members[name], folder, filter="data")
        return folder / name

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The files by their names in the store."""
        for name in self.manifest.members:
            if name.startswith(FILES):
                yield name.removeprefix(FILES), self._open(name).read()

    def _read_manifest(self) -> Manifest:
        if MANIFEST not in self._members or SEAL not in self._members:
            raise Damaged("it has no manifest")
        if self._members[MANIFEST].size > MANIFEST_MOST:
            raise Damaged("its manifest is too long")
        said = self._open(MANIFEST).read()
        if self._open(SEAL).read(len(_seal_of(said)) + 1) != _seal_of(said):
            raise Damaged("its manifest is not as it was written")
        try:
            return Manifest.model_validate_json(said)
        except ValidationError:
            raise Damaged("its manifest is of another release") from None

    def _check(self) -> None:
        """Names first: what is not allowed is not even read."""
        expected = self.manifest.members
        database = DATABASES[self.manifest.kind]
        if database not in expected or self._tar.getnames() != [*expected, MANIFEST, SEAL]:
            raise Damaged("its members are not those of its manifest")
        for name, info in self._members.items():
            if not info.isreg() or not (name in (database, MANIFEST, SEAL) or FILE.fullmatch(name)):
                raise Damaged("something in it is no part of a backup")
        for name, digest in expected.items():
            if _sum_of(self._open(name)) != digest:
                raise Damaged(f"{name} is not as it was written")

    def _open(self, name: str) -> IO[bytes]:
        found = self._tar.extractfile(self._members[name])
        if found is None:
            raise Damaged(f"{name} is no file")
        return found


def _sum_of(content: IO[bytes]) -> str:
    counted = hashlib.sha256()
    while chunk := content.read(CHUNK):
        counted.update(chunk)
    return counted.hexdigest()


def _seal_of(manifest: bytes) -> bytes:
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()


@contextmanager
def packing(to: IO[bytes], made_at: datetime) -> Iterator[Packing]:
    """Writes an archive."""
    with tarfile.open(fileobj=to, mode="w") as tar:
        yield Packing(tar, made_at)


@contextmanager
def unpacking(file: Path) -> Iterator[Archive]:
    """Reads an archive, after all of it was checked. Raises `Damaged`, and `CopyFailed` where it cannot be read."""
    try:
        # Closed below: what fails in there is not to be told as what fails here.
        tar = tarfile.open(file, mode="r:")  # noqa: SIM115
    except tarfile.TarError as error:
        raise Damaged(str(error)) from None
    except OSError as error:
        raise CopyFailed(f"{file} cannot be read: {error.strerror}") from None
    with tar:
        try:
            archive = Archive(tar)
        except (tarfile.TarError, EOFError) as error:
            raise Damaged(str(error)) from None
        yield archive
