"""What protects the browser and the sign-in: headers, cookies, CSRF, settings that refuse, templates."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from common.models import User
from tests import common_builders as build
from tests import pay_builders
from tests.common_walk import PAGES, registered

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
ASSETS = sorted(path for kind in ("css", "js") for path in ROOT.glob(f"static/**/*.{kind}"))
#: Lists and forms: what a page says of itself does not depend on the row.
OPEN = [name for name, page in PAGES.items() if page.gets and page.at is None and page.finds and " " not in name]


@pytest.fixture
def hr(db) -> User:
    return pay_builders.granted("hr", "hr", pay_builders.zone())


@pytest.fixture
def client(hr) -> Client:
    client = Client()
    client.force_login(hr)
    return client


# --- headers -----------------------------------------------------------------------------------


def directives(answer) -> dict[str, set[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip()]
    return {part[0]: set(part[1:]) for part in parts}


def protected(answer) -> None:
    """The headers that every answer bears, a refusal or a file as well as a page."""
    policy = directives(answer)
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == {"'self'"}
    allowed = set().union(*policy.values())
    assert allowed <= {"'none'", "'self'", "data:"}, "no unsafe-inline, no eval, no other host"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("name", OPEN)
def test_every_page_bears_the_headers(client, name):
    page = PAGES[name]
    protected(client.get(f"{reverse(name, kwargs=page.kwargs)}?{page.query}"))


@pytest.mark.parametrize(
    ("address", "status"), [("/nothing/", 404), ("/?on=x", 400), ("/api/v1/nothing/", 404), ("/language/", 302)]
)
def test_refusals_bear_them_too(client, address, status):
    answer = client.post(address) if "language" in address else client.get(address)
    assert answer.status_code == status
    protected(answer)


def test_a_page_for_a_stranger_bears_them(db):
    protected(Client().get(reverse("login")))


# --- signing in --------------------------------------------------------------------------------


def test_the_session_cannot_be_read_by_scripts_or_sent_by_others(hr):
    client = Client()
    answer = client.post(reverse("login"), {"username": "hr", "password": "correct horse battery"})
    assert answer.status_code == 302
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["max-age"] <= 12 * 3600


def test_signing_in_gives_a_session_of_its_own(hr):
    client = Client()
    client.get(reverse("login"))
    before = client.session.session_key
    client.login(username="hr", password="correct horse battery")
    assert client.session.session_key != before


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_leads_nowhere_else(hr, elsewhere):
    sign_in = {"username": "hr", "password": "correct horse battery", "next": elsewhere}
    assert Client().post(reverse("login"), sign_in)["Location"] == reverse("home")
    assert Client().post(reverse("set_language"), {"language": "en", "next": elsewhere})["Location"] == "/"


def test_a_wrong_password_says_nothing_of_who_exists(hr):
    pages = [
        Client().post(reverse("login"), {"username": name, "password": "wrong"}).content.decode()
        for name in ("hr", "nobody")
    ]
    said = [re.search(r'class="[^"]*(?:alert|error)[^"]*".*?</', page, re.S)[0] for page in pages]
    assert said[0].replace("hr", "") == said[1].replace("nobody", "")


def test_leaving_takes_a_post_and_ends_the_session(client):
    assert client.get(reverse("logout")).status_code == 405
    client.post(reverse("logout"))
    assert client.get(reverse("home")).status_code == 302


POSTS = [name for name, page in PAGES.items() if page.posts is not None and not name.startswith("api-")]


@pytest.mark.django_db
def test_every_post_needs_its_csrf_token():
    """Signed in, with every right, and without the token: refused before any view is asked."""
    world = build.world()
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["hr"])
    taken = []
    for name in POSTS:
        if registered(name):
            page = PAGES[name]
            kwargs = page.at(next(page.aims(world.rows))[0]) if page.at else page.kwargs
            if client.post(reverse(name.split()[0], kwargs=kwargs), page.posts).status_code != 403:
                taken.append(name)
    assert taken == []


def test_a_refused_token_is_explained(db):
    page = Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "hr", "password": "x"})
    assert page.status_code == 403
    assert "<html" in page.content.decode()


# --- settings ----------------------------------------------------------------------------------


def told(probe: str, *without: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Settings loaded by a process of its own, in an environment of its own."""
    env = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "x" * 60,
        "FIELD_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "DATABASE_URL": "postgres://u@127.0.0.1/x",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        **changes,
    }
    for name in without:
        del env[name]
    script = f"from config import settings as s; print({probe})"
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "hosts", ["zone.gov.example", "127.0.0.1,zone.gov.example", "*", "0.0.0.0", ".localhost", "10.0.0.5"]
)
def test_debug_is_refused_beyond_loopback(hosts):
    done = told("s.DEBUG", DEBUG="1", ALLOWED_HOSTS=hosts)
    assert done.returncode != 0
    assert "DEBUG is for loopback only" in done.stderr


