"""Schemes: a new version by page and REST, tried before it is in force, refused where it cannot be, kept once used."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from common.actors import Actor
from common.models import AuditEntry
from pay.figures import Reading
from pay.formulas import BadParameter, PoolScheme, Rule
from pay.models import PoolRule, Run, Scheme
from pay.schemes import services
from pay.schemes.sentences import of_rule
from pay.schemes.services import Terms
from pay.settings import EXAMPLE, Settings
from tests import pay_builders as build
from tests.test_pay_runs import compute
from zones.models import Figure

pytestmark = pytest.mark.django_db
BY = Actor.command("test")
STARTS = dt.date(2021, 1, 1)


@pytest.fixture
def world():
    return build.small_zone()


@pytest.fixture
def finance(world) -> Client:
    client = Client()
    client.force_login(build.granted("finance", "finance", world["zone"]))
    return client


def terms(world, **changes) -> Terms:
    return Terms(**{**vars(Terms.of(world["zone"].schemes.get())), **changes})


def new(world, **changes) -> Scheme:
    given = {"starts": STARTS, "instrument": build.instrument(), "name": "新方案", "terms": terms(world)} | changes
    return services.new_version(zone=world["zone"], by=BY, **given)


def entered(client: Client, world, **changes) -> dict[str, str]:
    """What the form of a new version holds when it is opened, with some of it changed."""
    form = client.get(reverse("scheme_new", args=[world["zone"].code])).context["form"]
    held = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in held.items() if value not in (None, False)}
    return {**data, "starts": STARTS.isoformat(), "instrument": "test"} | changes


class TestNewVersion:
    def test_the_version_in_force_ends_the_day_before(self, world):
        made = new(world)
        first = Scheme.objects.get(version=1)
        assert (made.version, made.starts, first.last_day) == (2, STARTS, dt.date(2020, 12, 31))
        assert [rule.as_json() for rule in made.rules_of(world["zone"].pk)] == [
            rule.as_json() for rule in first.rules_of(world["zone"].pk)
        ]
        assert AuditEntry.objects.filter(verb="new_scheme").exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"starts": dt.date(2020, 1, 1)}, "starts"),
            ({"starts": dt.date(2019, 5, 1)}, "instrument"),
        ],
    )
    def test_days_that_cannot_be(self, world, changes, field):
        with pytest.raises(ValidationError) as refused:
            new(world, **changes)
        assert field in refused.value.error_dict

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"rules": []}, "rules"),
            ({"rules": [{"role": "limit", "method": "F02", "parameters": {"reference_multiple": "2"}}]}, "rules"),
            ({"rules": [{"role": "term", "method": "F99", "parameters": {}}]}, "method"),
            ({"rules": [{"role": "term", "method": "F02", "parameters": {"reference_multiple": "2"}}]}, "role"),
            ({"rules": [{"role": "term", "method": "F13", "parameters": build.COMPOSITE | {"floor": "1.3"}}]}, "floor"),
            (
                {"rules": [{"role": "term", "method": "F13", "parameters": build.COMPOSITE | {"weight_gdp": "0.3"}}]},
                "weight_tax",
            ),
            ({"rules": [{"role": "term", "method": "F13", "parameters": build.COMPOSITE | {"beta": "1"}}]}, "beta"),
            ({"rating_factors": {"first": "1"}}, "rating_factors"),
            ({"grade_factors": {"excellent": "NaN"}}, "grade_factors"),
            ({"settings": EXAMPLE | {"cutting_leave": ["annual"]}}, "cutting_leave"),
            ({"settings": EXAMPLE | {"cutting_leave": [["annual"]]}}, "cutting_leave"),
            ({"settings": EXAMPLE | {"frozen_day": "W01-1"}}, "frozen_day"),
            ({"settings": EXAMPLE | {"frozen_day": "W01"}}, "frozen_day"),
            ({"settings": EXAMPLE | {"frozen_day": "02-29"}}, "frozen_day"),
            ({"settings": {}}, "post_change"),
        ],
    )
    def test_terms_that_cannot_be_are_named(self, world, changes, field):
        with pytest.raises(ValidationError) as refused:
            new(world, terms=terms(world, **changes))
        assert field in refused.value.error_dict
        assert Scheme.objects.count() == 1
        assert Scheme.objects.get().last_day == dt.date(2020, 12, 31)

    def test_a_floor_of_bureaus_above_their_cap(self, world):
        with pytest.raises(ValidationError, match="不能高于上限"):
            new(world, terms=terms(world, bureau_floor=D("1.3")))

    def test_one_unit_may_have_formulas_of_its_own(self, world):
        park = build.unit("TZ-P", "park", world["zone"])
        own = {"unit": park.pk, "role": "term", "method": "F01", "parameters": REFERENCE}
        made = new(world, terms=terms(world, rules=[*terms(world).rules, own]))
        assert [rule.method for rule in made.rules_of(park.pk)] == ["F01"]
        assert [rule.method for rule in made.rules_of(world["zone"].pk)] == ["F13", "F02"]


REFERENCE = {"multiple": "2.5", "base_part": "3", "post_part": "3", "performance_part": "4", "part": "performance"}
LINKED = {"benefit": "tax", "rate": "0.8", "falling": "freeze", "preservation": "no", "last_pool": "figure"}
INCREMENT = {"source": "tax", "rate": "0.01", "rate_missed": "0.005", "target_growth": "0.06"}


class TestFormulas:
    """Each family in a whole run, by hand; the city's grade here is worth 1.0."""

    def pool(self, *rules, **figures):
        run = compute(build.small_zone(terms={"rules": rules}, **figures)["zone"])
        assert run.state == "computed", run.error
        assert sum(row.amount for row in run.allocations.all()) == run.pool
        return run

    def test_reference_multiple(self):
        """2.5 × 900 000 = 2 250 000, of it 4 of 10 parts: 900 000; the three parts are shown."""
        run = self.pool(("F01", "term", REFERENCE))
        assert run.pool == D("900000.00")
        parts = {part["key"]: part["value"] for part in run.trace["parts"][0]["parts"]}
        assert (parts["base_part"], parts["performance_part"]) == ("675000.00", "900000.00")
        assert run.lapsed == 0

    def test_linked(self):
        """Tax grew by 10 %, the pool by 0.8 of that: 1 080 000."""
        assert self.pool(("F03", "term", LINKED)).pool == D("1080000.00")

    def test_linked_does_not_grow_when_results_fall(self):
        run = self.pool(("F03", "term", LINKED), tax="900")
        assert run.pool == D("1000000.00")
        assert "no_growth_results_fell" in str(run.trace)

    def test_linked_may_follow_a_fall(self):
        """−10 % × 0.8 = −8 %."""
        assert self.pool(("F03", "term", LINKED | {"falling": "follow"}), tax="900").pool == D("920000.00")

    def test_linked_does_not_grow_when_assets_were_lost(self):
        kept = LINKED | {"preservation": "yes"}
        assert self.pool(("F03", "term", kept), asset_preservation="99.9").pool == D("1000000.00")

    def test_assets_that_were_preserved_do_not_stand_in_the_way(self):
        kept = LINKED | {"preservation": "yes"}
        assert self.pool(("F03", "term", kept), asset_preservation="101").pool == D("1080000.00")

    def test_increment_share_from_the_target_on(self):
        """1 100 ≥ 1 000 × 1.06: 1 % of 1 100 = 11; of 1 059 only half a per cent, 5.295 → 5.30."""
        assert self.pool(("F06", "term", INCREMENT)).pool == D("11.00")

    def test_increment_share_below_the_target(self):
        assert self.pool(("F06", "term", INCREMENT), tax="1059").pool == D("5.30")

    def test_nothing_of_a_year_that_brought_in_less_than_none(self):
        assert self.pool(("F06", "term", INCREMENT), tax="-5").pool == 0

    def test_terms_add_and_the_lowest_limit_holds(self):
        """1 056 800 + 11 = 1 056 811; F02 at 2 × 900 000 does not bite, F03 at 1 000 000 × 1.04 does."""
        run = self.pool(
            ("F13", "term", build.COMPOSITE),
            ("F06", "term", INCREMENT),
            ("F02", "limit", {"reference_multiple": "2"}),
            ("F03", "limit", LINKED | {"rate": "0.4"}),
        )
        assert (run.uncapped, run.pool, run.lapsed) == (D("1056811.00"), D("1040000.00"), D("16811.00"))
        assert [part["key"] for part in run.trace["parts"]] == ["uncapped_pool", "capped_to", "linked_limit"]

    @pytest.mark.parametrize(
        ("vintage", "value", "remarks"),
        [(dt.date(2020, 2, 1), "500000", []), (dt.date(2021, 2, 1), "1000000", ["restated_base"])],
    )
    def test_last_years_pool_from_the_approved_run(self, vintage, value, remarks):
        """A run of 2019 approved at 500 000 goes before the figure on file, unless that was restated after it."""
        of = build.zone()
        build.figure(of, "pool_base", 2020, "1000000", vintage=vintage)
        build.figure(of, "tax", 2020, "1100")
        build.figure(of, "tax", 2019, "1000")
        signed = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
        run = Run(year=2019, pool=D("500000.00"), approved_at=signed, instrument=build.instrument())
        linked = Rule.read({"role": "term", "method": "F03", "parameters": LINKED | {"last_pool": "run"}})
        scheme = PoolScheme([linked], {"second": D(1)}, "clamp")
        figures = Figure.objects.filter(unit=of).select_related("metric")
        found = Reading(2020, scheme, Settings.read(EXAMPLE), str).read(figures, run)
        assert found.values["last_pool"]["value"] == value
        assert [remark.code for remark in found.remarks] == remarks
        assert found.problems == []

    def test_every_formula_says_itself_with_its_numbers(self):
        for method, role, parameters in (
            ("F01", "term", REFERENCE),
            ("F03", "term", LINKED),
            ("F03", "limit", LINKED),
            ("F06", "term", INCREMENT),
            ("F13", "term", build.COMPOSITE),
        ):
            said = of_rule({"role": role, "method": method, "parameters": parameters}, {"tax": "税收"})
            assert "%(" not in said
            assert "0.8" in said or method in ("F01", "F06")
        assert "税收比上年增长 6% 以上" in of_rule(
            {"role": "term", "method": "F06", "parameters": INCREMENT}, {"tax": "税收"}
        )

    @pytest.mark.parametrize(
        ("method", "parameters", "field", "reason"),
        [
            ("F01", REFERENCE | {"multiple": "0"}, "multiple", "zero"),
            ("F01", REFERENCE | {"part": "half"}, "part", "not_offered"),
            ("F03", LINKED | {"rate": "1.1"}, "rate", "above_one"),
            ("F03", LINKED | {"benefit": "tax; drop"}, "benefit", "not_offered"),
            ("F06", INCREMENT | {"rate_missed": "0.02"}, "rate_missed", "above_rate"),
            ("F06", {**INCREMENT, "rate": ""}, "rate", "missing"),
            ("F13", build.COMPOSITE | {"alpha": "abc"}, "alpha", "not_exact"),
            ("F13", build.COMPOSITE | {"alpha": "1e99999999"}, "alpha", "eight_places"),
            ("F13", build.COMPOSITE | {"alpha": "1e-99999999"}, "alpha", "eight_places"),
            ("F13", build.COMPOSITE | {"alpha": "100000000"}, "alpha", "eight_places"),
            ("F13", build.COMPOSITE | {"alpha": "-1"}, "alpha", "negative"),
            ("F13", build.COMPOSITE | {"alpha": "NaN"}, "alpha", "not_finite"),
            ("F13", build.COMPOSITE | {"weight_gdp": "0.199"}, "weight_tax", "weights_not_one"),
        ],
    )
    def test_parameters_that_cannot_be(self, method, parameters, field, reason):
        with pytest.raises(BadParameter) as refused:
            Rule.read({"role": "term", "method": method, "parameters": parameters})
        assert (refused.value.field, refused.value.reason) == (field, reason)


