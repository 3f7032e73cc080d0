"""A sheet of bank accounts: every line checked, nothing half written, numbers masked, other units' people not there."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common.imports import deeds
from common.models import AuditEntry, User
from pay.life import accounts
from pay.life.account_import import COLUMNS, AccountImporter
from pay.models import BankAccount
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 1, 1)


@pytest.fixture
def world():
    return build.small_zone()


def book(*rows: tuple) -> bytes:
    made = openpyxl.Workbook()
    made.active.title = "银行账户"
    made.active.append(COLUMNS)
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def line(staff_no: str, number: object = "6222000000000002", name: str = "", holder: str = "", starts: object = None):
    return (staff_no, name, "示例银行", number, holder, starts)


def importer(world, who: str = "clerk") -> AccountImporter:
    return AccountImporter(frozenset({world["zone"].pk}), build.acting(who), DAY, "账户.xlsx")


def faults(world, *rows: tuple) -> set[tuple[str, str]]:
    report = deeds.carry_out(book(*rows), importer(world))
    assert not BankAccount.objects.filter(period__startswith=DAY).exists()
    return {(fault.column, fault.reason) for fault in report.faults}


def test_written_from_the_day_and_once(world):
    content = book(line("TZ-p2", name="甲TZ-p2"), line("TZ-p1", "6222 0000 0000 0001", starts="2021-03-01"))
    report = deeds.carry_out(content, importer(world))
    assert report.written == {"added": 2, "changed": 0}
    rows = {row.person.staff_no: (row.number, row.starts) for row in BankAccount.objects.all()}
    assert rows == {
        "TZ-p2": ("6222000000000002", DAY),
        "TZ-p1": ("6222000000000001", dt.date(2021, 3, 1)),
    }
    again = deeds.carry_out(content, importer(world))
    assert (again.written, dict(again.counts)) == ({"added": 0, "changed": 0}, {"unchanged": 2})


def test_a_preview_writes_nothing_and_shows_no_number(world):
    report = deeds.preview(book(line("TZ-p2")), importer(world))
    assert not BankAccount.objects.exists()
    assert not AuditEntry.objects.filter(verb="add_account").exists()
    assert "6222000000000002" not in repr(report.lines)
    assert "************0002" in repr(report.lines)


def test_one_bad_line_and_nothing_is_written(world):
    found = faults(world, line("TZ-p1", "6222000000000001"), line("TZ-p2", "62220000"))
    assert found == {("账号", "账号须为 10 至 30 位数字，现为 8 位")}


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        (line("nobody"), "工号", "没有这个工号"),
        (line("TZ-p2", name="别人"), "姓名", "该工号是 甲TZ-p2"),
        (line("TZ-p2", "622200000000000X"), "账号", "只能是数字"),
        (line("TZ-p2", 6222000000000002), "账号", "失真"),
        (line("TZ-p2", "=1+1"), "账号", "公式"),
        (line("TZ-p2", starts="2021-13-01"), "启用日期", "没有这一天"),
        (("TZ-p2", "", "", "6222000000000002", "", None), "开户行", "须填写开户行"),
    ],
)
def test_what_is_wrong_is_named_by_its_column(world, row, column, word):
    found = faults(world, row)
    assert any(at == column and word in reason for at, reason in found), found


def test_a_person_twice_and_one_of_another_zone(world):
    build.small_zone("FZ")
    found = faults(world, line("TZ-p2"), line("TZ-p2", "6222000000000003"), line("FZ-p2"))
    assert {reason for _column, reason in found} == {"文件中重复", "没有这个工号，或不在您的管理范围"}


def test_a_change_ends_the_old_account_and_a_doubtful_card_is_noted(world):
    accounts.set_account(
        person=world["people"]["p2"], bank="示例银行", number="6222000000000002", starts=dt.date(2020, 1, 1),
        by=build.acting("clerk"),
    )  # fmt: skip
    report = deeds.carry_out(book(line("TZ-p2", "4539578763621487")), importer(world))
    assert (report.written, "TZ-p2" in report.notes[-1]) == ({"added": 0, "changed": 1}, True)
    old, new = BankAccount.objects.order_by("period")
    assert (old.last_day, new.starts) == (dt.date(2020, 12, 31), DAY)


def test_nobody_imports_his_own(world):
    person = world["people"]["p2"]
    person.user = User.objects.create_user("clerk")
    person.save()
    assert any("由其他财政人员登记" in reason for _column, reason in faults(world, line("TZ-p2")))


def test_its_pages_from_upload_to_list(world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = Client()
    client.force_login(build.granted("finance", "finance", world["zone"]))
    upload = client.post(reverse("account_import"), {"file": SimpleUploadedFile("账户.xlsx", book(line("TZ-p2")))})
    page = client.get(upload.url)
    text = page.content.decode()
    assert "************0002" in text
    assert "6222000000000002" not in text
    told = {"sha256": page.context["kept"].sha256, "outcome": page.context["report"].outcome}
    done = client.post(upload.url, told, follow=True).content.decode()
    assert "新登记 1 个账户" in done
    assert BankAccount.objects.get().number == "6222000000000002"
    assert AuditEntry.objects.filter(verb="import_accounts", user__username="finance").exists()


def test_over_rest(world):
    client = Client()
    client.force_login(build.granted("finance", "finance", world["zone"]))
    file = SimpleUploadedFile("账户.xlsx", book(line("TZ-p2")))
    answer = client.post("/api/v1/account-imports/", {"file": file, "dry_run": "false"})
    assert (answer.status_code, answer.json()["written"]) == (201, {"added": 1, "changed": 0})
