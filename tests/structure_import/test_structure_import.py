"""A structure as a workbook: what goes out comes back, what is edited becomes dated rows, what is wrong is named."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from common.imports import deeds
from common.models import AuditEntry
from orgchart.models import (
    Bureau,
    BureauVersion,
    Charter,
    CharterParameter,
    Duty,
    DutyAssignment,
    Function,
    Quota,
    Tier,
)
from orgchart.workbook.exporting import structure_book
from orgchart.workbook.importing import StructureImporter
from orgchart.workbook.sheets import FORMS
from tests import orgchart_builders as build
from tests.structure_builders import LATER, a_bureau, add, everything, find, put, refused, saved, told
from zones.models import Instrument, Unit, UnitVersion

pytestmark = pytest.mark.django_db
DAY, REFORM = build.DAY, build.REFORM


def one(report) -> tuple:
    assert len(report.faults) == 1, told(report)
    return told(report)[0]


# --- out and in again -----------------------------------------------------------------------------------


def test_what_is_exported_comes_back_without_a_change(out, write):
    before, entries = everything(), AuditEntry.objects.count()
    report = write(out())
    assert told(report) == []
    assert set(report.counts) == {"unchanged"}
    assert everything() == before
    assert AuditEntry.objects.count() == entries


def test_who_reaches_a_zone_alone_exports_and_imports_it_without_a_change(at):
    """His superiors stand in the file, so that it can be read where there is nothing; they are no fault of his."""
    reach = Unit.objects.subtree_ids(at.zone.pk, day=DAY)
    content = structure_book(at.zone, DAY, reach)
    report = deeds.preview(content, StructureImporter(reach, reach, build.actor(at.office)))
    assert told(report) == []
    assert set(report.counts) == {"unchanged"}
    assert report.notes == []
    book = openpyxl.load_workbook(io.BytesIO(content))
    row = find(book["单位"], 单位代码="YZ-CITY")
    put(book["单位"], row, 名称="别的市", 自=LATER)
    assert one(deeds.preview(saved(book), StructureImporter(reach, reach, build.actor(at.office))))[:3] == (
        "单位", row, "单位代码",
    )  # fmt: skip


def test_every_sheet_of_the_form_is_written(out):
    book = out()
    assert [sheet.title for sheet in book] == [*[form.titles[0] for form in FORMS], "说明"]
    assert [cell.value for cell in book["职能机构"][1]][:3] == ["机构代码", "名称", "英文名称"]


def test_a_whole_structure_loads_where_there_is_nothing(at, out, importer):
    """The same file on an empty register: all that the zone has stands there afterwards."""
    content = saved(out())
    facts = _facts()
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("truncate zones_unit, zones_instrument, orgchart_function, orgchart_duty cascade")
        cursor.execute("set constraints all deferred")
    report = deeds.carry_out(content, StructureImporter(None, None, build.actor(), ""))
    assert told(report) == []
    assert set(report.counts) == {"new"}
    assert _facts() == facts
    assert report.written["create"] == len(report.lines) == sum(len(rows) for rows in facts.values())
    again = deeds.carry_out(content, StructureImporter(None, None, build.actor(), ""))
    assert set(again.counts) == {"unchanged"}


def _facts() -> dict[str, list]:
    """What stands there, told by codes."""
    bureaus = BureauVersion.objects.values_list("bureau__code", "unit__code", "name", "nature", "period")
    return {
        "units": sorted(UnitVersion.objects.values_list("unit__code", "unit__kind", "name", "parent__code"), key=str),
        "bureaus": sorted(bureaus, key=str),
        "quotas": sorted(Quota.objects.values_list("unit__code", "kind", "limit")),
        "parameters": sorted(CharterParameter.objects.values_list("charter__zone__code", "rule", "name", "value")),
        "charters": sorted(Charter.objects.values_list("zone__code", "name")),
        "tiers": sorted(Tier.objects.values_list("zone__code", "number", "name")),
        "duties": sorted(DutyAssignment.objects.values_list("duty__code", "area__code", "bureau__code"), key=str),
        "functions": sorted(Function.objects.values_list("code", "nature")),
        "instruments": sorted(Instrument.objects.values_list("code", "number")),
        "named": sorted(Duty.objects.values_list("code", "name", "kind")),
    }


# --- what is edited becomes dated rows -------------------------------------------------------------------


def test_a_changed_line_with_a_later_day_follows_the_row_on_file(at, out, write):
    book = out()
    add(book["批文"], 编号="i-new", 标题="更名批复", 文号="仪编〔2020〕9号", 发文机关="市委编委", 发文日期=LATER)
    row = find(book["职能机构"], 机构代码="YZ-B1")
    put(book["职能机构"], row, 名称="投资促进局", 自=LATER, 批文="仪编〔2020〕9号")
    report = write(book)
    assert told(report) == []
    assert (report.counts["changed"], report.counts["new"]) == (1, 1)
    assert report.written == {"create": 1, "succeed": 1, "end": 0}
    old, new = BureauVersion.objects.filter(bureau__code="YZ-B1").order_by("period")
    assert (old.name, old.last_day) == ("YZ-B1局", LATER - dt.timedelta(days=1))
    assert (new.name, new.starts, new.last_day, new.instrument.code) == ("投资促进局", LATER, None, "i-new")
    assert [each.code for each in new.functions.all()] == [each.code for each in old.functions.all()]
    assert AuditEntry.objects.filter(verb="change_bureaus").count() == 1
    changes = next(line for line in report.lines if line.kind == "changed").changes
    assert ("名称", "YZ-B1局", "投资促进局") in [(each.column, each.before, each.after) for each in changes]
    before = everything()
    again = write(book)
    assert (told(again), set(again.counts)) == ([], {"unchanged"})
    assert everything() == before


def test_a_duty_moves_to_another_bearer_and_a_quota_rises(at, out, write):
    book = out()
    row = find(book["职责分工"], 区域="YZ", 承担机构="YZ-B5")
    put(book["职责分工"], row, 承担机构="", 承担单位="YZ-TOWN", 自=LATER)
    quota = find(book["限额"], 单位代码="YZ-P")
    put(book["限额"], quota, 限额=6, 自=LATER)
    assert told(write(book)) == []
    old, new = DutyAssignment.objects.filter(area=at.zone).order_by("period")
    assert (old.last_day, new.unit, new.bureau) == (LATER - dt.timedelta(days=1), at.town, None)
    assert [row.limit for row in Quota.objects.filter(unit=at.park).order_by("period")] == [5, 6]


def test_a_line_with_a_last_day_ends_the_bureau(at, out, write):
    book = out()
    row = find(book["职能机构"], 机构代码="YZ-B4")
    put(book["职能机构"], row, 至=dt.date(2020, 12, 31), 终止批文=at.instrument.code)
    report = write(book)
    assert told(report) == []
    assert report.written == {"create": 0, "succeed": 0, "end": 1}
    ended = BureauVersion.objects.get(bureau__code="YZ-B4")
    assert (ended.last_day, ended.closed_by) == (dt.date(2020, 12, 31), at.instrument)
    assert AuditEntry.objects.filter(verb="end_bureaus").count() == 1


def test_a_column_that_is_left_out_is_carried_over(at, out, write):
    BureauVersion.objects.filter(bureau__code="YZ-B1").update(rank="正科级", name_en="Bureau One")
    book = out()
    for name in book.sheetnames:
        if name != "职能机构":
            del book[name]
    sheet = book["职能机构"]
    sheet.delete_rows(find(sheet, 机构代码="YZ-B2"))
    titles = [cell.value for cell in sheet[1]]
    for title in ("机构规格", "英文名称", "序号"):
        sheet.delete_cols(titles.index(title) + 1)
        titles.remove(title)
    put(sheet, find(sheet, 机构代码="YZ-B1"), 名称="一局", 自=LATER)
    assert told(write(book)) == []
    new = BureauVersion.objects.get(bureau__code="YZ-B1", name="一局")
    assert (new.rank, new.name_en, new.sequence) == ("正科级", "Bureau One", 1)
    assert BureauVersion.objects.filter(bureau__code="YZ-B2").count() == 1


# --- the rules, at their line ---------------------------------------------------------------------------


def test_one_bureau_beyond_the_quota_is_refused_in_the_rules_words_at_its_line(at, out, write):
    book = out()
    row = a_bureau(at, book)
    before = everything()
    report = write(book)
    assert everything() == before
    sheet, number, _column, reason = one(report)
    assert (sheet, number) == ("职能机构", row)
    assert "职能机构 6 个，限额 5 个（ORG-05）" in reason
    put(book["限额"], find(book["限额"], 单位代码="YZ"), 限额=6, 自=LATER)
    assert told(write(book)) == []


def test_every_rule_that_the_file_breaks_is_named_at_once(at, out, look):
    book = out()
    a_bureau(at, book, nature="综合保障")
    reasons = " ".join(reason for *_place, reason in told(look(book)))
    assert "ORG-05" in reasons
    assert "ORG-06" in reasons


def test_what_is_really_over_full_loads_with_an_exception_that_names_its_instrument(at, out, write):
    book = out()
    a_bureau(at, book)
    cells = {"开发区": "YZ", "单位代码": "YZ", "规则": "ORG-05", "事项": "bureaus", "容许超出": 1}
    add(book["例外"], **cells, 批文=at.instrument.code, 自=LATER)
    assert told(write(book)) == []
    assert Bureau.objects.filter(code="YZ-B6").exists()
    a_bureau(at, book, "YZ-B7")
    assert "ORG-05" in one(write(book))[3], "it never gets worse"


def test_a_rule_or_measure_that_nobody_knows_is_named(at, out, look):
    book = out()
    cells = {"开发区": "YZ", "单位代码": "YZ", "容许超出": 1, "批文": at.instrument.code, "自": LATER}
    first = add(book["例外"], **cells, 规则="ORG-99", 事项="bureaus")
    add(book["例外"], **cells, 规则="ORG-05", 事项="beds")
    found = told(look(book))
    assert found[0][:3] == ("例外", first, "规则")
    assert found[1][2] == "事项"
    assert "bureaus" in found[1][3]


# --- who may ----------------------------------------------------------------------------------------------


def test_another_citys_units_are_beyond_the_clerks_reach(at, out, importer):
    other = build.full_zone("XX")
    book = out()
    quota = {"限额种类": "人员控制数", "限额": 9, "批文": at.instrument.code, "自": LATER}
    first = add(book["限额"], 单位代码="XX", **quota)
    second = add(
        book["职责分工"], 职责代码=at.duty.code, 区域="YZ-TOWN", 承担机构="XX-B1", 依据=at.instrument.code, 自=LATER
    )
    own = find(book["职能机构"], 机构代码="YZ-B1")
    put(book["职能机构"], own, 机构代码="XX-B1")
    report = deeds.carry_out(saved(book), importer())
    found = {(place[0], place[1], place[2]) for place in told(report)}
    assert {("限额", first, "单位代码"), ("职责分工", second, "承担机构"), ("职能机构", own, "机构代码")} <= found
    assert not any(bureau.code in str(told(report)) and "局" in str(told(report)) for bureau in other.bureaus[1:])
    assert Quota.objects.filter(unit=other.zone).count() == 1


def test_only_a_city_above_it_sets_up_a_zone(at, out, write, importer):
    book = out()
    cells = {"类别": "开发区", "名称": "新区", "简称": "新区", "自": LATER}
    add(book["单位"], 单位代码="NEW", 上级单位="YZ-CITY", **cells)
    add(book["单位"], 单位代码="NEW-P", **{**cells, "类别": "功能园区"}, 上级单位="NEW")
    assert told(write(book)) == []
    assert UnitVersion.objects.get(unit__code="NEW-P").parent.code == "NEW"
    book = out()
    row = add(book["单位"], 单位代码="TOP", **{**cells, "类别": "市"})
    ((sheet, number, column, _reason),) = refused(write, book)
    assert (sheet, number, column) == ("单位", row, "上级单位")


@pytest.fixture
def page(at, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(at.office)
    return client


def test_upload_look_confirm(at, page, out):
    book = out()
    put(book["限额"], find(book["限额"], 单位代码="YZ-P"), 限额=6, 自=LATER)
    sent = page.post(reverse("structure_import"), {"file": SimpleUploadedFile("结构.xlsx", saved(book))})
    shown = page.get(sent.url)
    text = shown.content.decode()
    assert "变更 1 条" in text
    assert "YZ-P" in text
    data = {"sha256": shown.context["kept"].sha256, "outcome": shown.context["report"].outcome}
    done = page.post(sent.url, data, follow=True)
    assert "导入完成：新设 0 条，变更 1 条，终止 0 条" in done.content.decode()
    assert Quota.objects.filter(unit=at.park).count() == 2
    entry = AuditEntry.objects.get(verb="import_structure")
    assert (entry.user, entry.after["succeed"]) == (at.office, 1)


def test_the_template_is_offered_and_downloads_as_of_the_day(at, page):
    address = reverse("structure_export", args=["YZ"])
    assert address in page.get(reverse("structure_import")).content.decode()
    answer = page.get(f"{address}?on={DAY}")
    assert openpyxl.load_workbook(io.BytesIO(answer.content))["职能机构"].max_row == 11
    earlier = page.get(f"{address}?on=2019-06-30")
    assert openpyxl.load_workbook(io.BytesIO(earlier.content))["职能机构"].max_row == 1


def test_a_name_that_a_spreadsheet_would_run_goes_out_as_text(at, out):
    BureauVersion.objects.filter(bureau__code="YZ-B1").update(name="=cmd|'/c calc'!A1")
    cell = out()["职能机构"].cell(2, 2)
    assert (cell.value, cell.data_type) == ("'=cmd|'/c calc'!A1", "s")


def test_parameters_come_with_their_charter_or_never(at, out, write):
    book = out()
    add(book["批文"], 编号="i-law", 标题="新方案", 发文机关="市委编委", 发文日期=LATER)
    row = find(book["规定"], 单位代码="YZ")
    put(book["规定"], row, 名称="新方案", 自=LATER, 批文="i-law")
    for number in range(2, book["规定参数"].max_row + 1):
        put(book["规定参数"], number, 规定自=LATER)
    assert told(write(book)) == []
    new = Charter.objects.get(zone=at.zone, name="新方案")
    assert new.parameters.count() == Charter.objects.get(zone=at.zone, name="体制调整方案").parameters.count() > 0
    assert new.parameter("ORG-06", "min_ratio") == Decimal("0.6")
    late = out(LATER)
    add(late["规定参数"], 单位代码="YZ", 规定自=LATER, 规则="ORG-05", 参数="none", 数值=1)
    ((sheet, _row, column, _reason),) = refused(write, late)
    assert (sheet, column) == ("规定参数", "参数")


# --- over REST --------------------------------------------------------------------------------------------


def send(client, book, **more):
    file = SimpleUploadedFile("结构.xlsx", book if isinstance(book, bytes) else saved(book))
    return client.post("/api/v1/structure-imports/", {"file": file, **more})


def test_rest_looks_first_and_writes_when_told_to(at, page, out):
    book = out()
    put(book["限额"], find(book["限额"], 单位代码="YZ-P"), 限额=6, 自=LATER)
    seen = send(page, book)
    assert (seen.status_code, seen.json()["written_for_real"], seen.json()["written"]["succeed"]) == (200, False, 1)
    assert Quota.objects.filter(unit=at.park).count() == 1
    done = send(page, book, dry_run="false")
    assert (done.status_code, done.json()["written_for_real"]) == (201, True)
    assert Quota.objects.filter(unit=at.park).count() == 2
    assert set(send(page, book, dry_run="false").json()["counts"]) == {"unchanged"}


def test_rest_says_where_a_file_is_wrong(at, page, out):
    book = out()
    row = a_bureau(at, book)
    refused = send(page, book, dry_run="false")
    assert refused.status_code == 400
    (fault,) = refused.json()["faults"]
    assert (fault["sheet"], fault["row"]) == ("职能机构", row)
    assert "ORG-05" in fault["reason"]
    assert send(page, b"PK\x03\x04 broken").status_code == 400


def test_rest_gives_the_workbook_as_of_a_day_and_only_to_those_who_may(at, page, client):
    answer = page.get(f"/api/v1/structures/YZ/?on={DAY}")
    assert openpyxl.load_workbook(io.BytesIO(answer.content))["职能机构"].max_row == 11
    client.force_login(build.user("elsewhere", "hr", build.full_zone("XX").zone))
    assert client.get("/api/v1/structures/YZ/").status_code == 404
    assert send(client, b"PK").status_code == 403
