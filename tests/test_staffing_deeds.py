"""What is done to appointments and rosters on pages: appoint, transfer, renew, end; upload, look, confirm."""

import csv
import datetime as dt
import io
import threading

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common import uploads
from common.models import AuditEntry
from staffing.models import Appointment, Person
from staffing.roster.resources import COLUMNS
from tests import staffing_builders as build
from tests.desk_builders import ON, export, get, post, signing_in, text, three_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone():
    return three_in_post()


@pytest.fixture
def as_(client, zone):
    """Sign in as one of the personas."""
    return signing_in(client, zone)


# --- deeds ------------------------------------------------------------------------------------------------


TERMS = {"starts": "2020-07-01", "decided_on": "2020-07-01", "term_ends": "2023-06-30", "step": "1"}


def held(who) -> Appointment:
    return Appointment.objects.filter(person=who).order_by("-period", "-pk").first()


def test_hr_ends_an_appointment_and_comes_back_to_the_person(as_, zone):
    client = as_("hr")
    answer = post(client, "appointment_end", held(zone.li).pk, reason="resignation", on=ON, note="个人原因")
    assert answer.url == f"/people/T-2/?on={ON}"
    assert (held(zone.li).last_day.isoformat(), held(zone.li).end_reason) == (ON, "resignation")
    assert "已结束 李四 的聘任" in text(client.get(answer.url))


def test_hr_transfers_and_is_told_who_sits_there(as_, zone):
    client = as_("hr")
    full = post(client, "appointment_transfer", held(zone.li).pk, post="YZ-INV-H", **TERMS)
    assert full.status_code == 200, "the post is full, so it is not on offer"
    assert "post" in full.context["form"].errors
    done = post(client, "appointment_transfer", held(zone.li).pk, post="YZ-ECO-C", **TERMS)
    assert done.status_code == 302
    assert held(zone.li).post == zone.eco_clerk


def test_hr_appoints_from_either_side(as_, zone):
    build.person(zone, "新人", "T-8")
    build.person(zone, "又一人", "T-9")
    client = as_("hr")
    assert post(client, "appoint", "T-8", post="YZ-INV-C", kind="primary", **TERMS).status_code == 302
    assert post(client, "post_appoint", "YZ-ECO-C", staff_no="T-9", kind="primary", **TERMS).status_code == 302
    assert Appointment.objects.filter(person__staff_no__in=["T-8", "T-9"]).count() == 2
    unknown = post(client, "post_appoint", "YZ-L", staff_no="X-1", kind="primary", **TERMS)
    assert "staff_no" in unknown.context["form"].errors


def test_hr_renews_and_corrects(as_, zone):
    client = as_("hr")
    form = {"starts": "2022-11-01", "decided_on": "2022-11-01", "term_ends": "2025-10-31", "step": "2"}
    assert post(client, "appointment_renew", held(zone.li).pk, **form).status_code == 302
    assert (held(zone.li).starts, held(zone.li).seat) == (dt.date(2022, 11, 1), 1)
    form |= {"step": "4", "reason": "录入有误"}
    assert post(client, "appointment_edit", held(zone.li).pk, **form).status_code == 302
    assert held(zone.li).step == 4
    assert AuditEntry.objects.get(verb="correct_appointment").reason == "录入有误"


def test_a_new_person_is_entered_and_led_to_a_post(as_, zone):
    client = as_("hr")
    data = {"name": "新人", "national_id": build.national_id(800, gender="F"), "home_unit": "YZ"}
    bad = post(client, "person_add", category="quota", identity="enterprise", **data | {"name": "=1+1"})
    assert "name" in bad.context["form"].errors
    done = post(client, "person_add", category="quota", identity="enterprise", **data)
    assert done.url == f"/people/YZ-00001/appoint/?on={ON}"
    assert Person.objects.get(staff_no="YZ-00001").gender == "F"


def test_a_stale_page_is_refused_and_keeps_what_was_typed(as_, zone):
    client = as_("hr")
    form = get(client, "person_edit", "T-2").context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    Person.objects.filter(staff_no="T-2").update(education="博士研究生")
    answer = post(client, "person_edit", "T-2", **data | {"original_rank": "科员"})
    assert "刚被他人修改" in text(answer)
    assert 'value="科员"' in text(answer)
    zone.li.refresh_from_db()
    assert (zone.li.original_rank, zone.li.education) == ("", "博士研究生")
    data["seen"] = get(client, "person_edit", "T-2").context["form"]["seen"].value()
    assert post(client, "person_edit", "T-2", **data | {"original_rank": "科员"}).status_code == 302


@pytest.mark.parametrize(("persona", "code"), [("auditor", 403), ("head", 403), ("staff", 403), ("stranger", 404)])
@pytest.mark.parametrize("deed", ["end", "transfer", "renew", "edit"])
def test_others_change_nothing(as_, zone, persona, code, deed):
    client = as_(persona)
    before = AuditEntry.objects.count()
    for send in (get, post):
        assert send(client, f"appointment_{deed}", held(zone.li).pk).status_code == code
    assert AuditEntry.objects.count() == before


def test_a_clerk_finds_no_deeds_on_his_own_page(as_, zone):
    client = as_("hr")
    zone.li.user_id = client.session["_auth_user_id"]
    zone.li.save()
    page = text(get(client, "person", "T-2"))
    assert reverse("appointment_end", args=[held(zone.li).pk]) not in page
    refused = post(client, "appointment_end", held(zone.li).pk, reason="resignation", on=ON)
    assert "本人" in text(refused)


# --- import -----------------------------------------------------------------------------------------------


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def a_file(client, **change) -> SimpleUploadedFile:
    rows = export(client, format="csv")
    rows[1] |= change
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile("花名册.csv", out.getvalue().encode("utf-8-sig"))


