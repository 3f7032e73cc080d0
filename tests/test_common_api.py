"""The REST surface that all rooms share: tokens, refusals in one form, the schema and its page."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.test import APIClient

from common.models import ApiToken, AuditEntry
from common.rest import problem_details
from tests import common_builders as build
from tests import pay_builders

pytestmark = pytest.mark.django_db
PROBLEM = {"type", "title", "status", "detail", "instance"}


@pytest.fixture
def zone():
    return pay_builders.zone("TZ")


@pytest.fixture
def hr(zone):
    return pay_builders.granted("hr", "hr", zone)


def issued(user: str = "hr", *args: str) -> str:
    """The secret on the last line of what the command prints."""
    out = io.StringIO()
    call_command("issue_token", user, *args, stdout=out)
    return out.getvalue().splitlines()[-1]


def bearer(secret: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def refused(answer, status: int) -> dict:
    """The body of a refusal, after looking at its form (RFC 9457)."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert set(body) >= PROBLEM
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.wsgi_request.get_full_path()
    for error in body.get("errors", []):
        assert set(error) == {"field", "code", "detail"}
    return body


# --- tokens ------------------------------------------------------------------------------------


def test_a_token_opens_what_its_owner_may_see(hr):
    assert [row["code"] for row in bearer(issued()).get("/api/v1/units/").json()["results"]] == ["TZ"]


def test_only_a_digest_of_the_secret_is_stored(hr):
    secret = issued()
    with connection.cursor() as cursor:
        for table in ("common_apitoken", "common_auditentry"):
            cursor.execute(f"select t::text from {table} t")
            rows = " ".join(row[0] for row in cursor.fetchall())
            assert rows
            assert secret not in rows
            assert secret[15:] not in rows, "beyond the prefix by which it is looked up"
    token = ApiToken.objects.get()
    assert token.digest != secret
    assert len(token.token_key) < len(secret) / 2


def test_an_expired_token_is_refused(hr):
    secret = issued()
    ApiToken.objects.update(expiry=timezone.now() - dt.timedelta(seconds=1))
    refused(bearer(secret).get("/api/v1/units/"), 401)


def test_a_token_expires_when_it_was_said_to(hr):
    issued("hr", "--days", "7")
    left = ApiToken.objects.get().expiry - timezone.now()
    assert dt.timedelta(days=6, hours=23) < left <= dt.timedelta(days=7)


def test_the_token_of_who_may_no_longer_sign_in_is_refused(hr):
    secret = issued()
    hr.is_active = False
    hr.save()
    refused(bearer(secret).get("/api/v1/units/"), 401)


@pytest.mark.parametrize(
    "header", ["", "Token", "Token a b", "Token " + "0" * 64, "Token é", "Bearer x", "Basic aHI6eA==", "Token \xff"]
)
def test_what_is_no_token_opens_nothing(hr, header):
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=header)
    answer = client.get("/api/v1/units/")
    refused(answer, 401)
    assert answer["WWW-Authenticate"] == "Token"


def test_a_token_reads_what_its_scope_names_and_nothing_else(hr):
    client = bearer(issued("hr", "--scopes", "scheme:read"))
    assert client.get("/api/v1/schemes/").status_code == 200
    refused(client.get("/api/v1/allocations/"), 403)
    refused(client.get("/api/v1/units/"), 403)


def test_reading_is_not_writing(hr):
    client = bearer(issued("hr", "--scopes", "*:read"))
    assert client.get("/api/v1/indicators/").status_code == 200
    refused(client.post("/api/v1/indicators/", {}, format="json"), 403)
    assert bearer(issued()).post("/api/v1/indicators/", {}, format="json").status_code == 400


def test_a_token_is_no_way_round_the_pages(hr):
    assert bearer(issued()).get("/figures/").status_code == 302


def test_issuing_leaves_an_entry_without_the_secret(hr):
    secret = issued("hr", "--scopes", "unit:read", "--name", "报送平台")
    entry = AuditEntry.objects.get(verb="issue_token")
    assert (entry.after["user"], entry.after["scopes"]) == ("hr", ["unit:read"])
    assert secret not in json.dumps(entry.after)


