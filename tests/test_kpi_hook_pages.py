"""Pages of webhooks, and that publishing a year tells its addresses."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kpi.hooks import services
from kpi.judging import years
from kpi.models import Delivery, Webhook
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    return build.small_year()


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def hook_of(at) -> Webhook:
    by = build.actor(at.users["hr"])
    return services.add_webhook(holder=at.zone.unit, url="https://127.0.0.1/hook", by=by)[0]


def test_the_secret_is_on_the_answer_and_on_no_page_after_it(at):
    client = client_of(at.users["hr"])
    form = {"holder": at.zone.unit.pk, "url": "https://127.0.0.1/hook"}
    shown = client.post(reverse("webhook_add"), form).content.decode()
    hook = Webhook.objects.get()
    assert hook.secret in shown
    for address in (reverse("webhooks"), reverse("webhook", args=[hook.pk])):
        assert hook.secret not in client.get(address).content.decode()


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "http://1.1.1.1/", "javascript:alert(1)", "nonsense"])
def test_an_address_that_cannot_be_is_refused_at_its_field(at, url):
    page = client_of(at.users["hr"]).post(reverse("webhook_add"), {"holder": at.zone.unit.pk, "url": url})
    assert page.status_code == 200
    assert page.context["form"].errors["url"]
    assert not Webhook.objects.exists()


def test_publishing_a_year_tells_its_addresses(at, django_capture_on_commit_callbacks):
    hook_of(at)
    cycle = build.year(at.zone, 2027)
    with django_capture_on_commit_callbacks() as calls:
        years.publish(cycle=cycle, by=build.actor(at.users["leader"]))
        years.publish(cycle=cycle, by=build.actor(at.users["leader"]))
    row = Delivery.objects.get()
    assert (row.cycle, row.state, len(calls)) == (cycle, "waiting", 1)
    assert row.payload["published_on"] == timezone.localdate().isoformat()


def test_what_was_given_up_shows_and_is_sent_again(at):
    hook = hook_of(at)
    (row,) = services.announce(cycle=at.cycle, by=build.actor(at.users["hr"]))
    Delivery.objects.filter(pk=row.pk).update(state="given_up", next_at=None, attempts=6, answer="500 <b>x</b>")
    client = client_of(at.users["hr"])
    page = client.get(reverse("webhook", args=[hook.pk])).content.decode()
    assert "已放弃" in page
    assert "500 &lt;b&gt;x&lt;/b&gt;" in page
    client.post(reverse("delivery_resend", args=[row.pk]))
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0)


def test_another_zone_and_the_city_find_nothing(at):
    hook = hook_of(at)
    (row,) = services.announce(cycle=at.cycle, by=build.actor(at.users["hr"]))
    other = build.small_year(code="XZ")
    for user in (other.users["hr"], at.users["evaluator"], at.users["head"]):
        client = client_of(user)
        assert client.get(reverse("webhook", args=[hook.pk])).status_code in (403, 404)
        assert client.post(reverse("webhook_renew", args=[hook.pk])).status_code in (403, 404)
        assert client.post(reverse("delivery_resend", args=[row.pk])).status_code in (403, 404)
    assert Delivery.objects.get().attempts == 0
