"""Why an amount is what it is: sentences, inputs, what another grade or score would have given, one's own years."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from common.access import Access
from common.actors import Actor
from common.models import User
from pay import services
from pay.models import Allocation, Run
from pay.sharing import PersonInput, share_to_people
from pay.tracing import person_input
from pay.why import sentences, what_if
from pay.why.sources import leaves, sources
from pay.why.years import years_of
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
BY = Actor.command("test")


def computed(zone) -> Run:
    (run,) = services.request_runs(units=[zone], year=2020, by=BY)
    return services.compute(run.pk, by=BY)


@pytest.fixture
def world():
    own = build.small_zone()
    return own | {"run": computed(own["zone"])}


def client_of(world, key: str) -> Client:
    person = world["people"][key]
    person.user = User.objects.create_user(key, password="correct horse battery")
    person.save()
    client = Client()
    client.force_login(person.user)
    return client


def row_of(world, key: str) -> Allocation:
    return (
        world["run"].allocations.select_related("share", "person", "run__scheme").filter(person=world["people"][key])[0]
    )


class TestWhatIf:
    def test_another_grade_gives_what_a_run_with_that_grade_gives(self, world):
        """The answer equals a computation after the grade was really changed, to the fen."""
        row = row_of(world, "p2")
        asked = {each.grade: each.amount for each in self.asked(row)}
        build.regrade(world["people"]["p2"], "excellent")
        again = computed(world["zone"])
        assert again.pk != world["run"].pk
        real = again.allocations.get(person=world["people"]["p2"], share__bureau=row.share.bureau_id)
        assert asked["excellent"] == real.amount != row.amount

    def test_the_grade_that_stands_changes_nothing(self, world):
        row = row_of(world, "p2")
        stands = [each for each in self.asked(row) if each.grade == row.rating]
        assert [(each.amount, each.difference) for each in stands] == [(row.amount, Decimal("0.00"))]

    def test_incompetent_gets_nothing(self, world):
        assert {each.grade: each.amount for each in self.asked(row_of(world, "p2"))}["incompetent"] == 0

    def asked(self, row: Allocation):
        colleagues = list(row.share.allocations.select_related("share").order_by("sequence"))
        return what_if.other_grades(row, colleagues, row.run.scheme.grade_factors)

    def test_another_score_gives_what_a_run_with_that_score_gives(self, world):
        share = world["run"].shares.select_related("run__scheme").order_by("sequence")[0]
        shares = list(world["run"].shares.order_by("sequence"))
        points = {each.pk: sum((row.points for row in each.allocations.all()), Decimal(0)) for each in shares}
        told = what_if.other_score(share, shares, points, Decimal("95"), (Decimal("0.8"), Decimal("1.2")))
        build.rescore(share.bureau, "95")
        again = computed(world["zone"])
        assert told == again.shares.get(bureau=share.bureau_id).amount != share.amount

    @given(factor=st.sampled_from(["0", "0.6", "0.8", "1", "1.2"]), at=st.integers(0, 2))
    def test_the_bureaus_amount_stays(self, factor, at):
        """Whoever's factor changes, the bureau's people still sum to its amount."""
        people = [self.person(n, factor if n == at else "1") for n in range(3)]
        assert sum(share.amount for share in share_to_people(Decimal("1000.01"), people).shares) == Decimal("1000.01")

    @staticmethod
    def person(number: int, factor: str) -> PersonInput:
        row = Allocation(
            person_id=number,
            posts=[{"post": "P", "name": "岗", "coefficient": "1.0", "months": 12}],
            grade_factor=Decimal(factor),
            rating="competent",
        )
        row.share = build.unsaved_share()
        return person_input(row)


class TestSentences:
    def test_in_both_languages(self, world):
        row = row_of(world, "p2")
        both = sentences.in_both(lambda: sentences.of_person(row, "甲局", own=False))
        assert "岗位系数" in both["zh"]
        assert "post coefficient" in both["en"].lower()
        assert f"{row.amount:,.2f}" in both["zh"]
        assert f"{row.amount:,.2f}" in both["en"]

    @pytest.mark.parametrize("reason", [each for each in Allocation.Reason.values if each != "grade"])
    def test_every_reason_is_said(self, world, reason):
        row = row_of(world, "p2")
        row.reason = reason
        both = sentences.in_both(lambda: sentences.of_person(row, "甲局", own=True))
        assert str(Allocation.Reason(reason).label) in both["zh"]
        assert len(both["en"].split(".")) > 2

    def test_what_is_not_as_usual(self, world):
        row = row_of(world, "p2")
        row.months_cut, row.held, row.difference = 3, True, Decimal("-12.30")
        told = sentences.of_person(row, "甲局", own=True)
        assert "3 个月" in told
        assert "暂缓发放" in told
        assert "少 12.30 元" in told

    def test_bureau_and_pool(self, world):
        share = world["run"].shares.order_by("sequence")[0]
        assert f"{share.amount:,.2f}" in sentences.of_bureau(share, "甲局")
        told = sentences.in_both(lambda: sentences.of_pool(world["run"], "测试区"))
        assert f"{world['run'].pool:,.2f}" in told["zh"]
        assert f"{world['run'].pool:,.2f}" in told["en"]


class TestSources:
    def test_every_leaf_once_with_its_page_where_the_reader_may_go(self, world):
        finance = build.granted("finance", "finance", world["zone"])
        found = sources([world["run"].trace], Access(finance))
        assert {leaf["key"] for leaf in leaves(world["run"].trace)} >= {"base", "tax_now", "rating"}
        assert all(each.href for each in found if each.vintage)

    def test_a_colleague_is_led_nowhere_he_may_not_go(self, world):
        client_of(world, "p2")
        row = row_of(world, "p2")
        staff = Access(world["people"]["p2"].user)
        figures = sources([world["run"].trace], staff)
        assert not any("figures" in each.href for each in figures)
        assert any(each.href for each in sources([row.trace], staff))


class TestPages:
    def test_my_pay_lists_years_with_parts_that_sum(self, world):
        client = client_of(world, "p3")  # moved between bureaus in July: two rows
        page = client.get(reverse("my_pay")).content.decode()
        (year,) = years_of(world["people"]["p3"].pk)
        assert len(year.rows) == 2
        assert year.current + year.deferred == year.amount == sum(row.amount for row in year.rows)
        assert f"{year.amount:,.2f}" in page
        assert f"{year.current:,.2f}" in page
        assert "尚未审批" in page

    def test_the_parts_of_all_sum_to_the_runs_ratio(self, world):
        people = {row.person_id for row in world["run"].allocations.all()}
        current = sum((years_of(person)[0].current for person in people), Decimal(0))
        assert current == (world["run"].shared * Decimal("0.6")).quantize(Decimal("0.01"))

    def test_a_colleagues_why_is_not_there(self, world):
        client = client_of(world, "p2")
        assert client.get(reverse("allocation", args=[row_of(world, "p1").pk])).status_code == 404

    def test_the_page_tells_other_grades_and_inputs(self, world):
        page = client_of(world, "p2").get(reverse("allocation", args=[row_of(world, "p2").pk])).content.decode()
        assert "如果等次不同" in page
        assert "用到的数据" in page
        assert "当期发放" in page

    def test_queries_do_not_grow_with_people(self, world, django_assert_max_num_queries):
        client = client_of(world, "p2")
        with django_assert_max_num_queries(34):
            client.get(reverse("allocation", args=[row_of(world, "p2").pk]))
