"""What the first bytes of a file say it is, and names that lead nowhere."""

import pytest

from domain.files import (
    HEAD,
    HTML,
    NAME_MOST,
    OTHER,
    PROGRAM,
    REFUSED,
    SVG,
    TEXT,
    ZIP,
    FileKind,
    kind_named,
    plain_name,
    sniffed,
)

OOXML = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("content", "name", "mime"),
    [
        (b"\xff\xd8\xff\xe0rest", "x.png", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "", "image/png"),
        (b"GIF89a", "", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "", OTHER),
        (b"\0\0\0\x18ftypheic", "IMG_1.HEIC", "image/heic"),
        (b"\0\0\0\x18ftypisom", "film.mp4", OTHER),
        (b"%PDF-1.7", "offer.pdf", "application/pdf"),
        (b"PK\x03\x04..", "offer.docx", OOXML + "wordprocessingml.document"),
        (b"PK\x03\x04..", "OFFER.XLSX", OOXML + "spreadsheetml.sheet"),
        (b"PK\x03\x04..", "many.zip", ZIP),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old.doc", "application/msword"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "who knows", OTHER),
        (b"Offer 117\n", "offer.txt", TEXT),
        ("\u62a5\u4ef7".encode() * 3000, "a.txt", TEXT),
        (b"\xef\xbb\xbfa,b\n", "a.csv", TEXT),
        ("a,b".encode("utf-16"), "a.csv", TEXT),
        (b"a < b and <html> is a word", "a.txt", TEXT),
        (b"\x00\x01\x02", "blob", OTHER),
        (b"\xfe\xfe\xfe", "blob", OTHER),
    ],
)
def test_bytes_say_what_they_are(content: bytes, name: str, mime: str) -> None:
    assert sniffed(content, name) == mime
    assert mime not in REFUSED


@pytest.mark.parametrize(
    ("content", "name", "mime"),
    [
        (b"MZ\x90\0", "photo.jpg", PROGRAM),
        (b"\x7fELF", "", PROGRAM),
        (b"#!/bin/sh\n", "notes.txt", PROGRAM),
        (b"PK\x03\x04", "app.apk", PROGRAM),
        (b"PK\x03\x04", "lib.JAR", PROGRAM),
        (b"anything", "offer.pdf.exe", PROGRAM),
        (b"\xff\xd8\xff", "photo.jpg.scr", PROGRAM),
        (b"<!DOCTYPE html><p>", "offer.pdf", HTML),
        (b"\n\n <HTML>", "x", HTML),
        (b"<!-- --><script>1</script>", "x", HTML),
        ("<html>".encode("utf-16"), "x", HTML),
        (b"\xef\xbb\xbf<html>", "x", HTML),
        (b"words", "page.html", HTML),
        (b"<svg xmlns='x'/>", "logo.png", SVG),
        (b"<?xml version='1.0'?><!-- c --><svg/>", "logo", SVG),
        (b"\x1f\x8b", "logo.svgz", SVG),
    ],
)
def test_what_runs_or_is_a_page_is_told_by_bytes_and_by_name(content: bytes, name: str, mime: str) -> None:
    assert sniffed(content, name) == mime
    assert mime in REFUSED


def test_only_the_head_counts() -> None:
    assert sniffed(b"a" * HEAD + b"\0", "a.txt") == TEXT


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("offer.pdf", "offer.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\x.dll", "x.dll"),
        ("/abs/olute.jpg", "olute.jpg"),
        ("..", ""),
        ("", ""),
        ("folder/", ""),
        (".bashrc", "bashrc"),
        ("a\0b\n\tc.pdf", "abc.pdf"),
        # A mark that turns the order of what follows around would make fdp.exe of exe.pdf.
        ("offer\u202efdp.exe", "offerfdp.exe"),
        ("\ud800x.jpg", "x.jpg"),
        ("  two   words .pdf ", "two words .pdf"),
        ("\u62a5\u4ef7.pdf", "\u62a5\u4ef7.pdf"),
    ],
)
def test_a_name_leads_nowhere(name: str, shown: str) -> None:
    assert plain_name(name) == shown


def test_a_long_name_keeps_its_ending() -> None:
    made = plain_name("x" * 500 + ".pdf")
    assert len(made) == NAME_MOST and made.endswith("x.pdf")
    assert len(plain_name("x" * 500)) == NAME_MOST


def test_pictures_are_photos_by_their_names() -> None:
    assert kind_named("a.JPG") is FileKind.PHOTO
    assert kind_named("a.heic") is FileKind.PHOTO
    assert kind_named("a.pdf") is kind_named("jpg.") is kind_named("") is FileKind.DOCUMENT
