"""The cascade: down from the unit's lines to people's, and up from any line; what serves nothing is named."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from common.access import Access
from config import methodbook
from kpi.models import Line, Scorecard
from kpi.points import PARAMETERS
from kpi.promise import cascade
from tests import kpi_builders as build

TODAY = dt.date.today()  # noqa: DTZ011


@pytest.fixture
def at(db):
    at = build.small_year(TODAY.year)
    at.unit, at.bureau, at.staff = (build.line(at.cards[key], "new-projects") for key in ("unit", "bureau", "staff"))
    Line.objects.filter(pk=at.bureau.pk).update(serves=at.unit)
    Line.objects.filter(pk=at.staff.pk).update(serves=at.bureau)
    return at


def read(at, who: str = "hr", **more) -> cascade.Cascade:
    return cascade.read(Access(at.users[who]), at.zone.unit.pk, TODAY.year, TODAY, **more)


def shape(node: cascade.Node) -> tuple:
    return node.line.pk, [shape(below) for below in node.below]


class TestTree:
    def test_down(self, at):
        found = read(at)
        trees = dict(map(shape, found.roots))
        assert trees[at.unit.pk] == [(at.bureau.pk, [(at.staff.pk, [])])]
        assert {node.count for node in found.roots} == {0, 2}

    def test_up_from_a_person(self, at):
        found = read(at, focus=at.staff.pk)
        assert [node.line.pk for node in found.up] == [at.unit.pk, at.bureau.pk]
        assert [node.line.pk for node in found.roots] == [at.staff.pk]

    def test_what_serves_nothing_and_what_nobody_serves_is_named(self, at):
        found = read(at)
        idle = {each.card.pk: {line.indicator.code for line in each.lines} for each in found.idle}
        assert idle[at.cards["bureau"].pk] == {"budget-growth", "safety", "party"}
        assert len(idle[at.cards["other_bureau"].pk]) == 4
        assert {node.line.indicator.code for node in found.unserved} == {"budget-growth", "safety", "party"}
        assert (found.serving, found.lines) == (2, found.idle_lines + 2)

    def test_nobody_sees_more_than_his_cards(self, at):
        seen = read(at, "staff")
        assert {node.card.pk for node in seen.roots} <= {at.cards["staff"].pk}
        head = read(at, "head")
        assert {each.card.pk for each in head.idle} <= set(
            Access(at.users["head"]).scope(Scorecard.objects.all()).values_list("pk", flat=True)
        )

    def test_what_somebody_serves_unseen_is_not_called_unserved(self, at):
        line = build.line(at.cards["unit"], "safety")
        Line.objects.filter(pk=build.line(at.cards["other_bureau"], "safety").pk).update(serves=line)
        assert "safety" not in {node.line.indicator.code for node in read(at, "head").unserved}

    def test_staff_see_what_they_serve_though_not_its_card(self, at):
        (root,) = read(at, "staff").roots
        assert (root.line.pk, root.serves_unseen) == (at.staff.pk, at.bureau.indicator.shown_name)

    def test_queries_do_not_grow(self, at, django_assert_num_queries):
        access = Access(at.users["hr"])
        assert access.holds
        with django_assert_num_queries(2):
            cascade.read(access, at.zone.unit.pk, TODAY.year, TODAY)
        for n in range(6):
            person = build.staff.person(at.zone, f"新人{n}")
            build.card(at.cycle, "person", at.zone.unit, at.zone.invest, person)
        with django_assert_num_queries(2):
            cascade.read(access, at.zone.unit.pk, TODAY.year, TODAY)


class TestPage:
    def get(self, at, who: str, **params):
        client = Client()
        client.force_login(at.users[who])
        return client.get(reverse("cascade"), params)

    def test_both_ways(self, at):
        page = self.get(at, "hr").content.decode()
        assert "无人支撑" in page
        assert "支撑 2 项" in page
        up = self.get(at, "hr", line=at.staff.pk).content.decode()
        assert "cascade-up" in up

    @pytest.mark.parametrize("line", ["x", "999999999", "1" * 30, "-1"])
    def test_a_line_that_is_none(self, at, line):
        assert self.get(at, "hr", line=line).status_code == 404

    def test_another_zones_line_is_not_there(self, at):
        there = build.small_year(TODAY.year, code="XX")
        assert self.get(at, "hr", line=build.line(there.cards["bureau"], "party").pk).status_code == 404
        assert self.get(at, "colleague", line=at.staff.pk).status_code == 404


class TestDocument:
    def test_is_current(self):
        call_command("methods_doc", "--check")

    def test_has_every_method_with_an_example(self):
        text = methodbook.text()
        for method in PARAMETERS:
            assert f"(`{method}`" in text
        for formula in ("F08", "F09", "F16", "F17", "F18", "一票否决", "panel"):
            assert formula in text
        assert "| 恰为最低值 | 2 | 10 × ((2 − 2) ÷ (12 − 2) × 40 + 60) ÷ 100 | 6 |" in text
