"""Every address × every persona × own and foreign rows: the answer is what the table says, and no failure anywhere."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from common.rights import TABLE
from pay.models import Allocation, Run
from staffing.models import Person
from tests import common_builders as build
from tests.common_walk import PAGES, Page, addresses, registered

pytestmark = pytest.mark.django_db
GET = [name for name, page in PAGES.items() if page.gets]
POST = [name for name, page in PAGES.items() if page.posts is not None]
#: What a right person's POST of next to nothing comes to: done, or refused for what it holds.
TAKEN = {200, 201, 202, 302, 400, 409, 415, 422}
NEVER = {404}
NO_RIGHT = {403, 404}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[build.World]:
    """Built once; what a test of this file changes is rolled back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build.world()
        transaction.set_rollback(True)


def visitor(world: build.World, name: str | None) -> Client:
    """A client whose failures come back as answers, as they would to a browser."""
    client = Client(raise_request_exception=False)
    if name:
        client.force_login(world.users[name])
    return client


def may(name: str, need: tuple[str, str], row: build.Row) -> bool:
    action, noun = need
    return build.may(name, TABLE[noun].get(action, {}), row)


def may_at_all(world: build.World, name: str, need: tuple[str, str]) -> bool:
    action, noun = need
    # A role on a park holds the right, and meets none: all are a zone's, or the city's.
    if noun == "plan" or (
        action in ("view", "change") and noun.endswith(("_template", "_cycle", "_panel", "_webhook"))
    ):
        return any(role in TABLE[noun].get(action, {}) for role in build.PERSONAS[name].roles)
    return any(may(name, need, row) for row in world.rows[noun])


def expected(world: build.World, page: Page, name: str, row=None, needs=(), *, post: bool = False) -> set[int]:
    """The statuses that are right, worked out from the table and the builder's notes."""
    fine = TAKEN if post else {200}
    if page.who == "signed_in":
        return {200, 302}
    if row is None:
        held = [may_at_all(world, name, need) for need in page.needs]
        if not (any(held) if page.any_of else all(held)):
            return NO_RIGHT
        return fine if page.finds else NEVER
    view = ("view", needs[0][1])
    if not may(name, view, row):
        blind = not any(may_at_all(world, name, ("view", noun)) for _action, noun in page.needs)
        lame = not any(may_at_all(world, name, need) for need in page.needs)
        return NO_RIGHT if blind or lame else NEVER
    return fine if all(may(name, need, row) for need in needs) else {403}


def samples(page: Page, world: build.World, name: str) -> list:
    """Of the rows that the page can point at: one in reach, one seen only, one out of reach, one foreign."""
    kinds: dict[tuple, tuple] = {}
    for row, needs in page.aims(world.rows):
        foreign = not row.units & (build.ZONE | {"TCITY"})
        kind = (foreign, needs, may(name, ("view", needs[0][1]), row), all(may(name, need, row) for need in needs))
        kinds.setdefault(kind, (row, needs))
    return list(kinds.values())


def send(client: Client, name: str, page: Page, kwargs: dict, *, post: bool) -> HttpResponse:
    address = reverse(name.split()[0], kwargs=kwargs or page.kwargs)
    if post:
        json = {"content_type": "application/json"} if address.startswith("/api/") else {}
        return getattr(client, page.method)(address, page.posts, **json)
    return client.get(f"{address}?{page.query}" if page.query else address)


def test_no_address_is_left_out():
    """A new page must say in tests/common_walk.py which right it needs."""
    assert sorted(f"{name}: {pattern}" for name, pattern in addresses() if name not in PAGES) == []


def test_no_address_of_the_map_is_gone():
    assert sorted(name for name in PAGES if not registered(name)) == []


def answers(world, secrets, url: str, name: str, *, post: bool) -> list[str]:
    """Every answer that is not the one the table says."""
    page, client, wrong = PAGES[url], visitor(world, name), []
    aims = samples(page, world, name) if page.at else [(None, ())]
    for row, needs in aims:
        with transaction.atomic():
            answer = send(client, url, page, page.at(row) if page.at else {}, post=post)
            transaction.set_rollback(True)
        wanted = expected(world, page, name, row, needs, post=post)
        if answer.status_code not in wanted:
            wrong.append(f"{name} {row and row.key} {needs}: {answer.status_code}, not {sorted(wanted)}")
        wrong += [f"{name} {row and row.key}: {leak}" for leak in leaks(world, secrets, name, answer)]
    return wrong


