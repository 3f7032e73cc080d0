"""Panels, one's own ratings and webhooks over REST, from token to answer."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from common.models import ApiToken, User
from kpi.models import Panel, Webhook
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture
def at(db):
    return build.small_year()


@pytest.fixture
def on(at):
    return build.panel(at)


def client_of(user: User, *scopes: str) -> APIClient:
    _row, token = ApiToken.objects.create(user=user, scopes=list(scopes or ("*:read", "*:write")))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def send(client: APIClient, path: str, **body):
    return client.post(f"{ROOT}/{path}/", body, format="json")


def test_a_panel_from_its_groups_to_its_results(at):
    hr = client_of(at.users["hr"])
    body = {"holder": "YZ", "year": 2026, "name": "满意度", "groups": [{"name": "群众", "weight": "99.9"}]}
    refused = send(hr, "panels", **body)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "KPI-PANEL-WEIGHTS"
    body["groups"][0]["weight"] = "100"
    made = send(hr, "panels", **body)
    assert made.status_code == 201
    address = f"panels/{made.json()['id']}"
    line = build.line(at.cards["bureau"], "party")
    assert send(hr, f"{address}/lines", lines=[line.pk]).json() == {"count": 1}
    names = ["YZ-staff", "YZ-colleague", "YZ-finance"]
    assert send(hr, f"{address}/raters", group="群众", usernames=names).json() == {"count": 3}
    assert send(hr, f"{address}/raters", group="群众", usernames=["ghost"]).status_code == 400
    assert send(hr, f"{address}/remind").json() == {"count": 3}
    assert send(hr, f"{address}/remind").json() == {"count": 0}
    for name, points in zip(names, ("70", "80", "90"), strict=True):
        mine = client_of(User.objects.get(username=name))
        (row,) = mine.get(f"{ROOT}/my-ratings/").json()["results"]
        assert (row["points"], row["version"], row["indicator"]) == (None, 0, "party")
        rated = send(mine, f"my-ratings/{row['id']}/rate", value=points, version=0)
        assert rated.json() == {"points": f"{points}.00", "version": 1, "done": 1, "of": 1}
    closed = send(hr, f"{address}/close").json()
    assert closed["lines"][0]["score"] == "80"
    said = {"name": "群众", "share": "100", "mean": "80", "least": "70", "most": "90", "count": 3}
    assert closed["lines"][0]["groups"] == [said]
    assert send(hr, f"{address}/close").status_code == 400


def test_a_rating_from_elsewhere_meanwhile_is_a_conflict(at, on):
    mine = client_of(at.users["leader"])
    address = f"my-ratings/{on.lines['bureau'].pk}/rate"
    assert send(mine, address, value="88", version=0).status_code == 200
    again = send(mine, address, value="70", version=0)
    assert (again.status_code, again.json()) == (409, {"points": "88.00", "version": 1})
    assert send(mine, address, value="1e400", version=1).status_code == 400
    assert send(mine, address, value="", version=1).json()["points"] is None


def test_whoever_is_not_asked_has_no_such_address(at, on):
    for who in ("hr", "evaluator", "head"):
        address = f"my-ratings/{on.lines['bureau'].pk}/rate"
        assert send(client_of(at.users[who]), address, value="88", version=0).status_code == 404


def test_a_token_rates_only_with_that_scope(at, on):
    address = f"my-ratings/{on.lines['bureau'].pk}/rate"
    assert send(client_of(at.users["leader"], "zone_panel:write"), address, value="88", version=0).status_code == 403
    assert client_of(at.users["leader"], "rating:read").get(f"{ROOT}/my-ratings/").status_code == 200
    assert send(client_of(at.users["leader"], "rating:read"), address, value="88", version=0).status_code == 403
    assert send(client_of(at.users["leader"], "rating:write"), address, value="88", version=0).status_code == 200


def test_another_zone_and_the_city_keep_none_of_it(at, on):
    other = build.small_year(code="XZ")
    for user in (other.users["hr"], at.users["evaluator"]):
        client = client_of(user)
        assert client.get(f"{ROOT}/panels/{on.panel.pk}/").status_code == 404
        assert send(client, f"panels/{on.panel.pk}/close").status_code == 404
        body = {"holder": "YZ", "year": 2026, "name": "别人的", "groups": [{"name": "群众", "weight": "100"}]}
        assert send(client, "panels", **body).status_code == 404
    assert Panel.objects.filter(name="别人的").count() == 0


def test_webhooks_tell_their_secret_once(at, settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    hr = client_of(at.users["hr"])
    assert send(hr, "webhooks", holder="YZ", url="https://10.0.0.1/").json()["errors"][0]["code"] == "private"
    made = send(hr, "webhooks", holder="YZ", url="https://127.0.0.1/hook")
    assert made.status_code == 201
    secret, pk = made.json()["secret"], made.json()["id"]
    assert secret not in hr.get(f"{ROOT}/webhooks/{pk}/").content.decode()
    assert secret not in hr.get(f"{ROOT}/webhooks/").content.decode()
    renewed = send(hr, f"webhooks/{pk}/renew").json()["secret"]
    assert renewed != secret == made.json()["secret"]
    assert send(hr, f"webhooks/{pk}/switch", active=False).json()["active"] is False
    assert send(hr, "webhooks", holder="YIZHENG", url="https://127.0.0.1/other").status_code == 404
    assert client_of(at.users["evaluator"]).get(f"{ROOT}/webhooks/{pk}/").status_code == 404
    assert Webhook.objects.get(pk=pk).secret == renewed