def test_the_token_of_the_readme_reads_what_the_readme_says(hr):
    told = Path(settings.BASE_DIR, "README.md").read_text(encoding="utf-8")
    command = shlex.split(re.search(r"manage\.py issue_token (.+)", told)[1])
    address = re.search(r"'http://127\.0\.0\.1:8000(/api/[^']+)'", told)[1]
    assert bearer(issued(*command)).get(address).status_code == 200


@pytest.mark.parametrize(
    "args",
    [
        ("nobody",),
        ("hr", "--scopes", "people:read"),
        ("hr", "--scopes", "unit:delete"),
        ("hr", "--scopes", "*"),
        ("hr", "--days", "0"),
        ("hr", "--days", "100000"),
    ],
)
def test_no_token_for_strangers_unknown_scopes_or_for_ever(hr, args):
    with pytest.raises(CommandError):
        issued(*args)
    assert not ApiToken.objects.exists()


def test_no_token_for_who_may_not_sign_in(hr):
    hr.is_active = False
    hr.save()
    with pytest.raises(CommandError):
        issued()


# --- refusals in one form ----------------------------------------------------------------------


@pytest.fixture
def client(hr) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_login(hr)
    return client


@pytest.mark.parametrize(
    "day", ["2020-13-01", "x", "2020-02-30", "'; drop table zones_unit", "20200630", "2020-06-30T00:00"]
)
def test_a_bad_day_is_a_problem_at_its_field(client, day):
    body = refused(client.get("/api/v1/units/", {"on": day}), 400)
    assert body["errors"][0]["field"] == "on"
    assert day[:10] in body["detail"]


def test_pages_refuse_a_bad_day_too(client):
    answer = client.get("/", {"on": "2020-13-01"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert client.get("/", {"on": "2020-12-31"}).status_code != 400


def test_fields_at_fault_are_listed(client):
    body = refused(client.post("/api/v1/indicators/", {"code": "not a slug"}, format="json"), 400)
    assert {error["field"] for error in body["errors"]} >= {"code", "name", "kind", "method"}


def test_what_is_no_json(client):
    refused(client.post("/api/v1/indicators/", "{", content_type="application/json"), 400)


def test_an_unknown_filter_value(client):
    assert refused(client.get("/api/v1/units/", {"kind": "moon"}), 400)["errors"][0]["field"] == "kind"


def test_a_stranger(db):
    refused(APIClient().get("/api/v1/units/"), 401)


def test_no_right_at_all(db, zone):
    client = APIClient()
    client.force_login(pay_builders.User.objects.create_user("nobody"))
    refused(client.get("/api/v1/units/"), 403)


@pytest.mark.parametrize(
    "address",
    ["units/NONE/", "runs/999999/", "runs/abc/", "runs/９/", f"runs/{'9' * 40}/", "scorecards/abc/", "nothing/"],
)
def test_nothing_there(client, address):
    refused(client.get(f"/api/v1/{address}"), 404)


@pytest.mark.parametrize("address", ["scorecards/abc/lines/1/score/", f"scorecards/{'9' * 30}/lines/1/score/"])
def test_nothing_there_to_write_to(address, zone):
    client = APIClient(raise_request_exception=False)
    client.force_login(pay_builders.granted("evaluator", "evaluator", zone))
    refused(client.post(f"/api/v1/{address}", {"value": "1", "version": 1}, format="json"), 404)


@pytest.mark.parametrize(("method", "address"), [("put", "units/TZ/"), ("delete", "units/TZ/"), ("post", "units/")])
def test_what_is_not_offered(client, method, address):
    answer = getattr(client, method)(f"/api/v1/{address}", {}, format="json")
    refused(answer, 405)
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize("method", ["PROPFIND", "TRACE", "ACTION", "BREW"])
def test_a_method_that_nobody_offers(client, method):
    refused(client.generic(method, "/api/v1/units/"), 405)


def test_another_media_type(client):
    refused(client.post("/api/v1/indicators/", {"code": "x"}, format="multipart"), 415)


def test_another_answer_than_json(client):
    refused(client.get("/api/v1/units/", HTTP_ACCEPT="application/xml"), 406)


@pytest.mark.parametrize("query", ["?unit=%00", "?cursor=%00", "?cursor=!!", "?limit=abc", "?cursor=cD1hYmM%3D"])
def test_hostile_queries_are_no_failures(client, query):
    answer = client.get(f"/api/v1/allocations/{query}")
    assert answer.status_code in (200, 400, 404)
    if answer.status_code != 200:
        refused(answer, answer.status_code)


@pytest.mark.parametrize("address", ["/api/v1/units/%00/", "/api/v1/units/a%00b/", "/search/?q=%00", "/units/%00/"])
def test_a_nul_is_refused_once_for_all(client, address):
    assert client.get(address).status_code == 400


def test_a_write_by_session_needs_its_csrf_token(hr):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(hr)
    refused(client.post("/api/v1/indicators/", {}, format="json"), 403)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (exceptions.Throttled(wait=7), 429),
        (ValidationError({"on": ["坏"]}), 400),
        (ValidationError("坏"), 400),
        (exceptions.NotFound(), 404),
    ],
)
def test_every_refusal_has_the_form(error, status):
    request = Request(RequestFactory().get("/api/v1/units/?a=b"), authenticators=[TokenAuthentication()])
    answer = problem_details(error, {"request": request})
    assert answer is not None
    assert answer.status_code == status == answer.data["status"]
    assert answer.data["instance"] == "/api/v1/units/?a=b"
    assert set(answer.data) >= PROBLEM
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_what_we_do_not_know_is_a_failure_and_says_no_more():
    assert problem_details(RuntimeError("secret"), {"request": None}) is None


