"""A park's own formulas, picked on the form of a new version: same as the zone or its own, tried, refused, kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse

from pay.models import PoolRule, Scheme
from pay.schemes.forms import SchemeForm
from pay.schemes.saying import points
from pay.schemes.services import Terms
from tests import pay_builders as build
from zones.models import Instrument

pytestmark = pytest.mark.django_db
STARTS = dt.date(2021, 1, 1)


@pytest.fixture
def world():
    found = build.small_zone()
    park = build.unit("TZ-P", "park", found["zone"])
    build.figures(park)
    build.result(found["cycle"], park, rating="second")
    build.computed(found["zone"])
    return found | {"park": park}


@pytest.fixture
def finance(world) -> Client:
    client = Client()
    client.force_login(build.granted("finance", "finance", world["zone"]))
    return client


def address(world) -> str:
    return reverse("scheme_new", args=[world["zone"].code])


def entered(client: Client, world, **changes) -> dict[str, str]:
    """What the form holds when it is opened, with some of it changed (None: taken out)."""
    form = client.get(address(world)).context["form"]
    held = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in held.items() if value not in (None, False)}
    data |= {"starts": STARTS.isoformat(), "instrument": "test"} | changes
    return {name: value for name, value in data.items() if value is not None}


OWN = {
    "whose_TZ-P": "own",
    "TZ-P_term_F13_alpha": "0.5",
    "TZ-P_limit_F02": "on",
    "TZ-P_limit_F02_reference_multiple": "1.5",
}


def test_a_park_begins_with_the_zones_formulas_and_goes_with_it(world, finance):
    page = finance.get(address(world))
    assert "TZ-P名称" in page.content.decode()
    form = page.context["form"]
    assert (form["whose_TZ-P"].value(), form["TZ-P_term_F13_alpha"].value()) == ("same", "0.8")
    assert finance.post(address(world), entered(finance, world)).status_code == 302
    assert not PoolRule.objects.filter(unit=world["park"]).exists()


def test_own_terms_and_limits_are_kept_for_the_park_alone(world, finance):
    assert finance.post(address(world), entered(finance, world, **OWN)).status_code == 302
    made = Scheme.objects.get(version=2)
    own = {rule.method: rule.parameters for rule in made.rules_of(world["park"].pk)}
    assert own.keys() == {"F13", "F02"}
    assert (own["F13"]["alpha"], own["F02"]["reference_multiple"]) == ("0.5", "1.5")
    assert {rule.unit_id for rule in made.rules_of(world["zone"].pk)} == {None}
    assert made.rules.get(unit=None, method="F13").parameters["alpha"] == "0.8"
    shown = finance.get(reverse("scheme", args=[made.pk])).content.decode()
    assert "TZ-P名称" in shown
    assert "不超过参照收入的 1.5 倍" in shown


def test_a_park_that_sets_no_limit_is_told_that_the_zones_is_not_its_own(world, finance):
    said = "没有另定上限，各单位的上限不适用于本单位"
    finance.post(address(world), entered(finance, world, **OWN))
    with_limit = Scheme.objects.get(version=2)
    assert said not in finance.get(reverse("scheme", args=[with_limit.pk])).content.decode()
    none = OWN | {"TZ-P_limit_F02": None, "starts": "2022-01-01"}
    assert finance.post(address(world), entered(finance, world, **none)).status_code == 302
    made = Scheme.objects.get(version=3)
    assert [rule.method for rule in made.rules_of(world["park"].pk)] == ["F13"]
    assert said in finance.get(reverse("scheme", args=[made.pk])).content.decode()
    told = points(made, {world["park"].pk: "TZ-P名称"}, {})
    assert [point.heading for point in told if point.said == said] == ["总额怎样核定：TZ-P名称"]
    # What is said of one unit stands together.
    assert [point.heading for point in told if point.key[0] == "rule"] == [
        *["总额怎样核定：各单位"] * 2,
        *["总额怎样核定：TZ-P名称"] * 2,
    ]


def test_the_next_version_begins_with_the_parks_own_and_may_go_back(world, finance):
    finance.post(address(world), entered(finance, world, **OWN))
    form = finance.get(address(world)).context["form"]
    assert (form["whose_TZ-P"].value(), form["TZ-P_term_F13_alpha"].value()) == ("own", "0.5")
    data = entered(finance, world, **{"whose_TZ-P": "same", "starts": "2022-01-01"})
    assert finance.post(address(world), data).status_code == 302
    assert not Scheme.objects.get(version=3).rules.filter(unit=world["park"]).exists()


def test_own_terms_are_tried_on_last_years_pools_in_the_same_table(world, finance):
    page = finance.post(address(world), entered(finance, world, preview="1", **OWN))
    after = {row["name"]: row["effect"].after for row in page.context["effects"]["rows"]}
    # 1 000 000 × (1 + α × 0.071): the zone's α stays 0.8, the park's is 0.5
    assert f"{after['TZ名称']:.2f}" == "1056800.00"
    assert f"{after['TZ-P名称']:.2f}" == "1035500.00"
    assert Scheme.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"TZ-P_term_F13_floor": "1.3"}, "TZ-P_term_F13_floor", "联动下限：下限高于上限"),
        ({"TZ-P_term_F13_weight_tax": "0.6"}, "TZ-P_term_F13_weight_tax", "权重之和不为 1"),
        ({"TZ-P_limit_F02_reference_multiple": ""}, "TZ-P_limit_F02_reference_multiple", "未作规定"),
        ({"TZ-P_term_F13": None}, "whose_TZ-P", "至少要有一个构成项"),
        ({"TZ-P_term_F13": None, "TZ-P_limit_F02": None}, "whose_TZ-P", ""),
        ({"whose_TZ-P": "theirs"}, "whose_TZ-P", ""),
    ],
)
def test_what_cannot_be_is_said_at_the_parks_field(world, finance, changes, field, words):
    page = finance.post(address(world), entered(finance, world, **(OWN | changes)))
    assert page.status_code == 200
    errors = page.context["form"].errors
    assert set(errors) == {field}
    assert words in errors[field][0]
    assert Scheme.objects.count() == 1


def test_what_is_typed_for_a_park_that_goes_with_the_zone_is_not_judged(world, finance):
    data = entered(finance, world, **(OWN | {"whose_TZ-P": "same", "TZ-P_term_F13_floor": "9"}))
    assert finance.post(address(world), data).status_code == 302


def test_the_zones_own_refusal_does_not_land_at_a_park(world, finance):
    page = finance.post(address(world), entered(finance, world, term_F13_floor="1.3", **OWN))
    assert set(page.context["form"].errors) == {"term_F13_floor"}


def test_own_formulas_of_a_unit_that_is_not_offered_go_over_unchanged(world):
    own = {"unit": world["park"].pk, "role": "term", "method": "F13", "parameters": build.COMPOSITE}
    given = vars(Terms.of(world["zone"].schemes.get()))
    terms = given | {"rules": [*given["rules"], own]}
    documents = Instrument.objects.all()
    blank = SchemeForm(terms=terms, documents=documents)
    data = {name: blank[name].value() for name in blank.fields if blank[name].value() not in (None, False)}
    form = SchemeForm(
        data | {"name": "x", "starts": "2021-01-01", "instrument": "test"}, terms=terms, documents=documents
    )
    assert form.is_valid(), form.errors
    assert own in form.terms().rules


def test_a_park_of_another_zone_cannot_be_named(world, finance):
    foreign = build.unit("FZ-P", "park", build.zone("FZ"))
    data = entered(finance, world, **{"whose_FZ-P": "own", "FZ-P_term_F13": "on"})
    assert finance.post(address(world), data).status_code == 302
    assert not PoolRule.objects.filter(unit=foreign).exists()


def test_a_parks_own_formulas_are_what_its_simulation_moves():
    """The dials are those of the park's own rules, and moving one moves the park's pool by them."""
    at = build.small_zone()
    park = build.unit("TZ-P", "park", at["zone"])
    build.figures(park)
    office, who = build.bureau("TZ-PB", park), build.person("TZ-pp", park)
    build.appoint(who, build.post("TZ-P1", park, office))
    build.result(at["cycle"], park, rating="second")
    build.result(at["cycle"], park, score="90", bureau=office)
    build.result(at["cycle"], park, rating="competent", person=who)
    own = {"scheme": at["zone"].schemes.get(), "unit": park, "role": "term", "method": "F13"}
    PoolRule.objects.create(**own, parameters=build.COMPOSITE | {"alpha": "0.3"})
    assert build.computed(park).pool == D("1021300.00")  # 1 000 000 × (1 + 0.3 × 0.071)
    client, page = Client(), reverse("simulation", args=[park.code, 2020])
    client.force_login(build.granted("finance", "finance", at["zone"]))
    dials = {dial.path: dial.value for dial in client.get(page).context["form"].dials}
    assert dials["rules.0.alpha"] == "0.3"
    assert not [path for path in dials if "reference_multiple" in path]  # the zone's limit is not the park's
    moved = client.get(page, {"rules.0.alpha": "0.5"}).context["outcome"]
    assert moved.pool.amount == D("1035500.00")
    refused = client.get(page, {"rules.0.floor": "1.3"}).context["form"].errors
    assert refused == {"rules.0.floor": ["下限高于上限"]}