class TestPages:
    def test_the_list_and_a_scheme_in_words(self, world, finance):
        found = world["zone"].schemes.get()
        assert "测试方案" in finance.get(reverse("schemes")).content.decode()
        page = finance.get(reverse("scheme", args=[found.pk])).content.decode()
        assert "联动系数 = 1 + 0.8 ×（0.5 × 税收增幅" in page
        assert "不超过参照收入的 2 倍" in page
        assert "照算，结案前暂缓发放" in page

    def test_trying_stores_nothing_and_says_the_difference(self, world, finance):
        compute(world["zone"])
        before = Scheme.objects.count(), PoolRule.objects.count(), AuditEntry.objects.count()
        data = entered(finance, world, term_F13_alpha="0.5", preview="1")
        page = finance.post(reverse("scheme_new", args=[world["zone"].code]), data)
        # 1 000 000 × (1 + 0.5 × 0.071) = 1 035 500 instead of 1 056 800
        assert "1,035,500.00" in page.content.decode()
        assert "-21,300.00" in page.content.decode().replace("−", "-")
        assert (Scheme.objects.count(), PoolRule.objects.count(), AuditEntry.objects.count()) == before

    def test_entering_a_version(self, world, finance):
        data = entered(finance, world, term_F13_alpha="0.5")
        page = finance.post(reverse("scheme_new", args=[world["zone"].code]), data)
        made = Scheme.objects.get(version=2)
        assert page.url == reverse("scheme", args=[made.pk])
        assert made.rules.get(method="F13").parameters["alpha"] == "0.5"
        again = finance.post(reverse("scheme_new", args=[world["zone"].code]), data)
        assert again.status_code == 200
        assert Scheme.objects.count() == 2

    def test_a_refusal_stands_at_its_field(self, world, finance):
        data = entered(finance, world, term_F13_floor="1.3")
        page = finance.post(reverse("scheme_new", args=[world["zone"].code]), data)
        assert page.context["form"].errors["term_F13_floor"] == ["联动下限：下限高于上限"]

    def test_what_is_wrong_in_the_head_hides_nothing_below(self, world, finance):
        data = entered(finance, world, term_F13_floor="1.3", settings_frozen_day="02-30", instrument="")
        page = finance.post(reverse("scheme_new", args=[world["zone"].code]), data)
        assert page.context["form"].errors.keys() == {"instrument", "term_F13_floor", "settings_frozen_day"}

    def test_only_finance_of_the_zone_may(self, world):
        client = Client()
        client.force_login(build.granted("hr", "hr", world["zone"]))
        assert client.get(reverse("scheme", args=[world["zone"].schemes.get().pk])).status_code == 200
        assert client.get(reverse("scheme_new", args=[world["zone"].code])).status_code in (403, 404)
        stranger = Client()
        stranger.force_login(build.granted("other", "finance", build.zone("FZ")))
        assert stranger.get(reverse("scheme", args=[world["zone"].schemes.get().pk])).status_code == 404
        assert stranger.post(reverse("scheme_new", args=[world["zone"].code]), {}).status_code == 404


