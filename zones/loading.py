"""Loading a zone's territory: ``units.yaml`` and ``figures.csv``."""

from __future__ import annotations

from common.files import Folder
from common.loading import Index, Tally, add_missing, add_missing_dated, checked, span
from zones.models import (
    Figure,
    Industry,
    Instrument,
    Metric,
    Positioning,
    Project,
    ProjectStage,
    Unit,
    UnitVersion,
)
from zones.querysets import WHOLE_YEAR

UNITS = "units.yaml"
UNIT_KEYS = ("code kind versions", "sequence")


def load(folder: Folder, tally: Tally) -> None:
    folder.sections(UNITS, "instruments", "units", "industries", "positionings", "projects", "metrics")
    _instruments(folder, tally)
    _units(folder, tally)
    _industries(folder, tally)
    _projects(folder, tally)
    _figures(folder, tally)


def _instruments(folder: Folder, tally: Tally) -> None:
    rows = folder.section(UNITS, "instruments", "code title issuer issued_on", "number source example")
    wanted = [
        (
            row,
            row.text("code"),
            Instrument(
                code=row.text("code"),
                title=row.text("title"),
                number=row.text("number"),
                issuer=row.text("issuer"),
                issued_on=row.day("issued_on"),
                source=row.text("source"),
                is_example=row.flag("example"),
            ),
        )
        for row in rows
    ]
    add_missing(Instrument, wanted, Index(Instrument), tally)


def _units(folder: Folder, tally: Tally) -> None:
    rows = folder.section(UNITS, "units", *UNIT_KEYS)
    wanted = [
        (
            row,
            row.text("code"),
            Unit(code=row.text("code"), kind=row.text("kind"), sequence=row.whole("sequence")),
        )
        for row in rows
    ]
    add_missing(Unit, wanted, Index(Unit), tally)
    units, instruments = Index(Unit), Index(Instrument)
    optional = "ends name_en short_name_en parent rank dispatched_by instrument note example"  # "" where unpublished
    versions = [
        (
            each,
            UnitVersion(
                unit_id=units[row.text("code")],
                period=span(each),
                name=each.text("name"),
                name_en=each.text("name_en"),
                short_name=each.text("short_name"),
                short_name_en=each.text("short_name_en"),
                parent_id=units.maybe(each, "parent"),
                rank=each.text("rank"),
                dispatched_by=each.text("dispatched_by"),
                instrument_id=instruments.maybe(each, "instrument"),
                note=each.text("note"),
                is_example=each.flag("example"),
            ),
        )
        for row in rows
        for each in row.rows("versions", "starts name short_name", optional)
    ]
    add_missing_dated(UnitVersion, versions, lambda version: [version.unit_id], tally)


def _industries(folder: Folder, tally: Tally) -> None:
    named = [
        (
            row,
            row.text("code"),
            Industry(code=row.text("code"), name=row.text("name"), name_en=row.text("name_en")),
        )
        for row in folder.section(UNITS, "industries", "code name", "name_en")
    ]
    add_missing(Industry, named, Index(Industry), tally)
    units, industries = Index(Unit), Index(Industry)
    wanted = [
        (
            row,
            Positioning(
                unit_id=units.find(row, "unit"),
                industry_id=industries.of(row, "industries", code),
                period=span(row),
                is_example=row.flag("example"),
            ),
        )
        for row in folder.section(UNITS, "positionings", "unit starts industries", "ends example")
        for code in row.names("industries")
    ]
    add_missing_dated(Positioning, wanted, lambda one: [(one.unit_id, one.industry_id)], tally)


def _projects(folder: Folder, tally: Tally) -> None:
    """The projects that are not on file, each with its stages."""
    units = Index(Unit)
    rows = folder.section(
        UNITS, "projects", "code unit name stages", "name_en town partner investment note source example"
    )
    wanted = [
        (
            row,
            row.text("code"),
            Project(
                code=row.text("code"),
                unit_id=units.find(row, "unit"),
                town_id=units.maybe(row, "town"),
                name=row.text("name"),
                name_en=row.text("name_en"),
                partner=row.text("partner"),
                investment=row.maybe_number("investment"),
                note=row.text("note"),
                source=row.text("source"),
                is_example=row.flag("example"),
            ),
        )
        for row in rows
    ]
    fresh = {project.code: project for project in add_missing(Project, wanted, Index(Project), tally)}
    stages = [
        checked(
            each,
            ProjectStage(
                project=fresh[row.text("code")],
                stage=each.text("stage"),
                as_of=each.day("as_of"),
                note=each.text("note"),
                source=each.text("source"),
                is_example=each.flag("example") or row.flag("example"),
            ),
        )
        for row in rows
        if row.text("code") in fresh
        for each in row.rows("stages", "stage as_of", "note source example")
    ]
    tally.count(ProjectStage, len(ProjectStage.objects.bulk_create(stages)), 0)


def _figures(folder: Folder, tally: Tally) -> None:
    metrics = [
        (
            row,
            row.text("code"),
            Metric(
                code=row.text("code"),
                name=row.text("name"),
                name_en=row.text("name_en"),
                measure=row.text("measure"),
                sequence=row.whole("sequence"),
            ),
        )
        for row in folder.section(UNITS, "metrics", "code name measure", "name_en sequence")
    ]
    add_missing(Metric, metrics, Index(Metric), tally)
    units, of = Index(Unit), Index(Metric)
    wanted = []
    for row in folder.csv("figures.csv", "unit metric year value scope source vintage", "through example"):
        figure = Figure(
            unit_id=units.find(row, "unit"),
            metric_id=of.find(row, "metric"),
            year=row.whole("year"),
            through=row.whole("through", WHOLE_YEAR),
            value=row.number("value"),
            scope=row.text("scope"),
            source=row.text("source"),
            vintage=row.day("vintage"),
            is_example=row.flag("example"),
        )
        key = (figure.unit_id, figure.metric_id, figure.year, figure.through, figure.scope, figure.vintage)
        wanted.append((row, key, figure))
    known = Figure.objects.values_list("unit", "metric", "year", "through", "scope", "vintage")
    add_missing(Figure, wanted, known, tally)
