"""A structure as a workbook: what its tests share."""

import io

import openpyxl
import pytest

from common.imports import deeds
from orgchart.workbook.exporting import structure_book
from tests import orgchart_builders as build
from tests.structure_builders import importers, saved
from zones.models import Unit

DAY = build.DAY


@pytest.fixture
def at():
    made = build.full_zone()
    made.office = build.user("bianban", "establishment", made.city)
    return made


@pytest.fixture
def importer(at):
    """The establishment office of the city, for the zone and all that is in the city."""
    return importers(at)


@pytest.fixture
def out(at):
    """The workbook as it is exported, opened for editing."""
    units = Unit.objects.values_list("pk", flat=True)
    return lambda day=DAY: openpyxl.load_workbook(io.BytesIO(structure_book(at.zone, day, set(units))))


@pytest.fixture
def write(importer):
    return lambda book: deeds.carry_out(book if isinstance(book, bytes) else saved(book), importer())


@pytest.fixture
def look(importer):
    return lambda book: deeds.preview(book if isinstance(book, bytes) else saved(book), importer())