def test_debug_is_off_unless_asked_for_and_only_here():
    assert told("s.DEBUG").stdout.strip() == "False"
    assert told("s.DEBUG", DEBUG="1").stdout.strip() == "True"


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FIELD_KEYS", "DATABASE_URL", "REDIS_URL"])
def test_nothing_secret_has_a_default(missing):
    assert told("s.DEBUG").returncode == 0
    done = told("s.DEBUG", missing)
    assert done.returncode != 0
    assert missing in done.stderr


def test_beyond_loopback_everything_goes_over_tls():
    probe = "s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 10**7"
    assert told(probe, ALLOWED_HOSTS="zone.gov.example").stdout.strip() == "True True True True"
    assert told(probe).stdout.strip() == "False False False False"


# --- templates, style, scripts -----------------------------------------------------------------

COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.S)
#: What a browser would refuse under our policy, or fetch from elsewhere.
FORBIDDEN_IN_TEMPLATES = {
    "a style attribute": re.compile(r"\sstyle\s*=", re.I),
    "an event attribute": re.compile(r"\son[a-z]+\s*=", re.I),
    "htmx evaluating": re.compile(r"\shx-on|\shx-vals=[\"']js:|\shx-vars", re.I),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.I),
    "an inline style": re.compile(r"<style", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "another host": re.compile(r"(?:src|href|action|data-[a-z-]+)\s*=\s*[\"']?(?:https?:)?//", re.I),
    "text let through unescaped": re.compile(r"\|\s*safe\b|\{% autoescape off"),
}
FORBIDDEN_IN_ASSETS = {
    "another host": re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]{2,}", re.I),
    "an import": re.compile(r"@import", re.I),
    "evaluated text": re.compile(r"\beval\s*\(|new Function\b|setTimeout\s*\(\s*[\"']"),
    "markup from text": re.compile(r"\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML|document\.write"),
    "a style attribute": re.compile(r"setAttribute\(\s*[\"']style[\"']"),
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_are_templates_and_assets_to_look_at():
    assert len(TEMPLATES) > 30
    assert len(ASSETS) > 5


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_keeps_the_policy(path):
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    assert [(what, found[0]) for what, rule in FORBIDDEN_IN_TEMPLATES.items() if (found := rule.search(text))] == []


@pytest.mark.parametrize("path", ASSETS, ids=named)
def test_an_asset_keeps_the_policy(path):
    text = path.read_text(encoding="utf-8")
    assert [(what, found[0]) for what, rule in FORBIDDEN_IN_ASSETS.items() if (found := rule.search(text))] == []


def test_markup_is_marked_safe_only_where_it_was_made():
    """``mark_safe`` and ``csrf_exempt`` are for nobody; ``format_html`` escapes what it is given."""
    rooms = ("common", "zones", "orgchart", "staffing", "kpi", "pay", "reports", "config")
    risky = re.compile(r"\bmark_safe\(|\bcsrf_exempt\b|\beval\(|\bexec\(|\bpickle\b|shell=True|\.extra\(|SafeString\(")
    found = [
        f"{named(path)}: {hit[0]}"
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts and (hit := risky.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_what_somebody_saw_is_kept_in_no_cache(client):
    answer = client.get(reverse("home"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
