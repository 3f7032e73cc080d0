"""``manage.py bench import``: a roster of new people checked, written and uploaded again, as the task does it."""

from __future__ import annotations

import datetime as dt
import io
import resource
from collections.abc import Callable
from time import perf_counter

from django.core.management.base import OutputWrapper
from django.db import connection, transaction

from common.actors import Actor
from common.books import add_table, new_book
from common.databases import hold_rules
from common.imports import deeds
from common.models import User
from common.periods import period
from orgchart.models import BureauVersion, Tier
from pay import services
from staffing.intake.imports import RosterImporter
from staffing.models import Post, PostGrade, PostVersion
from staffing.personnel.identity import check_digit
from staffing.roster.resources import COLUMNS
from zones.models import Unit, UnitVersion

SINCE, DAY = dt.date(2020, 1, 1), dt.date(2020, 6, 30)
#: Seats of each added post: what a large section of a bureau has.
SEATS = 25


def run(out: OutputWrapper, *, zone: str, rows: int) -> None:
    """Print wall time, rows a second, queries and peak memory; everything is rolled back."""
    with transaction.atomic():
        unit = Unit.objects.get(code=zone)
        content = roster_of_new_people(unit, rows)
        units = frozenset(each.pk for each in services.units_of_zone(unit, DAY.year))
        by = Actor(User.objects.create_user("bench-clerk"), "import")
        importer = RosterImporter(units, by, DAY, "bench.xlsx")
        out.write(f"{rows} rows, {len(content) / 1024:.0f} kB")
        out.write(f"{'':<10}{'s':>8}{'rows/s':>10}{'queries':>10}{'peak MB':>10}")
        _measure(out, "check", rows, lambda: deeds.preview(content, importer))
        _measure(out, "write", rows, lambda: _written(content, importer))
        _measure(out, "again", rows, lambda: deeds.carry_out(content, importer))
        transaction.set_rollback(True)


def _written(content: bytes, importer: RosterImporter) -> None:
    """Written, and judged as at COMMIT: seals of the audit trail and all."""
    with hold_rules():
        report = deeds.carry_out(content, importer)
    if not report.clean:
        raise ValueError(report.faults[:3])


def _measure(out: OutputWrapper, name: str, rows: int, work: Callable[[], object]) -> None:
    queries = 0

    def counting(execute, sql, params, many, context):
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    begun = perf_counter()
    with connection.execute_wrapper(counting):
        work()
    spent = perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.write(f"{name:<10}{spent:>8.2f}{rows / spent:>10.0f}{queries:>10}{peak:>10.0f}")


def roster_of_new_people(zone: Unit, count: int) -> bytes:
    """A workbook of people whom nobody knows yet, on posts that are set up for them."""
    units = {version.unit_id: version.short_name for version in UnitVersion.objects.on(DAY)}
    bureaus = list(BureauVersion.objects.of_zone(zone.pk, DAY))
    tier = Tier.objects.on(DAY).filter(zone=zone, kind=Tier.Kind.STAFF)[0]
    grade = PostGrade.objects.order_by("-sequence")[0]
    posts = [_post(bureaus[n % len(bureaus)], n, tier, grade) for n in range((count + SEATS - 1) // SEATS)]
    lines = []
    for number in range(count):
        post, bureau = posts[number // SEATS], bureaus[number // SEATS % len(bureaus)]
        told = {"单位": units[post.unit_id], "部门": bureau.name, "姓名": f"量测{number}"}
        told |= {"身份证号": _national_id(number), "编制类别": "事业编制", "原身份": "事业人员"}
        told |= {"聘任岗位": post.name, "岗级": grade.name, "档级": 1, "聘任文号": "量测", "聘期起": SINCE}
        told |= {"聘期止": dt.date(2022, 12, 31), "工号": f"IMP{number:06d}"}
        lines.append([told.get(column) for column in COLUMNS])
    out = io.BytesIO()
    book = new_book(out)
    add_table(book, "聘任花名册", COLUMNS, lines)
    book.close()
    return out.getvalue()


def _post(bureau: BureauVersion, number: int, tier: Tier, grade: PostGrade) -> PostVersion:
    return PostVersion.objects.create(
        post=Post.objects.create(code=f"bench-import-{number}"),
        unit_id=bureau.unit_id,
        bureau_id=bureau.bureau_id,
        tier=tier,
        grade=grade,
        name=f"量测岗{number}",
        category=PostVersion.Category.MANAGEMENT,
        headcount=SEATS,
        duties="量测",
        standards="量测",
        requirements="量测",
        period=period(SINCE),
    )


def _national_id(number: int) -> str:
    """A number of a region that does not exist, right in every other way."""
    born = dt.date(1980, 1, 1) + dt.timedelta(days=number // 400)
    first = f"990002{born:%Y%m%d}{number % 400:03d}"
    return first + check_digit(first)