class TestREST:
    def body(self, world, **changes) -> dict:
        listed = {name: value for name, value in vars(terms(world)).items() if name != "rules"}
        rules = [{key: row[key] for key in ("role", "method", "parameters")} for row in terms(world).rules]
        numbers = {name: str(value) for name, value in listed.items() if isinstance(value, D)}
        head = {"zone": world["zone"].code, "starts": "2021-01-01", "instrument": "test", "name": "新方案"}
        return listed | numbers | head | {"rules": rules} | changes

    def test_a_new_version_and_the_list_of_the_day(self, world, finance):
        address = reverse("api-schemes-list")
        made = finance.post(address, self.body(world), content_type="application/json")
        assert made.status_code == 201, made.content
        assert made.json()["version"] == 2
        listed = finance.get(f"{address}?on=2021-06-30").json()["results"]
        assert [row["version"] for row in listed] == [2]
        assert {rule["method"] for rule in listed[0]["rules"]} == {"F13", "F02"}

    def test_terms_that_cannot_be_and_zones_of_others(self, world, finance):
        address = reverse("api-schemes-list")
        bad = self.body(world, settings=EXAMPLE | {"sanction": "never"})
        refused = finance.post(address, bad, content_type="application/json")
        assert refused.status_code == 400
        assert "sanction" in refused.content.decode()
        other = build.zone("FZ")
        foreign = finance.post(address, self.body(world, zone=other.code), content_type="application/json")
        assert foreign.status_code == 404
        assert Scheme.objects.count() == 1