def upload(client, file) -> str:
    answer = client.post(f"{reverse('roster_import')}?on={ON}", {"file": file})
    assert answer.status_code == 302
    return answer.url


def confirm(client, address: str, page, **change):
    kept = page.context["kept"]
    return client.post(address, {"sha256": kept.sha256, "outcome": page.context["report"].outcome, **change})


def test_upload_look_confirm(as_, zone, media):
    client = as_("hr")
    address = upload(client, a_file(client, 档级="5"))
    page = client.get(address)
    assert page.context["report"].counts == {"changed": 1, "unchanged": 3}
    assert held(zone.li).step == 1
    done = confirm(client, address, page)
    assert done.url == f"/roster/?on={ON}"
    assert held(zone.li).step == 5
    assert "更正聘任 1 项" in text(client.get(done.url))
    (left,) = (media / "imports").iterdir()
    assert left.stat().st_size < 1000, "of the file itself nothing is left"


def test_who_confirms_twice_is_told_that_it_is_done(as_, zone, media, client):
    address = upload(as_("hr"), a_file(client, 档级="5"))
    page = client.get(address)
    confirm(client, address, page)
    before = (AuditEntry.objects.count(), Appointment.objects.count())
    client.get(f"{reverse('roster')}?on={ON}")
    for once_more in (lambda: confirm(client, address, page), lambda: client.get(address)):
        again = once_more()
        assert again.url == f"/roster/?on={ON}"
        assert "已导入，没有重复写入：新录入 0 人，更正 0 人；新聘任 0 项，更正聘任 1 项" in text(client.get(again.url))
    assert (AuditEntry.objects.count(), Appointment.objects.count()) == before
    assert client.get(address.replace("?", "errors/?")).status_code == 404
    client.force_login(build.user("hr2", role="hr", on=zone.unit))
    assert confirm(client, address, page).status_code == 404
    assert client.get(address).status_code == 404


def test_the_second_of_two_confirmations_at_once_waits_for_the_first(as_, media, client):
    as_("hr")
    owner = int(client.session["_auth_user_id"])
    kept = uploads.keep(owner, "a.csv", b"x")
    entered, seen = threading.Event(), []

    def second():
        entered.set()
        try:
            with uploads.taken(owner, kept.token):
                seen.append("carried out again")
        except uploads.Finished as finished:
            seen.append(finished.written)

    other = threading.Thread(target=second)
    with uploads.taken(owner, kept.token):
        other.start()
        entered.wait(5)
        other.join(0.2)
        assert seen == []
        uploads.finish(owner, kept.token, {"appointed": 1})
    other.join(5)
    assert seen == [{"appointed": 1}]


def test_a_formula_does_not_hide_what_else_is_wrong(as_, zone, media):
    client = as_("hr")
    rows = export(client, format="csv")
    made = openpyxl.Workbook()
    made.active.append(COLUMNS)
    for row in rows:
        made.active.append([row[column] for column in COLUMNS])
    made.active.cell(2, COLUMNS.index("聘任文号") + 1).value = "=1+1"
    made.active.cell(3, COLUMNS.index("档级") + 1).value = "五"
    out = io.BytesIO()
    made.save(out)
    address = upload(client, SimpleUploadedFile("花名册.xlsx", out.getvalue()))
    page = client.get(address)
    assert page.context["report"].counts == {"bad": 2, "unchanged": 2}
    assert all(words in text(page) for words in ("=1+1", "单元格里是公式", "档级须为 1 至 99 的整数", "下载错误工作簿"))
    book = openpyxl.load_workbook(io.BytesIO(client.get(address.replace("?", "errors/?")).content)).active
    assert book.cell(2, 22).value == "聘任文号：单元格里是公式或错误值，请粘贴为数值（=1+1）"
    assert book.cell(3, 22).value == "档级：档级须为 1 至 99 的整数"


def test_errors_are_listed_and_come_back_as_a_workbook(as_, zone, media):
    client = as_("hr")
    address = upload(client, a_file(client, 档级="五"))
    page = client.get(address)
    assert page.context["report"].counts["bad"] == 1
    assert "档级须为 1 至 99 的整数" in text(page)
    assert "写入花名册</button>" not in text(page)
    assert confirm(client, address, page).status_code == 200, "a bad file is refused again, not written"
    assert held(zone.li).step == 1
    book = client.get(address.replace("?", "errors/?"))
    assert openpyxl.load_workbook(io.BytesIO(book.content)).active.cell(3, 22).value == "档级：档级须为 1 至 99 的整数"


def test_the_file_is_its_owners_and_must_be_the_one_that_was_shown(as_, zone, media, client):
    address = upload(as_("hr"), a_file(client, 档级="5"))
    page = client.get(address)
    assert confirm(client, address, page, sha256="0" * 64).status_code == 404
    moved = confirm(client, address, page, outcome="0" * 64)
    assert "预检之后情况有了变动" in text(moved)
    client.force_login(build.user("hr2", role="hr", on=zone.unit))
    assert client.get(address).status_code == 404
    assert held(zone.li).step == 1


@pytest.mark.parametrize("persona", ["auditor", "head", "staff", "finance", "evaluator"])
def test_only_hr_imports(as_, media, persona):
    client = as_(persona)
    assert get(client, "roster_import").status_code == 403
    assert post(client, "roster_import").status_code == 403


def test_a_file_beyond_the_limit_is_refused_at_the_field(as_, media):
    client = as_("hr")
    answer = client.post(
        reverse("roster_import"), {"file": SimpleUploadedFile("a.xlsx", b"x" * (10 * 1024 * 1024 + 1))}
    )
    assert "超过 10 MB" in str(answer.context["form"].errors["file"])
    assert not (media / "imports").exists()
