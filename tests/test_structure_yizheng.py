"""The structure of Yizheng goes out and comes back without a change, as of any day."""

import datetime as dt

import pytest

from common.imports import deeds
from orgchart.workbook.exporting import structure_book
from orgchart.workbook.importing import StructureImporter
from tests import orgchart_builders as build
from zones.models import Unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("yizheng")]


@pytest.mark.parametrize("day", [dt.date(2019, 12, 31), dt.date(2020, 6, 30), dt.date(2026, 1, 1)])
def test_what_goes_out_comes_back_without_a_change(day):
    zone = Unit.objects.get(code="YZ")
    everywhere = frozenset(Unit.objects.values_list("pk", flat=True))
    importer = StructureImporter(everywhere, everywhere, build.actor(), "")
    report = deeds.carry_out(structure_book(zone, day, everywhere), importer)
    assert report.faults == []
    assert set(report.counts) == {"unchanged"}
