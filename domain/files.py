"""Files people send: what is kept of them, how large they may be, and what their first bytes say they are."""

import codecs
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from domain.people import MemberId

FileId = NewType("FileId", int)

# Bytes. Telegram hands bots no more; the same holds on every platform (platforms section 2).
FILE_MOST = 20_000_000
MEGABYTE = 1_000_000
# How many files one message may bring.
FILES_MOST = 10
NAME_MOST = 120
# So many first bytes tell what a file is.
HEAD = 4096


class FileKind(StrEnum):
    """How a file was sent and is shown: as a picture, or as a file to open."""

    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file whose bytes are kept and that no row names yet: `kept_as` is its random name in the store.

    `size` is in bytes, `sha256` of the bytes in hex, `mime` what the first bytes say; `ref` is the platform's own
    name for it.
    """

    kind: FileKind
    name: str
    mime: str
    size: int
    sha256: str
    kept_as: str
    platform: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of an organisation, sent by `member_id` at `at`; `forwarded_from` is "" for their own, else who said it."""

    id: FileId
    member_id: MemberId
    kind: FileKind
    name: str
    mime: str
    size: int
    sha256: str
    kept_as: str
    platform: str
    ref: str
    forwarded_from: str
    at: datetime


OTHER = "application/octet-stream"
TEXT, ZIP, OLE = "text/plain", "application/zip", "application/x-ole-storage"
HTML, SVG, PROGRAM = "text/html", "image/svg+xml", "application/x-executable"
# What is not kept: it would run, or show itself as a page, wherever it is opened.
REFUSED = frozenset({HTML, SVG, PROGRAM})
_OOXML = "application/vnd.openxmlformats-officedocument."
_PACKED = {
    "docx": _OOXML + "wordprocessingml.document",
    "xlsx": _OOXML + "spreadsheetml.sheet",
    "pptx": _OOXML + "presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_OLD_OFFICE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_RUN = frozenset(
    [
        "apk",
        "app",
        "bat",
        "bin",
        "cmd",
        "com",
        "command",
        "cpl",
        "deb",
        "dll",
        "dmg",
        "exe",
        "hta",
        "iso",
        "jar",
        "js",
        "jse",
        "lnk",
        "mjs",
        "msi",
        "ps1",
        "py",
        "reg",
        "rpm",
        "scr",
        "sh",
        "vb",
        "vbe",
        "vbs",
        "wsf",
    ]
)
_PAGES = {"htm": HTML, "html": HTML, "mht": HTML, "mhtml": HTML, "xhtml": HTML, "svg": SVG, "svgz": SVG}
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"#!", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"\xfe\xed\xfa\xce", PROGRAM),
    (b"\xfe\xed\xfa\xcf", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
)
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_MARKUP = ("<!doctype html", "<html", "<head", "<body", "<script", "<iframe")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PICTURE_ENDINGS = frozenset({"jpg", "jpeg", "png", "gif", "webp", "heic"})
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


def sniffed(content: bytes, name: str) -> str:
    """The MIME type that the first `HEAD` bytes of a file say; its name only tells kinds of one container apart.

    One that says it would run, or is a page, is of a type in `REFUSED`, whatever its bytes are. Nothing is unpacked.
    """
    head, ending = content[:HEAD], name.rpartition(".")[2].casefold() if "." in name else ""
    if ending in _RUN:
        return PROGRAM
    if ending in _PAGES:
        return _PAGES[ending]
    found = next((mime for signature, mime in _SIGNATURES if head.startswith(signature)), "")
    if found == ZIP:
        return _PACKED.get(ending, ZIP)
    if found == OLE:
        return _OLD_OFFICE.get(ending, OTHER)
    if found:
        return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        return "image/heic"
    return _words_in(head)


def _words_in(head: bytes) -> str:
    """Plain text, a page, or neither."""
    bom, coding = next((each for each in _BOMS if head.startswith(each[0])), (b"", "utf-8"))
    try:
        # The last character may be cut.
        text = codecs.getincrementaldecoder(coding)().decode(head[len(bom) :])
    except UnicodeDecodeError:
        return OTHER
    if any(each < " " and each not in "\t\n\r\f" for each in text):
        return OTHER
    begun = text.lstrip().casefold()
    if not begun.startswith("<"):
        return TEXT
    if "<svg" in begun:
        return SVG
    return HTML if any(each in begun for each in _MARKUP) else TEXT


def kind_named(name: str) -> FileKind:
    """How a file of that name is sent where only its name tells: pictures as photos, all else as documents."""
    _, dot, ending = name.rpartition(".")
    return FileKind.PHOTO if dot and ending.casefold() in _PICTURE_ENDINGS else FileKind.DOCUMENT


def plain_name(name: str) -> str:
    """A file's name as it can be shown: no folders, no control or direction marks, at most `NAME_MOST` characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    shown = " ".join(shown.split()).lstrip(".")
    if len(shown) <= NAME_MOST:
        return shown
    stem, dot, ending = shown.rpartition(".")
    end = dot + ending if stem and len(ending) <= 8 else ""
    return shown[: NAME_MOST - len(end)] + end
