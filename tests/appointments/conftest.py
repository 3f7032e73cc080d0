"""The rules of appointments, kept and broken: what their tests share."""

import pytest

from tests import staffing_builders as build
from tests.appointment_builders import zone_of_every_rule


@pytest.fixture
def zone():
    return zone_of_every_rule()


@pytest.fixture
def by(zone):
    return build.clerk(zone=zone)


@pytest.fixture
def who(zone):
    return build.person(zone, "张三")
