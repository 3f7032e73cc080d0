"""The document that a version, an approval or a term's result rests on: one on file or a new one, all or nothing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from pay.life import services as life
from pay.models import Run, Scheme, TermResult
from staffing.models import Person
from tests import pay_builders as build
from tests.test_pay_rules import state
from tests.test_pay_schemes import entered
from zones.models import Instrument

pytestmark = pytest.mark.django_db
NEW = {
    "instrument": "",
    "new_title": "关于绩效方案的批复",
    "new_number": "测〔2020〕9号",
    "new_issuer": "测试区财政局",
    "new_issued_on": "2020-12-01",
}


@pytest.fixture
def world():
    return build.small_zone()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def finance(world) -> Client:
    return signed_in(build.granted("finance", "finance", world["zone"]))


def filed() -> bool:
    return Instrument.objects.filter(number=NEW["new_number"]).exists()


class TestScheme:
    def post(self, world, finance, **changes):
        return finance.post(reverse("scheme_new", args=["TZ"]), entered(finance, world, **(NEW | changes)))

    def test_a_version_brings_its_document_along(self, world, finance):
        assert self.post(world, finance).status_code == 302
        assert Scheme.objects.get(version=2).instrument.number == NEW["new_number"]

    def test_trying_it_puts_nothing_on_file(self, world, finance):
        build.computed(world["zone"])
        page = self.post(world, finance, preview="1")
        assert page.context["effects"]["complete"]
        assert not filed()
        assert Scheme.objects.count() == 1

    def test_refused_it_puts_nothing_on_file(self, world, finance):
        page = self.post(world, finance, term_F13_floor="1.3")
        assert set(page.context["form"].errors) == {"term_F13_floor"}
        assert not filed()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"new_issued_on": "2021-02-01"}, "instrument"),
            ({"new_issued_on": "2999-01-01"}, "new_issued_on"),
            ({"new_title": ""}, "new_title"),
            ({"new_title": "", "new_number": "", "new_issuer": "", "new_issued_on": ""}, "instrument"),
        ],
    )
    def test_a_document_that_cannot_be_is_answered_at_its_field(self, world, finance, changes, field):
        page = self.post(world, finance, **changes)
        assert set(page.context["form"].errors) == {field}
        assert not filed()

    def test_documents_of_other_zones_are_not_offered(self, world, finance):
        other = Instrument.objects.create(code="theirs", title="外区批文", issuer="外区", issued_on=build.ON)
        assert "外区批文" not in finance.get(reverse("scheme_new", args=["TZ"])).content.decode()
        page = finance.post(reverse("scheme_new", args=["TZ"]), entered(finance, world, instrument=other.code))
        assert set(page.context["form"].errors) == {"instrument"}


def test_an_approval_that_a_rule_refuses_leaves_no_document_behind(world):
    state(world["zone"], "PAY-01", cap_multiple="1.1")
    run = build.computed(world["zone"])
    run = life.check_run(run=run, seen=life.stamp(run), by=build.acting("checker"))
    leader = build.signer("leader")
    Person.objects.filter(pk=world["people"]["p0"].pk).update(user=leader)  # he leads by the roster
    page = signed_in(leader).post(reverse("run_approve", args=[run.pk]), NEW | {"seen": life.stamp(run)})
    assert "（PAY-01）" in page.content.decode()
    assert Run.objects.get(pk=run.pk).state == "checked"
    assert not filed()


def test_a_terms_result_that_is_refused_leaves_no_document_behind(world):
    build.approved(build.computed(world["zone"]))
    state(world["zone"], "PAY-08", cap="0.1")
    client = signed_in(build.granted("assessor", "hr", world["zone"]))
    said = {"unit": "TZ", "first_year": "2020", "last_year": "2021", "qualified": "1", "ratio": "100", "cap": ""}
    page = client.post(reverse("term_add"), NEW | said)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not TermResult.objects.exists()
    assert not filed()
