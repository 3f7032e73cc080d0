"""The law as services, pages and API: recorded by the establishment office alone, from a day on, never rewritten."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from knox.models import get_token_model

from common.models import AuditEntry
from common.rules import Rule
from config import rulebook
from orgchart import lawgiving
from orgchart.law import standings
from orgchart.lawgiving import ExceptionTerms, TierTerms
from orgchart.models import BureauVersion, Charter, Quota, RuleException
from tests import orgchart_builders as build
from zones.models import Industry, Instrument, Positioning

pytestmark = pytest.mark.django_db
STARTS = dt.date(2021, 1, 1)
#: What is posted for what the charter of the builders states.
TERMS = {("ORG-05", "max_levels"): Decimal(3), ("ORG-05", "sublevel_allowed"): Decimal(0)}


@pytest.fixture
def at():
    at = build.full_zone()
    at.users = {
        "bianban": build.user("bianban", "establishment", at.zone),
        "hr": build.user("hr", "hr", at.zone),
    }
    at.by = build.actor(at.users["bianban"])
    at.document = Instrument.objects.create(
        code="new-law", title="新规定", number="仪编〔2020〕8号", issuer="市委编委", issued_on=dt.date(2020, 12, 20)
    )
    return at


def record(at, **changes) -> Charter:
    given = {
        "zone": at.zone,
        "name": "新规定",
        "instrument": at.document,
        "starts": STARTS,
        "parameters": TERMS,
        "replacing": at.charter,
        "by": at.by,
        **changes,
    }
    return lawgiving.record_charter(**given)


def refusal(deed, *args, **kwargs) -> ValidationError:
    with pytest.raises(ValidationError) as error:
        deed(*args, **kwargs)
    return error.value


class TestService:
    def test_the_charter_before_ends_as_the_new_one_begins(self, at):
        new = record(at, limited_kinds=["bureaus"], limits={(at.zone, "bureaus"): 7, (at.park, "bureaus"): 5})
        at.charter.refresh_from_db()
        assert (at.charter.period, new.period) == (DateRange(build.REFORM, STARTS), DateRange(STARTS, None))
        assert new.parameter("ORG-05", "max_levels") == 3
        assert new.parameter("ORG-06", "min_ratio") is None
        limits = {quota.starts: quota.limit for quota in Quota.objects.filter(unit=at.zone)}
        assert limits == {build.REFORM: 5, STARTS: 7}
        # What stays as it was keeps its row and its document.
        assert Quota.objects.get(unit=at.park).instrument == at.instrument
        entry = AuditEntry.objects.get(verb="record_charter")
        assert (entry.after["limits"][0]["limit"], entry.user) == (7, at.users["bianban"])

    def test_of_two_who_saw_the_same_charter_the_second_is_told(self, at):
        record(at)
        assert refusal(record, at, starts=dt.date(2021, 6, 1)).code == "stale"
        assert Charter.objects.filter(zone=at.zone).count() == 2

    def test_posted_twice_it_is_recorded_once(self, at):
        record(at)
        assert refusal(record, at).code == "stale"
        assert AuditEntry.objects.filter(verb="record_charter").count() == 1

    def test_not_before_its_document(self, at):
        assert "starts" in refusal(record, at, starts=dt.date(2020, 12, 19)).message_dict
        assert record(at, starts=dt.date(2020, 12, 20)).starts == dt.date(2020, 12, 20)

    def test_a_parameter_that_no_rule_asks_for(self, at):
        assert "parameters" in refusal(record, at, parameters={("ORG-06", "least"): Decimal(1)}).message_dict

    def test_what_stands_must_keep_it(self, at):
        assert refusal(record, at, parameters={("ORG-06", "min_ratio"): Decimal("0.61")}).code == "ORG-06"
        assert refusal(record, at, limits={(at.zone, "bureaus"): 4}).code == "ORG-05"
        assert refusal(record, at, limited_kinds=["leaders"]).code == "CHARTER"
        assert Charter.objects.get(zone=at.zone).period == build.SINCE

    def test_with_an_exception_for_what_is_over(self, at):
        terms = ExceptionTerms(at.zone, "ORG-05", "bureaus", 1, note="逐步消化")
        record(at, limits={(at.zone, "bureaus"): 4}, exceptions=[terms])
        exception = RuleException.objects.get()
        assert (exception.allowed, exception.period) == (1, DateRange(STARTS, None))
        ended = lawgiving.end_exception
        assert refusal(ended, exception=exception, on=dt.date(2021, 6, 30), by=at.by, reason="误").code == "ORG-05"

    @pytest.mark.parametrize(
        ("terms", "field"),
        [({"measure": "nothing"}, "measure"), ({"rule": "ORG-02", "measure": "number"}, "measure"),
         ({"ends": dt.date(2020, 12, 31)}, "ends"), ({"unit": "town"}, "unit"), ({"allowed": 0}, "__all__")],
    )  # fmt: skip
    def test_an_exception_that_is_none(self, at, terms, field):
        given = {"unit": "zone", "rule": "ORG-05", "measure": "bureaus", "allowed": 1, **terms}
        given["unit"] = getattr(at, given["unit"])
        error = refusal(
            lawgiving.record_exception, zone=at.zone, terms=ExceptionTerms(**given), instrument=at.document,
            starts=STARTS, by=at.by,
        )  # fmt: skip
        assert (
            field in error.message_dict if hasattr(error, "error_dict") else error.code == "orgchart_exception_allowed"
        )

    def test_tiers_that_stay_keep_their_rows(self, at):
        tiers = [TierTerms(n, tier.kind, tier.name) for n, tier in enumerate(at.tiers, start=1)]
        tiers[2] = TierTerms(3, "staff", "专员")
        record(at, tiers=tiers)
        standing = list(at.zone.tiers.on(STARTS).order_by("number"))
        assert [tier.pk for tier in standing[:2]] == [tier.pk for tier in at.tiers[:2]]
        assert (standing[2].name, standing[2].starts) == ("专员", STARTS)

    def test_quotas_alone(self, at):
        args = {"zone": at.zone, "instrument": at.document, "starts": STARTS, "by": at.by}
        (quota,) = lawgiving.set_limits(limits={(at.zone, "leaders"): 5, (at.park, "bureaus"): 5}, **args)
        assert (quota.kind, quota.limit) == ("leaders", 5)
        assert "limits" in refusal(lawgiving.set_limits, limits={(at.town, "staff"): 5}, **args).message_dict
        assert AuditEntry.objects.get(verb="set_limit").key == str(quota.pk)


@pytest.fixture
def look(at):
    def look(who: str, page: str, **params) -> str:
        client = Client()
        client.force_login(at.users[who])
        answer = client.get(reverse(page, args=["YZ"]), params)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    return look


class TestPages:
    def test_the_law_of_the_day_and_the_one_before(self, at, look):
        record(at, limits={(at.zone, "bureaus"): 7})
        text = look("hr", "charter")
        assert "新规定" in text
        assert "体制调整方案" in text
        assert "有变" in text
        assert "录入新规定" not in text
        assert "录入新规定" in look("bianban", "charter")
        before = look("hr", "charter", on="2020-06-30")
        assert "60" in before
        assert "有变" not in before

    def test_the_establishment_office_records_one_with_its_document(self, at):
        client = Client()
        client.force_login(at.users["bianban"])
        address = reverse("charter_new", args=["YZ"])
        form = client.get(address).context["form"]
        data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        data = {name: value for name, value in data.items() if value not in (None, [])}
        assert (data["p_ORG-06_min_ratio"], data["q_YZ_bureaus"]) == ("60", 5)
        data |= {"name": "细则", "starts": "2021-01-01", "p_ORG-06_min_ratio": "50", "q_YZ_bureaus": "6"}
        missing = client.post(address, data)
        assert "请选择已登记的批文" in missing.content.decode()
        data |= {
            "new_title": "细则",
            "new_number": "仪编〔2020〕9号",
            "new_issuer": "编委",
            "new_issued_on": "2020-12-01",
        }
        refused = client.post(address, data | {"p_ORG-06_min_ratio": "61"})
        assert "ORG-06" in refused.content.decode()
        assert not Instrument.objects.filter(number="仪编〔2020〕9号").exists()
        done = client.post(address, data)
        assert done.status_code == 302, done.context["form"].errors
        charter = Charter.objects.get(name="细则")
        assert (charter.parameter("ORG-06", "min_ratio"), charter.instrument.number) == (
            Decimal("0.5"),
            "仪编〔2020〕9号",
        )
        assert Quota.objects.get(unit=at.zone, kind="bureaus", period__contains=STARTS).limit == 6
        again = client.post(address, data)
        assert "已有变动" in again.content.decode() or "已登记" in again.content.decode()
        assert Charter.objects.filter(name="细则").count() == 1

    def test_hr_may_not(self, at):
        client = Client()
        client.force_login(at.users["hr"])
        for page in ("charter_new", "exception_new"):
            assert client.get(reverse(page, args=["YZ"])).status_code == 403
            assert client.post(reverse(page, args=["YZ"]), {}).status_code == 403

    def test_an_exception_by_form(self, at):
        client = Client()
        client.force_login(at.users["bianban"])
        data = {
            "unit": "YZ",
            "about": "ORG-05/bureaus",
            "allowed": "2",
            "starts": "2021-01-01",
            "instrument": at.instrument.code,
        }
        done = client.post(reverse("exception_new", args=["YZ"]), data)
        assert done.status_code == 302, done.context["form"].errors
        exception = RuleException.objects.get()
        assert exception.allowed == 2
        page = reverse("exception_end", args=["YZ", exception.pk])
        assert page in client.get(reverse("charter", args=["YZ"]), {"on": "2021-02-01"}).content.decode()
        client.force_login(at.users["hr"])
        assert client.post(page, {"on": "2021-06-30", "reason": "已消化"}).status_code == 403
        client.force_login(at.users["bianban"])
        assert "理由" in client.post(page, {"on": "2021-06-30"}).content.decode()
        assert client.post(page, {"on": "2021-06-30", "reason": "已消化"}).status_code == 302
        exception.refresh_from_db()
        assert exception.period.upper == dt.date(2021, 7, 1)
        before = client.post(page, {"on": "2020-06-30", "reason": "早于开始"})
        assert before.status_code == 200

    def test_another_zones_office_finds_nothing(self, at):
        build.full_zone("XX")
        client = Client()
        client.force_login(at.users["bianban"])
        for page in ("charter", "charter_new", "exception_new", "rules"):
            assert client.get(reverse(page, args=["XX"])).status_code == 404


class TestRulesPage:
    def test_the_short_address_leads_to_the_visitors_zone(self, at):
        client = Client()
        client.force_login(at.users["hr"])
        assert client.get("/rules/?on=2020-06-30").headers["Location"] == "/rules/YZ/?on=2020-06-30"

    def test_every_rule_with_its_state(self, at, look):
        text = look("hr", "rules")
        for rule_id in Rule.registry:
            assert f'id="{rule_id}"' in text
        states = {each.rule.id: each.state for each in standings(at.zone.pk, build.DAY, at.charter)}
        assert (states["ORG-05"], states["ORG-10"], states["PST-01"]) == ("kept", "unadopted", "unjudged")

    def test_offenders_are_named_and_linked(self, at, look):
        BureauVersion.objects.filter(bureau=at.park_bureaus[0]).update(nature="support")
        text = look("hr", "rules", state="broken")
        assert "主责主业机构 2/5，低于 60%" in text
        assert f'href="{reverse("unit", args=["YZ-P"])}"' in text
        assert 'id="ORG-05"' not in text
        everything = look("hr", "rules")
        assert everything.index('id="ORG-06"') < everything.index('id="ORG-01"')
        BureauVersion.objects.filter(bureau=at.park_bureaus[0]).update(nature="core")

    def test_a_person_is_named_only_to_who_may_see_him(self, at, look):
        person = build.seat(build.post(at, "C1", at.zone, at.bureaus[0], 2), "张三丰")
        with connection.cursor() as cursor:
            cursor.execute("update zones_unitversion set organ = 'administrative' where unit_id = %s", [at.zone.pk])
        assert "张三丰" in look("hr", "rules")
        seen = look("bianban", "rules")
        assert "张三丰" not in seen
        assert person.staff_no not in seen
        assert "一名工作人员" in seen
        with connection.cursor() as cursor:
            cursor.execute("update zones_unitversion set organ = '' where unit_id = %s", [at.zone.pk])

    def test_another_zones_park_is_not_named(self, at, look):
        there = build.full_zone("XZ", city=at.city)
        cars = Industry.objects.create(code="cars", name="汽车整车")
        for park in (at.park, there.park):
            Positioning.objects.create(unit=park, industry=cars, period=build.SINCE)
        text = look("hr", "rules")
        assert "与另一单位的产业定位重叠：汽车整车" in text
        assert "XZ化工园" not in text

    def test_the_document_is_current(self):
        call_command("rules_doc", "--check")

    def test_the_document_cites_only_what_was_read(self):
        text = rulebook.text()
        assert "地方各级人民政府机构设置和编制管理条例 15" in text
        assert "中国共产党机构编制工作条例" not in text


class TestApi:
    @pytest.fixture
    def client_of(self, at):
        def client_of(who: str, *scopes: str) -> Client:
            _row, token = get_token_model().objects.create(at.users[who], scopes=list(scopes) or ["*:read", "*:write"])
            return Client(headers={"Authorization": f"Token {token}"})

        return client_of

    def body(self, at, **changes) -> dict:
        return {
            "zone": "YZ", "name": "新规定", "instrument": "new-law", "starts": "2021-01-01",
            "replacing": at.charter.pk,
            "parameters": [{"rule": "ORG-06", "name": "min_ratio", "value": "0.5"}],
            "limits": [{"unit": "YZ", "kind": "bureaus", "limit": 6}],
            "exceptions": [],
            **changes,
        }  # fmt: skip

    def post(self, client: Client, body: dict):
        return client.post("/api/v1/charters/", body, content_type="application/json")

    def test_a_charter_by_post(self, at, client_of):
        answer = self.post(client_of("bianban"), self.body(at))
        assert answer.status_code == 201, answer.content
        said = answer.json()
        assert said["parameters"] == [{"rule": "ORG-06", "name": "min_ratio", "value": "0.5000"}]
        assert {"unit": "YZ", "kind": "bureaus", "limit": 6} in [
            {key: quota[key] for key in ("unit", "kind", "limit")} for quota in said["quotas"]
        ]

    def test_a_rule_refuses_with_its_id(self, at, client_of):
        body = self.body(at, limits=[{"unit": "YZ", "kind": "bureaus", "limit": 4}])
        answer = self.post(client_of("bianban"), body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "ORG-05")
        excepted = [{"unit": "YZ", "rule": "ORG-05", "measure": "bureaus", "allowed": 1}]
        answer = self.post(client_of("bianban"), body | {"exceptions": excepted})
        assert answer.status_code == 201, answer.content
        assert answer.json()["exceptions"][0]["allowed"] == 1

    def test_hr_may_not_and_a_stranger_finds_no_zone(self, at, client_of):
        assert self.post(client_of("hr"), self.body(at)).status_code == 403
        build.full_zone("XX")
        assert self.post(client_of("bianban"), self.body(at, zone="XX")).status_code == 404
        assert self.post(client_of("bianban", "charter:read"), self.body(at)).status_code == 403
