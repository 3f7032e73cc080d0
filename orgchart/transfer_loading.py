"""Loading handovers of duties: the section ``transfers`` of ``duties.yaml``, each taken step by step."""

from __future__ import annotations

from typing import Any

from common.files import Folder, Row
from common.loading import Index, Tally, add_missing, checked
from orgchart.models import (
    Bureau,
    Duty,
    DutyTransfer,
    TransferDispute,
    TransferLine,
    TransferSignature,
)
from zones.models import Instrument, Project, Unit

NEEDED = "code from to duties areas instrument effective_on deadline drafted_on"
OPTIONAL = (
    "from_bureau to_bureau staff_count staff_note funds funds_note archive_volumes archive_note projects note"
    " started_on done_on signatures disputes example"
)


def load(folder: Folder, file: str, tally: Tally) -> None:
    """Add the handovers that are not on file; what hangs on one comes with it."""
    rows = folder.section(file, "transfers", NEEDED, OPTIONAL)
    units, bureaus, instruments = Index(Unit), Index(Bureau), Index(Instrument)
    wanted = [
        (
            row,
            row.text("code"),
            DutyTransfer(
                code=row.text("code"),
                from_unit_id=units.find(row, "from"),
                from_bureau_id=bureaus.maybe(row, "from_bureau"),
                to_unit_id=units.find(row, "to"),
                to_bureau_id=bureaus.maybe(row, "to_bureau"),
                instrument_id=instruments.find(row, "instrument"),
                effective_on=row.day("effective_on"),
                deadline=row.day("deadline"),
                drafted_on=row.day("drafted_on"),
                staff_count=row.whole("staff_count") if row.text("staff_count") else None,
                staff_note=row.text("staff_note"),
                funds=row.maybe_number("funds"),
                funds_note=row.text("funds_note"),
                archive_volumes=row.whole("archive_volumes") if row.text("archive_volumes") else None,
                archive_note=row.text("archive_note"),
                note=row.text("note"),
                is_example=row.flag("example"),
            ),
        )
        for row in rows
    ]
    fresh = {transfer.code: transfer for transfer in add_missing(DutyTransfer, wanted, Index(DutyTransfer), tally)}
    for row in rows:
        if row.text("code") in fresh:
            _steps(row, fresh[row.text("code")], tally)


def _steps(row: Row, transfer: DutyTransfer, tally: Tally) -> None:
    """In the order in which it went: what it is about, its start, disputes, signatures, its end."""
    duties, units, projects = Index(Duty), Index(Unit), Index(Project)
    lines = [
        TransferLine(transfer=transfer, duty_id=duties.of(row, "duties", duty), area_id=units.of(row, "areas", area))
        for duty in row.names("duties")
        for area in row.names("areas")
    ]
    tally.count(TransferLine, len(TransferLine.objects.bulk_create(lines)), 0)
    if row.cells.get("projects"):
        transfer.projects.set([projects.of(row, "projects", code) for code in row.names("projects")])
    _day(transfer, started_on=row.maybe_day("started_on"))
    happened = [(each.day("raised_on"), _dispute(each, transfer)) for each in _disputes(row)]
    happened += [(each.day("signed_on"), _signature(each, transfer)) for each in _signatures(row)]
    # A dispute that was open stopped signatures from that day on, not before.
    for _when, event in sorted(happened, key=lambda pair: pair[0]):
        event.save(force_insert=True)
        tally.count(type(event), 1, 0)
    _day(transfer, done_on=row.maybe_day("done_on"))


def _disputes(row: Row) -> list[Row]:
    return row.rows("disputes", "side text raised_on", "settlement settled_on") if row.cells.get("disputes") else []


def _signatures(row: Row) -> list[Row]:
    return row.rows("signatures", "side signer capacity signed_on") if row.cells.get("signatures") else []


def _dispute(row: Row, transfer: DutyTransfer) -> TransferDispute:
    dispute = TransferDispute(
        transfer=transfer,
        side=row.text("side"),
        text=row.text("text"),
        raised_on=row.day("raised_on"),
        settlement=row.text("settlement"),
        settled_on=row.maybe_day("settled_on"),
        is_example=transfer.is_example,
    )
    return checked(row, dispute)


def _signature(row: Row, transfer: DutyTransfer) -> TransferSignature:
    signature = TransferSignature(
        transfer=transfer,
        side=row.text("side"),
        signer_name=row.text("signer"),
        capacity=row.text("capacity"),
        signed_on=row.day("signed_on"),
    )
    return checked(row, signature)


def _day(transfer: DutyTransfer, **day: Any) -> None:
    ((name, value),) = day.items()
    if value:
        setattr(transfer, name, value)
        transfer.save(update_fields=[name])
