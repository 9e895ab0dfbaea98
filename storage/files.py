"""Rows of the files people sent; the bytes lie elsewhere under the names these rows give."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from domain.files import FileId, FileKind, KeptFile, StoredFile
from domain.people import MemberId
from domain.ports import Subject
from storage import tables
from storage.session import Session

f = tables.file.c
COLUMNS = (
    *(f.id, f.member_id, f.kind, f.name, f.mime, f.size, f.sha256),
    *(f.kept_as, f.platform, f.ref, f.forwarded_from, f.at),
)
BY_IDS = (
    select(*COLUMNS)
    .where(f.org_id == bindparam("org_id"), ~f.withdrawn, f.id.in_(bindparam("ids", expanding=True)))
    .order_by(f.id)
)
# A withdrawn row may come back, and with it what it names.
NAMED = select(f.kept_as).where(f.kept_as.in_(bindparam("names", expanding=True)))


def as_file(row: Sequence[Any]) -> StoredFile:
    """A file from the columns of COLUMNS."""
    number, member, kind, name, mime, size, sha256, kept_as, platform, ref, forwarded_from, at = row
    return StoredFile(
        id=FileId(number),
        member_id=MemberId(member),
        kind=FileKind(kind),
        name=name,
        mime=mime,
        size=size,
        sha256=sha256,
        kept_as=kept_as,
        platform=platform,
        ref=ref,
        forwarded_from=forwarded_from,
        at=at,
    )


def named_files(connection: Connection, kept_as: Sequence[str]) -> frozenset[str]:
    """Which of these names some row has."""
    return frozenset(connection.execute(NAMED, {"names": list(kept_as)}).scalars())


class StoredFiles(Session):
    """The organisation's files."""

    def add_file(self, member: MemberId, kept: KeptFile, forwarded_from: str, at: datetime) -> FileId:
        return FileId(
            self.add(
                Subject.FILE,
                member_id=member,
                kind=kept.kind,
                name=kept.name,
                mime=kept.mime,
                size=kept.size,
                sha256=kept.sha256,
                kept_as=kept.kept_as,
                platform=kept.platform,
                ref=kept.ref,
                forwarded_from=forwarded_from,
                at=at,
            )
        )

    def file(self, file: FileId) -> StoredFile | None:
        return next(iter(self.files_of([file])), None)

    def files_of(self, files: Sequence[FileId]) -> tuple[StoredFile, ...]:
        found = {row[0]: as_file(row) for row in self.run(BY_IDS, ids=list(files))}
        return tuple(found[each] for each in files if each in found)
