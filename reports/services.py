"""Issuing a report: drawn, registered with its checksum, handed out; and telling whether a file is ours."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from django.db import transaction

from common import audit
from common.actors import Actor
from reports import pdf, plain, xlsx
from reports.models import IssuedReport
from reports.tables import Document
from zones.models import Unit

RENDERERS: dict[str, Callable[..., bytes]] = {"xlsx": xlsx.render, "pdf": pdf.render, "csv": plain.render}
MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "zip": "application/zip",
}
#: Letters and digits that nobody mistakes for one another on paper.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_code() -> str:
    """The code of a file that is about to be issued."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


@transaction.atomic
def issue(*, report: Document, format: str, unit: Unit, by: Actor) -> tuple[IssuedReport, bytes]:
    """Draw the report and register the file; raises KeyError for a format we do not draw."""
    code = new_code()
    content = RENDERERS[format](report, code=code)
    issued = IssuedReport.objects.create(
        code=code,
        kind=report.kind,
        title=f"{report.subject} {report.title}"[:200],
        format=format,
        unit=unit,
        as_of=report.as_of,
        basis=report.basis | {"content": report.checksum},
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        issued_by=by.user,
    )
    audit.record("issue_report", issued, by=by)
    if report.handed_to:
        report.handed_to(by)
    return issued, content


def file_name(document: Document, issued: IssuedReport) -> str:
    """What a file is called: whose it is, what it is, and its code."""
    return f"{document.subject}{document.title}-{issued.code}.{issued.format}"


def recognise(content: bytes) -> IssuedReport | None:
    """The issue that this very file is, or None when it is not ours or was changed since."""
    return IssuedReport.objects.filter(sha256=hashlib.sha256(content).hexdigest()).first()