@pytest.mark.parametrize("url", GET)
def test_reading(world, secrets, url):
    page = PAGES[url]
    if page.who == "public":
        found = visitor(world, None).get(reverse(url, kwargs=page.kwargs)).status_code
        assert found in ({200, 503} if page.finds else NEVER)
        return
    assert [wrong for name in build.PERSONAS for wrong in answers(world, secrets, url, name, post=False)] == []


@pytest.mark.parametrize("url", POST)
def test_writing(world, secrets, url):
    page = PAGES[url]
    if page.who == "public":
        assert send(visitor(world, None), url, page, {}, post=True).status_code in (200, 302)
        return
    assert [wrong for name in build.PERSONAS for wrong in answers(world, secrets, url, name, post=True)] == []


@pytest.mark.parametrize("url", [url for url, page in PAGES.items() if page.who != "public"])
def test_a_stranger_is_asked_to_sign_in(world, url):
    page = PAGES[url]
    kwargs = page.at(next(page.aims(world.rows))[0]) if page.at else {}
    for post in [False] * page.gets + [True] * (page.posts is not None):
        answer = send(visitor(world, None), url, page, kwargs, post=post)
        if url.startswith("api-") and url != "api-docs":
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
            assert answer["Content-Type"] == "application/problem+json"
        else:
            assert answer.status_code == 302
            assert answer["Location"].startswith(reverse("login"))


#: Addresses that only take writes; "noun method" shares its address with a list that can be read.
WRITE_ONLY = [url for url, page in PAGES.items() if page.who == "table" and not page.gets and " " not in url]


@pytest.mark.parametrize("url", WRITE_ONLY)
def test_what_only_writes_cannot_be_read(world, url):
    page = PAGES[url]
    kwargs = page.at(next(page.aims(world.rows))[0]) if page.at else {}
    for name in build.PERSONAS:
        assert send(visitor(world, name), url, page, kwargs, post=False).status_code in (403, 404, 405)


# --- what no page may show ---------------------------------------------------------------------

FOREIGN = re.compile(r"XZ-[A-Zpq]|XZ名称|甲XZ")


def _text(answer: HttpResponse) -> str:
    if answer.status_code >= 400 or answer.streaming:
        return ""
    kind = answer.get("Content-Type", "")
    return answer.content.decode() if "text" in kind or "json" in kind or "svg" in kind else ""


@dataclass(frozen=True)
class Secrets:
    """What must be looked for, read once: papers by staff number, amounts by allocation."""

    papers: dict[str, set[str]]
    amounts: dict[int, set[str]]


@pytest.fixture(scope="module")
def secrets(world) -> Secrets:
    papers = {row.staff_no: {row.national_id, row.phone} for row in Person.objects.all()}
    amounts = {row.pk: {f"{row.amount:f}", f"{row.amount:,.2f}"} for row in Allocation.objects.all()}
    return Secrets(papers, amounts)


def leaks(world: build.World, secrets: Secrets, name: str, answer: HttpResponse) -> Iterator[str]:
    """What must not be in this persona's answers, whatever the page."""
    text = _text(answer)
    if name in build.AT_HOME and (found := FOREIGN.search(text)):
        yield f"names the other zone: {found[0]}"
    if "hr" not in name:  # organisation and personnel read papers, and leave a trace of it
        others = secrets.papers.keys() - {build.PERSONAS[name].person}
        yield from (f"shows the papers of {no}" for no in others if any(p in text for p in secrets.papers[no]))
    if "evaluator" in name and "甲" in text:
        yield "names people to the evaluator"
    for row in world.rows["allocation"]:
        if any(amount in text for amount in secrets.amounts[row.pk]) and not may(name, ("view", "allocation"), row):
            yield f"shows the pay of {row.person}"


def test_the_leak_detector_detects(world, secrets):
    """Else a page without any text would prove everything."""
    row = Allocation.objects.get(person__staff_no="XZ-p2")
    page = visitor(world, "foreign_hr").get(reverse("allocation", args=[row.pk]))
    found = list(leaks(world, secrets, "staff", page))
    assert any("other zone" in leak for leak in found)
    assert any("pay" in leak for leak in found)


def test_the_evaluators_report_has_no_people_in_it(world):
    """The workbook, unzipped: bureaus and their shares, no names and no person's amount."""
    run = Run.objects.get(unit__code=build.OWN)
    answer = visitor(world, "evaluator").get(reverse("report_download", args=["allocation-plan", run.pk, "xlsx"]))
    book = zipfile.ZipFile(io.BytesIO(answer.content))
    text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "TZ-A" in text
    assert "甲" not in text
    assert not [row for row in run.allocations.all() if f"{row.amount.normalize():f}" in text]
