"""Every test runs against a real PostgreSQL and a real Valkey, under ``var/test``.

The servers start before there are settings, here at the top; the workers of
pytest-xdist inherit their addresses. A second run at the same time gets a
folder, and so servers, of its own.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django
import pytest
from django.utils import translation
from hypothesis import HealthCheck, settings

from config import embedded

# How fast this machine is today says nothing about the code.
settings.register_profile("onezone", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("onezone")

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_running = ExitStack()


def _own_folder() -> Path:
    """The first of var/test, var/test2, … that no other run holds."""
    for number in range(1, 100):
        folder = embedded.BASE_DIR / "var" / ("test" if number == 1 else f"test{number}")
        folder.mkdir(parents=True, exist_ok=True)
        claim = _running.enter_context((folder / "run.lock").open("w"))
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return folder
    raise RuntimeError("a hundred test runs at once")


def _start_services() -> None:
    atexit.register(_running.close)
    os.environ["VAR_DIR"] = os.environ.get("TEST_VAR_DIR") or str(_own_folder())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if os.environ.get("DATABASE_URL"):  # real servers, throw-away secrets
        from cryptography.fernet import Fernet

        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
        os.environ.setdefault("FIELD_KEYS", Fernet.generate_key().decode())
    _running.enter_context(embedded.services(fast=True))


if "PYTEST_XDIST_WORKER" not in os.environ:
    _start_services()
# A folder's own conftest, which may be read next, imports models.
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    """What production does for speed or strength and tests need not wait for."""
    from django.conf import settings

    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    translation.deactivate()  # the language of the request that the test before made last
    if item.get_closest_marker("browser") and not Path(CHROMIUM).exists():
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"REQUIRE_BROWSER=1, and there is no browser at {CHROMIUM}", pytrace=False)
        pytest.skip(f"NO BROWSER at {CHROMIUM}: this page was not looked at (CHROMIUM=… names another)")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's Chromium, silent towards the rest of the world."""
    # Playwright runs an event loop in the test's thread, and Django takes that for an async view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    return {"headless": True, "executable_path": CHROMIUM, "args": LAUNCH_ARGS}


@pytest.fixture(scope="module")
def yizheng(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The Yizheng zone with its personas, loaded once a module and rolled back after it."""
    from django.core.management import call_command
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_zone", "fixtures/yizheng", verbosity=0)
        call_command("create_personas", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A Chinese reader's browser, whatever the machine speaks."""
    return {**browser_context_args, "locale": "zh-CN"}
