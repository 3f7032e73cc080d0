"""A round of selection over the small zone of staffing: posts, candidates, and the way to any step."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from decimal import Decimal
from types import SimpleNamespace

from django.db import connection, transaction
from django.utils import timezone

from common.actors import Actor
from common.workdays import add_workdays
from staffing.models import Candidate, Notice, Selection
from staffing.selection import announcing, assessing, candidacy, rounds
from tests import staffing_builders as staff

ALL_APPS = staff.ALL_APPS
ONE = dt.timedelta(days=1)


def today() -> dt.date:
    return timezone.localdate()


def plan(**more) -> dict:
    """A plan whose nominations are open today."""
    return {
        "title": "2026 年中层岗位竞聘",
        "written": Decimal(40),
        "interview": Decimal(40),
        "peer": Decimal(20),
        "apply_from": today(),
        "apply_until": today() + dt.timedelta(days=5),
        "term_months": 36,
        "notice_workdays": 5,
        "contact": "王科长",
        "phone": "0514-83400000",
        **more,
    }


def small_round(zone: SimpleNamespace | None = None, *, seats: tuple[int, int] = (1, 2), **more) -> SimpleNamespace:
    """A draft with two posts on offer and four members of staff who may compete."""
    at = SimpleNamespace(zone=zone or staff.small_zone())
    at.hr = staff.clerk("sel-hr", at.zone)
    at.leader = staff.clerk("sel-leader", at.zone)
    at.row = rounds.draft_selection(unit=at.zone.unit, by=at.hr, **plan(**more))
    at.posts = [
        rounds.offer_post(selection=at.row, post=post, seats=n, by=at.hr)
        for post, n in zip((at.zone.clerk, at.zone.eco_clerk), seats, strict=True)
    ]
    at.people = [staff.person(at.zone, name) for name in ("赵一", "钱二", "孙三", "李四")]
    return at


def published(at: SimpleNamespace) -> SimpleNamespace:
    at.row = rounds.advance(selection=at.row, to="published", by=at.hr)
    return at


def nominated(at: SimpleNamespace) -> SimpleNamespace:
    """Everybody wants the first post; the last one accepts no other."""
    published(at)
    at.candidates = [
        candidacy.nominate(
            selection=at.row,
            person=who,
            first=at.posts[0],
            second=at.posts[1] if n == 1 else None,
            accepts_another=n == 2,
            by=at.hr,
        )
        for n, who in enumerate(at.people)
    ]
    return at


def deadline_over(row: Selection) -> None:
    Selection.objects.filter(pk=row.pk).update(apply_until=today() - ONE)


def reviewing(at: SimpleNamespace) -> SimpleNamespace:
    nominated(at)
    with backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=at.row.pk).update(apply_from=today() - 9 * ONE, apply_until=today() - ONE)
    at.row = rounds.advance(selection=at.row, to="review", by=at.hr)
    return at


def checked(at: SimpleNamespace, barred: dict[int, list] | None = None) -> SimpleNamespace:
    """All may go on; ``barred`` are the posts not open to the candidate at that place."""
    reviewing(at)
    for n, each in enumerate(at.candidates):
        candidacy.check(candidate=each, eligible=True, by=at.hr, barred=(barred or {}).get(n, ()))
    at.row = rounds.advance(selection=at.row, to="assessment", by=at.hr)
    return at


#: What the four score in every part.
MARKS = ("90", "85.5", "80", "75")


def scored(at: SimpleNamespace) -> SimpleNamespace:
    return marked(checked(at))


def marked(at: SimpleNamespace) -> SimpleNamespace:
    for each, mark in zip(at.candidates, MARKS, strict=True):
        for part in at.row.weights:
            assessing.enter_points(candidate=each, part=part, text=mark, version=0, by=at.hr)
    return at


def decided(at: SimpleNamespace) -> SimpleNamespace:
    scored(at)
    assessing.propose(selection=at.row, by=at.hr)
    assessing.decide_as_proposed(selection=at.row, by=at.leader)
    return at


def notice(at: SimpleNamespace, **more) -> Notice:
    first = more.pop("first_day", today())
    facts = {
        "first_day": first,
        "last_day": more.pop("last_day", None) or add_workdays(first, 5),
        "places": "管委会公告栏",
        "contact": "王科长",
        "phone": "0514-83400000",
        **more,
    }
    return announcing.publish_notice(selection=at.row, by=at.hr, **facts)


def announced(at: SimpleNamespace) -> SimpleNamespace:
    decided(at)
    if at.row.kind == "open":
        at.row = rounds.advance(selection=at.row, to="medical", by=at.hr)
        for each in at.candidates:
            assessing.record_medical(candidate=each, result="passed", by=at.hr)
    at.notice = notice(at)
    at.row.refresh_from_db()
    return at


def notice_over(at: SimpleNamespace) -> SimpleNamespace:
    """A notice that ended yesterday: as if it had been published in time."""
    announced(at)
    with backdated("staffing_notice", "staffing_notice_stands"):
        back = today() - 12 * ONE
        at.row.notices.update(published_on=back, first_day=back, last_day=today() - ONE)
    return at


@contextmanager
def backdated(table: str, trigger: str):
    """Time passes: the one trigger that would notice is off meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(f"alter table {table} disable trigger {trigger}")
        yield
        cursor.execute("set constraints all immediate")
        cursor.execute(f"alter table {table} enable trigger {trigger}")


def candidate(at: SimpleNamespace, name: str) -> Candidate:
    return at.row.candidates.get(person__name=name)


def actor(user) -> Actor:
    return Actor(user=user, door="page")