def test_a_failure_is_told_in_the_same_form(client, monkeypatch):
    def fail(*_args):
        raise RuntimeError("select secret")

    monkeypatch.setattr("zones.api.Units.get_queryset", fail)
    answer = client.get("/api/v1/units/")
    refused(answer, 500)
    assert b"secret" not in answer.content


# --- the schema and its page -------------------------------------------------------------------


def test_the_schema_is_sound_and_complete():
    """As ``manage.py spectacular --validate --fail-on-warn``."""
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    text = out.getvalue()
    nouns = (
        "units figures charters bureaus duties posts people appointments indicators scorecards schemes runs allocations"
    )
    missing = [noun for noun in nouns.split() if f"/api/v1/{noun}/:" not in text]
    assert missing == []


def test_the_schema_is_for_who_may_sign_in(client):
    assert client.get("/api/v1/schema/").status_code == 200
    refused(APIClient().get("/api/v1/schema/"), 401)


def test_every_address_of_the_documentation_page_is_ours(client):
    page = client.get("/api/v1/docs/")
    html = page.content.decode()
    script = client.get("/api/v1/docs/?script=").content.decode()
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert not re.findall(r"<style|<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=", html)
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", html)
    assert not re.findall(r"https?://", script)
    for address in re.findall(r"""(?:src|href)=["']([^"']+)""", html):
        assert address.startswith("/"), address


def test_the_documentation_is_not_for_strangers():
    assert Client().get("/api/v1/docs/").status_code == 302


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_the_documentation_works_in_a_browser(live_server, page):
    """Under the strict policy: operations are listed, one opens, nothing is asked of another host."""
    zone = pay_builders.zone("TZ")
    pay_builders.granted("hr", "hr", zone)
    client = Client()
    client.login(username="hr", password="correct horse battery")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_server.url}/api/v1/docs/")
    units = page.get_by_text("/api/v1/units/", exact=True)
    page.locator(".opblock-summary-path").first.wait_for()
    for _turn in range(100):  # operations are drawn as they come into view
        if units.count():
            break
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(200)
    units.first.click()
    page.get_by_role("button", name="Try it out").first.click()
    page.get_by_role("button", name="Execute").first.click()
    page.get_by_text('"TZ"').first.wait_for()
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert complaints == []
