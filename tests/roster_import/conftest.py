"""A roster as a file: what its tests share."""

import pytest

from staffing.intake import imports
from tests import staffing_builders as build
from tests.roster_builders import four_in_post
from tests.staffing_builders import DAY


@pytest.fixture
def zone():
    return four_in_post()


@pytest.fixture
def by(zone):
    return build.clerk(zone=zone)


@pytest.fixture
def reach(zone):
    return frozenset({zone.unit.pk, zone.park.pk})


@pytest.fixture
def look(zone, by, reach):
    return lambda content, **more: imports.preview(content, **{"unit_ids": reach, "by": by, "day": DAY, **more})


@pytest.fixture
def write(zone, by, reach):
    return lambda content, **more: imports.carry_out(content, **{"unit_ids": reach, "by": by, "day": DAY, **more})
