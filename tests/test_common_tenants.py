"""Two zones served by one process at the same time: no request's state is left where another finds it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from tests import common_builders as build

ADDRESSES = (
    "/api/v1/allocations/?limit=500",
    "/api/v1/runs/?limit=500",
    "/api/v1/scorecards/?limit=500",
    "/pools/?year=2020",
    "/reports/",
)


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_two_tenants_at_once_see_nothing_of_each_other():
    """Threads of one process, as the web server has them, with the two zones' clerks taking turns."""
    world = build.world()

    def visit(turn: int) -> list[str]:
        try:
            mine, other = (build.OWN, build.FOREIGN) if turn % 2 else (build.FOREIGN, build.OWN)
            client = Client()
            client.force_login(world.users["hr" if turn % 2 else "foreign_hr"])
            texts = [client.get(address).content.decode() for address in ADDRESSES for _again in range(3)]
            assert sum(f"{mine}-p1" in text or f"{mine}名称" in text for text in texts) >= 6
            return [text for text in texts if f"{other}-" in text or f"{other}名称" in text]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert [leak for leaks in pool.map(visit, range(16)) for leak in leaks] == []
