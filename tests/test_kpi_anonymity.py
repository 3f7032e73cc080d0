"""No path leads from a rating back to its rater: pages, API, exports, the trail, logs and failures are searched."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, resolve, reverse
from django.utils import timezone

from common.models import AuditEntry, Job
from kpi.models import Line, Panel, PanelRating
from kpi.raters import closing, reading
from tests import kpi_builders as build
from tests.common_walk import addresses

pytestmark = pytest.mark.django_db
#: Points that occur nowhere else, one for each rater of the bureau's line, and for each of the other's.
SECRET = {
    "leader": {"bureau": "90.13", "other_bureau": "81.57"},
    "head": {"other_bureau": "77.39"},
    "other_head": {"bureau": "68.29"},
    "served1": {"bureau": "83.27", "other_bureau": "64.31"},
    "served2": {"bureau": "91.41", "other_bureau": "93.19"},
    "served3": {"bureau": "72.61", "other_bureau": "79.87"},
    "served4": {"bureau": "88.71", "other_bureau": "86.33"},
}
POINTS = [points for of in SECRET.values() for points in of.values()]
LOOKERS = ("hr", "head", "other_head", "evaluator", "finance", "staff")


@pytest.fixture
def at(db):
    return build.small_year()


@pytest.fixture
def on(at):
    made = build.panel(at)
    for who, given in SECRET.items():
        for code, points in given.items():
            build.rate(made, who, code, points)
    return made


def client_of(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def text_of(answer) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"\n".join(book.read(name) for name in book.namelist())
    return content.decode("utf-8", "replace")


def every_address(at, on) -> Iterator[str]:
    """Each address that can be read, pointed at the rows of this year wherever it takes a key."""
    card = at.cards["bureau"]
    keys = [on.panel.pk, card.pk, build.line(card, "party").pk, on.lines["bureau"].pk, on.raters["served1"].pk]
    for name, _pattern in addresses():
        for kwargs in ({}, *({"pk": key} for key in keys)):
            try:
                address = reverse(name, kwargs=kwargs)
            except NoReverseMatch:  # takes other parameters than these
                continue
            # A key of ours means nothing to the rooms below.
            if not kwargs or resolve(address).func.__module__.split(".")[0] in ("kpi", "pay", "reports", "config"):
                yield address
    for kind in ("xlsx", "pdf"):
        yield reverse("report_download", args=["panel-results", on.panel.pk, kind])


def close(at, on) -> None:
    closing.close_panel(panel=on.panel, by=build.actor(at.users["hr"]))
    on.panel.refresh_from_db()


def own_points(who: str) -> set[str]:
    return set(SECRET.get(who, {}).values())


@pytest.mark.parametrize("who", LOOKERS)
@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_whoever_looks_through_every_page_and_resource_finds_nobodys_points_but_his_own(at, on, who, closed):
    if closed:
        close(at, on)
    client = client_of(at.users[who])
    seen = 0
    for address in dict.fromkeys(every_address(at, on)):
        answer = client.get(address)
        if answer.status_code >= 400 or answer.get("Content-Type") == "application/pdf":
            continue
        seen += 1
        text = text_of(answer)
        found = {points for points in POINTS if points in text} - own_points(who)
        assert not found, f"{who} reads {found} at {address}"
    assert seen > 10


def test_the_search_would_find_them(at, on):
    page = client_of(at.users["leader"]).get(reverse("rating", args=[on.panel.pk])).content.decode()
    assert SECRET["leader"]["bureau"] in page


def test_the_trail_says_that_a_line_was_rated_and_neither_by_whom_nor_how(at, on):
    entries = AuditEntry.objects.filter(verb="rated")
    assert entries.count() == len(POINTS)
    for entry in entries:
        assert (entry.user, entry.address, entry.before, entry.after, entry.reason) == (None, "", {}, {}, "")
        assert entry.noun == "kpi.panelline"
    assert not AuditEntry.objects.filter(noun__in=["kpi.panelrating", "kpi.rater"]).exists()
    close(at, on)
    trail = json.dumps(list(AuditEntry.objects.values()), default=str)
    assert not [points for points in POINTS if points in trail]


def test_the_line_is_nobodys_entry_and_its_reason_names_nobody(at, on):
    close(at, on)
    line = Line.objects.get(pk=on.lines["bureau"].line_id)
    assert line.entered_by is None
    why = client_of(at.users["head"]).get(reverse("line_why", args=[line.pk])).content.decode()
    assert not [name for name in (str(user) for user in on.users.values()) if name in why]


def test_only_the_ratings_table_ties_a_rater_to_points(at, on):
    """Every other table is searched, whatever its columns."""
    close(at, on)
    for model in apps.get_models():
        if model is PanelRating:
            continue
        rows = serializers.serialize("json", model._base_manager.all())
        assert not [points for points in POINTS if points in rows], model


def test_no_log_line_has_points_or_a_rater(at, on, caplog):
    caplog.set_level(logging.DEBUG)
    client = client_of(on.users["served1"])
    client.post(reverse("rating_save", args=[on.lines["bureau"].pk]), {"value": "83.28", "version": "1"})
    client.post(reverse("rating_save", args=[on.lines["bureau"].pk]), {"value": "183.28", "version": "2"})
    client.post(reverse("rating_save", args=[on.lines["bureau"].pk]), {"value": "83.29", "version": "9"})
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert not [line for line in ours if "83.2" in line or "served1" in line]


def test_a_refusal_never_says_what_somebody_else_rated(at, on):
    for who in ("hr", "head", "evaluator"):
        answer = client_of(at.users[who]).post(
            reverse("rating_save", args=[on.lines["bureau"].pk]), {"value": "50", "version": "0"}
        )
        assert not [points for points in POINTS if points in answer.content.decode()]


def test_nothing_tells_when_a_rating_was_given(at, on):
    """No answer bears the moment of a rating, nor a mark that changes with one."""
    client = client_of(at.users["hr"])
    moments = {f"{row.rated_at:%H:%M:%S.%f}" for row in PanelRating.objects.all()}
    for address in (reverse("panel", args=[on.panel.pk]), reverse("api-panels-detail", args=[on.panel.pk])):
        answer = client.get(address)
        assert "ETag" not in answer
        assert "Last-Modified" not in answer
        assert not [moment for moment in moments if moment in answer.content.decode()]


def test_results_come_in_the_order_of_the_cards_whoever_rated_first(at):
    first, second = build.panel(at, "甲"), build.panel(at, "乙", codes=("staff", "colleague"))
    for who, code, points in build.RATINGS:
        build.rate(first, who, code, points)
    for who, _code, _points in reversed(build.RATINGS):
        for line in ("colleague", "staff"):
            build.rate(second, who, line, "80") if (who, line) not in _given(second) else None
    rows = client_of(at.users["hr"]).get(reverse("api-panels-detail", args=[second.panel.pk])).json()["lines"]
    assert [row["id"] for row in rows] == [second.lines["staff"].pk, second.lines["colleague"].pk]


def _given(on) -> set[tuple[str, str]]:
    users = {user.pk: key for key, user in on.users.items()}
    lines = {line.pk: code for code, line in on.lines.items()}
    rows = PanelRating.objects.filter(line__panel=on.panel).values_list("rater__user", "line")
    return {(users[user], lines[line]) for user, line in rows}


def test_an_open_panel_gives_counts_only(at, on):
    body = client_of(at.users["hr"]).get(reverse("api-panels-detail", args=[on.panel.pk])).json()
    assert all(line["score"] is None and line["count"] is None and line["groups"] == [] for line in body["lines"])
    assert [(group["raters"], group["finished"]) for group in body["groups"]] == [(1, 1), (2, 2), (4, 4)]


def test_a_rater_reads_his_own_through_the_api_and_no_other(at, on):
    mine = client_of(at.users["leader"]).get(reverse("api-my-ratings-list")).json()["results"]
    assert {row["points"] for row in mine} == own_points("leader")
    assert client_of(at.users["hr"]).get(reverse("api-my-ratings-list")).json()["results"] == []
    address = reverse("api-my-ratings-detail", args=[on.lines["bureau"].pk])
    assert client_of(at.users["hr"]).get(address).status_code == 404
    assert client_of(at.users["head"]).get(address).status_code == 404  # the bureau that he heads


def test_jobs_and_admin_hold_nothing(at, on):
    assert not Job.objects.exists()
    assert "django.contrib.admin" not in {config.name for config in apps.get_app_configs()}
    assert not any("rated_at" in str(pattern.pattern) for pattern in get_resolver().url_patterns)


def test_one_rater_reads_nothing_of_another_in_his_group(at, on):
    for ask in reading.asks(on.panel, on.users["served1"].pk, timezone.localdate()):
        assert ask.text in own_points("served1")
    assert Panel.objects.get().closed_at is None
