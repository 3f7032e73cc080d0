"""Files of pay: the bank's, payout lists, corrections, slips in one archive, spreads."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import statistics
import zipfile
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from common import jobs
from common.models import AuditEntry, Job, User
from pay.life import accounts, differentiation, payouts
from pay.models import BankAccount, Payout
from pay.spread import Paid, root, spread_of
from reports import bank_file, slips
from reports.models import IssuedReport
from tests import pay_builders as build

database = pytest.mark.django_db


@pytest.fixture
def world(db):
    made = build.small_zone()
    for number, person in enumerate(made["people"].values()):
        accounts.set_account(
            person=person, bank="示例银行", number=f"62220000000000{number:02d}", starts=dt.date(2020, 1, 1),
            by=build.acting("clerk"),
        )  # fmt: skip
    return made | {"run": build.approved(build.computed(made["zone"]))}


def client(role: str, unit) -> Client:
    found = Client()
    found.force_login(User.objects.filter(username=role).first() or build.granted(role, role, unit))
    return found


def released(world, part: str = "current", **more) -> Payout:
    payout = payouts.draft_payout(run=world["run"], part=part, by=build.acting("clerk"))
    return payouts.release_payout(payout=payout, by=build.acting("releaser"), **more)


def download(world, kind: str, key, format: str, role: str = "finance"):
    return client(role, world["zone"]).get(reverse("report_download", args=[kind, key, format]))


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


class TestBankFile:
    def rows(self, world, payout: Payout) -> list[list[str]]:
        answer = download(world, "bank-file", payout.pk, "csv")
        assert answer.status_code == 200, answer.content.decode()
        issued = IssuedReport.objects.get(kind="bank-file")
        assert issued.sha256 == hashlib.sha256(answer.content).hexdigest()
        return list(csv.reader(io.StringIO(answer.content.decode("gbk"))))

    def test_one_line_a_person_in_gbk_summing_to_what_is_paid(self, world):
        payout = released(world)
        head, *rows = self.rows(world, payout)
        assert head == ["序号", "账号", "户名", "开户行", "金额", "附言"]
        assert sum(Decimal(row[4]) for row in rows) == payout.total
        assert {len(row[1]) for row in rows} == {16}
        assert len(rows) == len({row[2] for row in rows}) == 5

    def test_each_number_that_went_out_is_on_record(self, world):
        self.rows(world, released(world))
        entries = AuditEntry.objects.filter(verb="read_account", after__place="bank_file")
        assert entries.count() == 5
        assert {(entry.user.username, entry.door, entry.address) for entry in entries} == {
            ("finance", "page", "127.0.0.1")
        }

    def test_what_is_outside_gbk_is_named_by_person_until_the_bank_s_name_is_entered(self, world):
        person = world["people"]["p2"]
        person.name = "甲𬭎"
        person.save()
        payout = released(world)
        answer = download(world, "bank-file", payout.pk, "csv")
        assert answer.status_code == 409
        assert "甲𬭎（TZ-p2：𬭎）" in answer.content.decode()
        assert not IssuedReport.objects.exists()
        BankAccount.objects.filter(person=person).update(
            period=build.period(dt.date(2020, 1, 1), dt.date(2020, 12, 31))
        )
        payouts_line = payout.lines.get(person=person)
        assert payouts_line.account.holder == ""

    def test_a_holder_of_the_banks_own_is_what_stands_there(self, world):
        person = world["people"]["p2"]
        person.name = "甲𬭎"
        person.save()
        accounts.set_account(
            person=person, bank="示例银行", number="6222000000000002", holder="甲HONG", starts=dt.date(2020, 1, 1),
            by=build.acting("clerk"),
        )  # fmt: skip
        rows = self.rows(world, released(world))
        assert "甲HONG" in {row[2] for row in rows}

    def test_no_cell_is_a_formula(self, world):
        person = world["people"]["p2"]
        person.name = "=cmd|'/c calc'!A1"
        person.save()
        rows = self.rows(world, released(world))
        assert "'=cmd|'/c calc'!A1" in {row[2] for row in rows}

    def test_what_waits_is_left_out(self, world):
        BankAccount.objects.filter(person=world["people"]["p2"]).delete()
        payout = released(world, leave_out=True)
        rows = self.rows(world, payout)[1:]
        line = payout.lines.get(held=True)
        assert len(rows) == 4
        assert sum(Decimal(row[4]) for row in rows) == payout.total - line.amount

    def test_before_its_release_there_is_none(self, world):
        payout = payouts.draft_payout(run=world["run"], part="current", by=build.acting("clerk"))
        answer = download(world, "bank-file", payout.pk, "csv")
        assert (answer.status_code, "审核发放之后" in answer.content.decode()) == (409, True)

    @pytest.mark.parametrize(("role", "status"), [("hr", 404), ("auditor", 404), ("evaluator", 404)])
    def test_it_is_finances_only(self, world, role, status):
        assert download(world, "bank-file", released(world).pk, "csv", role).status_code == status

    def test_its_columns_are_the_installations(self, world, settings):
        settings.BANK_FILE_COLUMNS = ["holder", "amount"]
        assert self.rows(world, released(world))[0] == ["户名", "金额"]
        settings.BANK_FILE_COLUMNS = ["holder", "password"]
        with pytest.raises(ImproperlyConfigured, match="password"):
            bank_file.build(Payout.objects.get())


class TestTables:
    def test_the_payout_list_sums_with_what_waits(self, world):
        BankAccount.objects.filter(person=world["people"]["p2"]).delete()
        payout = released(world, leave_out=True)
        book = openpyxl.load_workbook(io.BytesIO(download(world, "payout-list", payout.pk, "xlsx").content)).active
        rows = [[cell.value for cell in row] for row in book.iter_rows()]
        total = next(row for row in rows if row[0] == "合计")
        assert Decimal(str(total[3])) == payout.total
        assert Decimal(str(total[4])) + Decimal(str(total[5])) == payout.total
        assert "6222000000000001" not in str(rows)
        text = text_of(download(world, "payout-list", payout.pk, "pdf", "hr").content)
        assert "634,080.00" in text

    def test_the_table_of_a_correction(self, world):
        row = world["run"].allocations.get(person=world["people"]["p2"])
        second = build.correction(world["run"], {row.pk: row.amount + Decimal("55.55")})
        text = text_of(download(world, "correction", second.pk, "pdf").content)
        assert "55.55" in text
        assert "甲TZ-p2" in text.replace("\n", "").replace(" ", "")
        assert "甲TZ-p1" not in text.replace("\n", "").replace(" ", "")
        assert download(world, "correction", world["run"].pk, "pdf").status_code == 404
        assert download(world, "correction", second.pk, "pdf", "evaluator").status_code == 404

    def test_what_closed_the_run_stands_in_the_table_of_pools(self, world):
        world["run"].instrument.number = "测绩发〔2021〕1号"
        world["run"].instrument.save()
        book = openpyxl.load_workbook(
            io.BytesIO(download(world, "pool-determination", world["run"].pk, "xlsx").content)
        ).active
        assert "测绩发〔2021〕1号" in {cell.value for row in book.iter_rows() for cell in row}


class TestSlips:
    def test_a_worker_makes_one_a_person_and_the_owner_fetches_them(self, world, settings, tmp_path, monkeypatch):
        settings.MEDIA_ROOT = tmp_path
        monkeypatch.setattr(jobs, "send", lambda _job: None)
        hr = client("hr", world["zone"])
        address = hr.post(reverse("slips_start", args=[world["run"].pk])).url
        assert hr.post(reverse("slips_start", args=[world["run"].pk])).url == address  # twice is once
        job = Job.objects.get()
        outcome = slips.make(job, jobs.Progress(job))
        assert (job.done, job.total) == (5, 5)
        archive = hr.get(outcome.url)
        assert archive["Content-Type"] == "application/zip"
        names = zipfile.ZipFile(io.BytesIO(archive.content)).namelist()
        assert names == [f"TZ-p{n}.pdf" for n in (1, 2, 3, 4, 5)]
        content = zipfile.ZipFile(io.BytesIO(archive.content)).read("TZ-p2.pdf")
        text = text_of(content)
        amount = world["run"].allocations.get(person=world["people"]["p2"]).amount
        assert f"{amount:,.2f}" in text
        assert IssuedReport.objects.filter(sha256=hashlib.sha256(content).hexdigest()).exists()
        assert IssuedReport.objects.filter(sha256=outcome.result["sha256"], format="zip").exists()
        assert client("finance", world["zone"]).get(outcome.url).status_code == 404  # another's
        kept = b"".join(path.read_bytes() for path in (tmp_path / "imports").iterdir())
        assert b"PK\x03\x04" not in kept  # encrypted at rest

    def test_rights_are_those_of_the_hour_in_which_it_runs(self, world, monkeypatch):
        monkeypatch.setattr(jobs, "send", lambda _job: None)
        client("hr", world["zone"]).post(reverse("slips_start", args=[world["run"].pk]))
        build.Grant.objects.all().delete()
        with pytest.raises(jobs.Abandoned):
            slips.make(Job.objects.select_related("by").get(), jobs.Progress(Job.objects.get()))

    @pytest.mark.parametrize("role", ["evaluator", "establishment"])
    def test_others_get_none(self, world, role):
        assert client(role, world["zone"]).post(reverse("slips_start", args=[world["run"].pk])).status_code in (
            403,
            404,
        )

    def test_staff_download_their_own_and_nobody_elses(self, world):
        person, other = world["people"]["p2"], world["people"]["p1"]
        person.user = User.objects.create_user("p2")
        person.save()
        own = Client()
        own.force_login(person.user)
        run = world["run"].pk
        answer = own.get(reverse("report_download", args=["pay-slip", f"{run}-{person.pk}", "pdf"]))
        assert answer.status_code == 200
        assert "甲TZ-p2" in text_of(answer.content).replace("\n", "").replace(" ", "")
        for key in (f"{run}-{other.pk}", f"{run}-0", f"{run}", f"{run}-{person.pk}-1", f"x-{person.pk}"):
            assert own.get(reverse("report_download", args=["pay-slip", key, "pdf"])).status_code == 404

    def test_a_draft_has_no_slips(self, world):
        draft = build.computed(build.small_zone("NZ")["zone"])
        finance = client("finance", draft.unit)
        assert finance.post(reverse("slips_start", args=[draft.pk])).status_code == 404

    def test_over_rest(self, world, monkeypatch):
        monkeypatch.setattr(jobs, "send", lambda _job: None)
        address, data = "/api/v1/pay-slips/", {"run": world["run"].pk}
        answer = client("finance", world["zone"]).post(address, data, content_type="application/json")
        assert (answer.status_code, answer.json()["state"]) == (202, "queued")


# --- spreads ----------------------------------------------------------------------------------------

amounts = st.lists(st.integers(0, 10**8).map(lambda n: Decimal(n) / 100), min_size=1, max_size=30)


@given(amounts)
def test_a_spread_is_what_statistics_say(values):
    found = spread_of([Paid(value) for value in values])
    assert (found.least, found.most) == (min(values), max(values))
    assert found.median == Fraction(statistics.median(values))
    assert found.mean == sum(map(Fraction, values)) / len(values)
    if found.mean:
        wanted = statistics.pstdev(map(float, values)) / float(found.mean)
        assert abs(float(found.variation) - wanted) < 1e-6
    else:
        assert found.variation is None


@given(st.fractions(0, 10**6))
def test_a_root_is_the_greatest_below(value):
    found = root(value)
    assert found * found <= value < (found + Fraction(1, 10**8)) ** 2


def test_nobody_has_no_spread():
    with pytest.raises(ValueError, match="nobody"):
        spread_of([])


class TestDifferentiation:
    def more(self, world) -> None:
        """Three more in the same post grade for the whole year, each with another grade of assessment."""
        for number, rating in enumerate(("excellent", "competent", "basic")):
            person = build.person(f"TZ-m{number}", world["zone"])
            build.appoint(person, build.post(f"TZ-M{number}", world["zone"], world["a"]))
            build.result(world["cycle"], world["zone"], rating=rating, person=person)

    def test_same_grade_other_results_other_pay(self, db):
        world = build.small_zone()
        self.more(world)
        run = build.computed(world["zone"])
        found = differentiation.of_units([world["zone"].pk], dt.date(2021, 1, 1))
        (row,) = found.rows
        paid = sorted(
            run.allocations.filter(person__staff_no__in=["TZ-p2", "TZ-m0", "TZ-m1", "TZ-m2"]).values_list(
                "amount", flat=True
            )
        )
        assert (row.year, row.spread.count, row.spread.least, row.spread.most) == (2020, 4, paid[0], paid[-1])
        assert round(row.spread.ratio, 4) == Fraction(3, 2)  # 1.2 ÷ 0.8
        assert row.spread.by_rating["excellent"][0] == 1
        # p3 changed post, p5 came in April, the two heads are too few.
        assert found.left_out == 4

    def test_its_page_and_its_workbook(self, db):
        world = build.small_zone()
        self.more(world)
        build.computed(world["zone"])
        hr = client("hr", world["zone"])
        page = hr.get(reverse("differentiation", args=["TZ"])).content.decode()
        assert "变异系数" in page
        assert "<svg" in page
        book = hr.get(reverse("report_download", args=["differentiation", "TZ", "xlsx"]))
        rows = [[c.value for c in row] for row in openpyxl.load_workbook(io.BytesIO(book.content)).active.iter_rows()]
        assert any(row[0] == "2020" and row[2] == 4 for row in rows)
        assert client("evaluator", world["zone"]).get(reverse("differentiation", args=["TZ"])).status_code == 403
