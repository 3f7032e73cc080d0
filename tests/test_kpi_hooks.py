"""Webhooks: what may be an address, what is sent and how it is signed, and what becomes of a message."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from common.models import AuditEntry
from kpi.hooks import addresses, sending, services
from kpi.models import Delivery, Webhook
from kpi.tasks import deliver
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


class Receiver:
    """A real server on loopback that remembers what it got and answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.path, dict(self.headers), body))
                status, headers, content = outer.answers.pop(0) if outer.answers else (200, {}, b"ok")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook?from=onezone"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    found = Receiver()
    yield found
    found.close()


@pytest.fixture
def year(db):
    return build.small_year()


def hooked(year, receiver) -> tuple[Webhook, str]:
    return services.add_webhook(holder=year.zone.unit, url=receiver.url, by=build.actor(year.users["hr"]))


def announced(year) -> Delivery:
    (row,) = services.announce(cycle=year.cycle, by=build.actor(year.users["hr"]))
    return row


def made_due(row: Delivery) -> None:
    Delivery.objects.filter(pk=row.pk).update(next_at=timezone.now())


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "http://1.1.1.1/",
            "ftp://1.1.1.1/",
            "https:///x",
            "https://user:word@1.1.1.1/",
            "https://1.1.1.1:99999/",
            "file:///etc/passwd",
            "https://1.1.1.1\\@127.0.0.1/",
            "",
        ],
    )
    def test_what_is_no_https_address_is_refused(self, url):
        with pytest.raises(ValidationError) as refused:
            addresses.target_of(url)
        assert "url" in refused.value.message_dict

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "localhost", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
            "100.64.0.1", "224.0.0.1", "[::1]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[2002:7f00:1::]",
            "[64:ff9b::7f00:1]", "2130706433", "0x7f000001", "127.1",
        ],
    )  # fmt: skip
    def test_no_way_into_a_network_that_only_the_server_reaches(self, host):
        with pytest.raises(ValidationError) as refused:
            addresses.target_of(f"https://{host}/")
        assert refused.value.error_dict["url"][0].code in ("private", "unknown_host")

    def test_a_public_address_is_taken_with_the_address_to_connect_to(self):
        found = addresses.target_of("https://1.1.1.1/a?b=c")
        assert (found.ip, found.port, found.path, found.netloc) == ("1.1.1.1", 443, "/a?b=c", "1.1.1.1")

    def test_a_name_with_one_private_address_among_public_ones_is_refused(self, monkeypatch):
        rows = [(2, 1, 6, "", ("1.1.1.1", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: rows)
        with pytest.raises(ValidationError, match="内部网络"):
            addresses.target_of("https://mixed.example/")

    def test_a_network_is_opened_by_the_settings_alone_and_plain_http_on_loopback_only(self, settings):
        settings.WEBHOOK_NETWORKS = ["10.20.0.0/16", "127.0.0.0/8"]
        assert addresses.target_of("https://10.20.3.4/").ip == "10.20.3.4"
        assert addresses.target_of("http://127.0.0.1:8000/").port == 8000
        for url in ("https://10.21.0.1/", "http://10.20.3.4/"):
            with pytest.raises(ValidationError):
                addresses.target_of(url)

    def test_an_address_is_added_once_with_a_secret_that_the_trail_does_not_hold(self, year, receiver):
        hook, secret = hooked(year, receiver)
        assert len(secret) >= 40
        assert secret not in json.dumps(list(AuditEntry.objects.values("before", "after", "label")))
        with pytest.raises(ValidationError, match="已经登记"):
            hooked(year, receiver)
        assert Webhook.objects.get(pk=hook.pk).secret == secret


class TestSending:
    def test_a_message_is_signed_and_tells_no_person(self, year, receiver):
        _hook, secret = hooked(year, receiver)
        row = announced(year)
        deliver(row.pk)
        row.refresh_from_db()
        assert (row.state, row.attempts, row.answer) == ("delivered", 1, "200 ok")
        ((path, headers, body),) = receiver.got
        assert path == "/hook?from=onezone"
        stamp = headers["X-OneZone-Timestamp"]
        expected = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        assert headers["X-OneZone-Signature"] == f"sha256={expected}"
        assert headers["X-OneZone-Delivery"] == str(row.pk)
        said = json.loads(body)
        assert said["event"] == "cycle.published"
        assert (said["holder"], said["year"], said["id"]) == ("YZ", 2026, row.pk)
        assert said["scorecards"] == {"unit": 2, "bureau": 2, "person": 5}
        text = body.decode()
        assert not any(person.name in text or person.staff_no in text for person in year.people.values())

    def test_announced_twice_is_told_once(self, year, receiver):
        hooked(year, receiver)
        announced(year)
        assert services.announce(cycle=year.cycle, by=build.actor(year.users["hr"])) == []
        assert Delivery.objects.count() == 1

    def test_a_task_handed_out_twice_sends_once(self, year, receiver):
        hooked(year, receiver)
        row = announced(year)
        deliver(row.pk)
        deliver(row.pk)
        assert len(receiver.got) == 1

    def test_a_message_leaves_when_the_publishing_is_committed(
        self, year, receiver, django_capture_on_commit_callbacks
    ):
        hooked(year, receiver)
        with django_capture_on_commit_callbacks() as calls:
            announced(year)
        assert len(calls) == 1

    def test_only_the_holders_own_active_addresses_are_told(self, year, receiver):
        hook, _secret = hooked(year, receiver)
        Webhook.objects.create(holder=year.zone.city, url="https://city.example/", secret="x")
        services.set_active(webhook=hook, active=False, by=build.actor(year.users["hr"]))
        assert services.announce(cycle=year.cycle, by=build.actor(year.users["hr"])) == []

    def test_refused_again_and_again_it_is_given_up_and_says_why(self, year, receiver):
        hooked(year, receiver)
        row = announced(year)
        receiver.answers = [(500, {}, b"<b>down</b>")] * services.MAX_TRIES
        waits = []
        for _turn in range(services.MAX_TRIES):
            made_due(row)
            before = timezone.now()
            deliver(row.pk)
            row.refresh_from_db()
            if row.next_at:
                waits.append(round((row.next_at - before).total_seconds()))
        assert waits == list(services.WAITS)
        assert (row.state, row.attempts, row.next_at) == ("given_up", services.MAX_TRIES, None)
        assert row.answer == "500 <b>down</b>"
        deliver(row.pk)
        assert len(receiver.got) == services.MAX_TRIES

    def test_every_wait_is_shorter_than_the_brokers_patience(self, settings):
        assert max(services.WAITS) + 1 < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]

    def test_a_message_that_is_not_due_waits(self, year, receiver):
        hooked(year, receiver)
        row = announced(year)
        Delivery.objects.filter(pk=row.pk).update(next_at=timezone.now() + dt.timedelta(seconds=20))
        deliver(row.pk)
        assert receiver.got == []

    def test_it_recovers_when_the_other_side_does(self, year, receiver, django_capture_on_commit_callbacks):
        hooked(year, receiver)
        row = announced(year)
        receiver.answers = [(503, {}, b"")]
        with django_capture_on_commit_callbacks() as calls:
            deliver(row.pk)
        assert len(calls) == 1  # the next try
        made_due(row)
        deliver(row.pk)
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("delivered", 2)

    def test_a_redirect_is_not_followed(self, year, receiver):
        hooked(year, receiver)
        row = announced(year)
        receiver.answers = [(302, {"Location": receiver.url}, b"")]
        deliver(row.pk)
        row.refresh_from_db()
        assert (row.state, len(receiver.got)) == ("waiting", 1)
        assert row.answer.startswith("302")

    def test_nobody_there_is_a_failure_like_another(self, year, receiver):
        hooked(year, receiver)
        row = announced(year)
        receiver.close()
        deliver(row.pk)
        row.refresh_from_db()
        assert row.state == "waiting"
        assert "ConnectionRefusedError" in row.answer

    def test_a_long_answer_is_cut(self, year, receiver):
        hooked(year, receiver)
        row = announced(year)
        receiver.answers = [(400, {}, b"x\x00" * 100_000)]
        deliver(row.pk)
        row.refresh_from_db()
        assert len(row.answer) == sending.ANSWER_CHARS

    def test_the_address_is_judged_again_when_a_message_is_sent(self, year, receiver, settings):
        hooked(year, receiver)
        row = announced(year)
        settings.WEBHOOK_NETWORKS = []
        deliver(row.pk)
        row.refresh_from_db()
        assert receiver.got == []
        assert "内部网络" in row.answer

    def test_the_connection_goes_to_the_judged_address_whatever_the_name_says_later(self, receiver, monkeypatch):
        target = addresses.target_of(receiver.url)
        monkeypatch.setattr(sending.socket, "getaddrinfo", _nowhere_but(target.ip))
        assert sending.post(target, b"{}", {}).taken

    def test_given_up_it_can_be_sent_again_and_delivered_it_cannot(self, year, receiver):
        hooked(year, receiver)
        row = announced(year)
        Delivery.objects.filter(pk=row.pk).update(state="given_up", next_at=None, attempts=6)
        services.resend(delivery=row, by=build.actor(year.users["hr"]))
        deliver(row.pk)
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("delivered", 1)
        with pytest.raises(ValidationError, match="已送达"):
            services.resend(delivery=row, by=build.actor(year.users["hr"]))

    def test_what_waits_for_an_address_that_is_switched_off_is_given_up(self, year, receiver):
        hook, _secret = hooked(year, receiver)
        row = announced(year)
        services.set_active(webhook=hook, active=False, by=build.actor(year.users["hr"]))
        deliver(row.pk)
        row.refresh_from_db()
        assert (row.state, receiver.got) == ("given_up", [])


def _nowhere_but(ip: str):
    """Names lead nowhere; the address itself may be connected to."""
    real = socket.getaddrinfo

    def look_up(host, *args, **more):
        assert ipaddress.ip_address(host) == ipaddress.ip_address(ip)
        return real(host, *args, **more)

    return look_up
