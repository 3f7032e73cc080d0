"""What an evidence file is, by its content and its name: no claim of the browser is believed. Pure: no Django.

PDF, PNG, JPEG, XLSX and DOCX are taken. A container is opened and looked into; a
program is known as one whatever it is called.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile

MAX_BYTES = 10 * 1024 * 1024
#: An office file unpacks to at most this; more is a bomb.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_PARTS = 5000
MAX_NAME = 120

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTENSIONS = {PDF: ("pdf",), PNG: ("png",), JPEG: ("jpg", "jpeg"), DOCX: ("docx",), XLSX: ("xlsx",)}
_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
#: How programs and scripts begin: Windows, Linux, macOS and Java, shell, HTML.
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xca\xfe\xba\xbe",
    b"#!",
    b"<script",
    b"<?php",
    b"<html",
    b"<!doctype html",
)
_RUN_BY_NAME = frozenset(
    """
    exe com bat cmd scr pif msi msp dll cpl jar js jse vbs vbe wsf wsh ps1 psm1 sh app apk lnk hta htm html svg php py
    reg inf iso chm docm xlsm
    """.split()  # noqa: SIM905 - a list of words reads as one
)
#: Characters that make a name read other than it is: bidirectional marks, zero-width ones.
_DISGUISE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


class BadFile(ValueError):
    """A file that is not taken.

    ``code`` says why: empty, too_large, program, unknown, macros, broken, extension, name.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of(content: bytes) -> str:
    """The MIME type that the content proves; raises BadFile."""
    if not content:
        raise BadFile("empty")
    if len(content) > MAX_BYTES:
        raise BadFile("too_large")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower().startswith(tuple(each.lower() for each in _PROGRAMS)):
        raise BadFile("program")
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    raise BadFile("unknown")


def _office(content: bytes) -> str:
    """An office file by its parts; one with macros or programs inside is refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise BadFile("broken") from error
    names = {part.filename for part in parts}
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise BadFile("broken")
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names):
        raise BadFile("broken")
    if any(name.lower().endswith("vbaproject.bin") or name.lower().split(".")[-1] in _RUN_BY_NAME for name in names):
        raise BadFile("macros")
    found = [mime for part, mime in _PARTS.items() if part in names]
    if "[Content_Types].xml" not in names or len(found) != 1:
        raise BadFile("unknown")
    return found[0]


def clean_name(name: str, mime: str) -> str:
    """The file's name without a path; raises BadFile for one that misleads, or does not fit what the file is."""
    plain = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1]).strip()
    if not plain or plain.startswith(".") or len(plain) > MAX_NAME:
        raise BadFile("name")
    if _DISGUISE.search(plain) or any(unicodedata.category(each) in ("Cc", "Cs", "Co", "Zl", "Zp") for each in plain):
        raise BadFile("name")
    *inner, last = [part.strip().lower() for part in plain.split(".")[1:]] or [""]
    if last in _RUN_BY_NAME or any(part in _RUN_BY_NAME for part in inner):
        raise BadFile("program")
    if last not in EXTENSIONS[mime]:
        raise BadFile("extension")
    return plain
