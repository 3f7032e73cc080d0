"""The calendar feed: what is due, for a program that reads without signing in."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.access import Access
from common.models import AuditEntry
from staffing import agenda
from staffing.agenda import masked_name
from staffing.desk import feeds
from staffing.models import Appointment, CalendarFeed, RetirementAge
from tests import selection_builders as rounds
from tests import staffing_builders as build
from tests.desk_builders import events, one_past_his_term, opened

pytestmark = pytest.mark.django_db
ONE_DAY = dt.timedelta(days=1)


@pytest.fixture
def zone():
    return one_past_his_term()


@pytest.fixture
def hr(client, zone):
    client.force_login(build.user("hr", role="hr", on=zone.unit))
    return client


# --- the calendar feed --------------------------------------------------------------------------------------------


@pytest.fixture
def soon(zone):
    """A term that ends in a month, of somebody who holds a post today."""
    today = timezone.localdate()
    Appointment.objects.filter(person=zone.li).update(
        term_ends=today + 30 * ONE_DAY, probation_ends=today + 9 * ONE_DAY
    )
    return zone


def test_a_calendar_reads_what_is_due_without_signing_in(hr, soon):
    address = opened(hr)
    assert address not in hr.get(reverse("hr_home")).content.decode(), "it is shown once"
    found = events(Client().get(address))
    today = timezone.localdate()
    assert found == {"聘期届满：李某": today + 30 * ONE_DAY, "试用期满：李某": today + 9 * ONE_DAY}
    text = Client().get(address).content.decode()
    assert "李四" not in text
    assert soon.li.national_id not in text
    assert f"/people/{soon.li.staff_no}/" in text
    assert Client().get(address).content == Client().get(address).content, "nothing changed, so nothing differs"
    feed = CalendarFeed.objects.get()
    assert feed.token_digest not in address
    assert address.rsplit("/", 1)[1].removesuffix(".ics") not in json.dumps(
        list(AuditEntry.objects.values("before", "after", "label")), default=str
    )
    assert feed.read_on == today


def test_a_wrong_or_revoked_address_is_not_there(hr, soon):
    assert Client().get(reverse("feed", args=["0" * 48])).status_code == 404
    first = opened(hr)
    second = opened(hr)
    assert Client().get(first).status_code == 404, "a new address ends the old one"
    assert events(Client().get(second))
    hr.post(reverse("feed_revoke"))
    assert Client().get(second).status_code == 404
    assert AuditEntry.objects.filter(verb="revoke_feed").count() == 2
    assert Client().post(second).status_code == 405


def test_who_lost_his_role_reads_nothing(hr, soon):
    address = opened(hr)
    owner = CalendarFeed.objects.get().user
    owner.grants.all().delete()
    assert events(Client().get(address)) == {}, "an empty calendar, so that the program forgets what it held"
    owner.is_active = False
    owner.save()
    assert Client().get(address).status_code == 404


def test_a_feed_shows_no_other_zone(client, soon):
    client.force_login(build.user("stranger", role="hr", on=build.small_zone("XX").unit))
    assert events(Client().get(opened(client))) == {}


def test_one_address_a_user_even_by_force(hr, soon):
    user = build.user("twice", role="hr", on=soon.unit)
    _feed, token = feeds.open_feed(user=user, by=build.clerk())
    assert feeds.feed_of(token)
    assert feeds.feed_of(token.replace(token[0], "x")) is None
    assert CalendarFeed.objects.filter(user=user, revoked_at__isnull=True).count() == 1


def dues(access: Access) -> dict[str, agenda.Entry]:
    far = access.day + dt.timedelta(days=400)
    return {entry.kind: entry for entry in agenda.selections(access, access.day, far)}


def test_a_round_open_to_applying_and_one_on_notice_are_due():
    """Each with the last day that counts, for HR of its unit and for nobody of another zone."""
    at = rounds.published(rounds.small_round())
    own = Access(build.user("own", role="hr", on=at.zone.unit))
    far = Access(build.user("far", role="hr", on=build.small_zone("XX").unit))
    (found,) = dues(own).values()
    assert (found.kind, found.day, found.path) == (
        "apply", at.row.apply_until, reverse("selection", args=[at.row.pk]),
    )  # fmt: skip
    assert dues(far) == {}


def test_a_round_on_notice_is_due_on_the_notices_last_day():
    at = rounds.announced(rounds.small_round())
    own = Access(build.user("own", role="hr", on=at.zone.unit))
    assert {kind: entry.day for kind, entry in dues(own).items()} == {"notice": at.notice.last_day}


def test_who_reaches_the_age_of_retiring_is_due_and_who_holds_no_post_is_not(zone):
    own = Access(build.user("own", role="hr", on=zone.unit))
    soon = own.day + 40 * ONE_DAY
    born = dt.date(soon.year - 60, soon.month, min(soon.day, 28))
    RetirementAge.objects.filter(group="men").delete()
    law = {"group": "men", "base_months": 720, "source": "示例", "basis": "memory", "period": build.SINCE}
    RetirementAge.objects.create(**law)
    build.seat(build.person(zone, "老周", birth_date=born), zone.eco_clerk)
    build.person(zone, "老吴", birth_date=born)
    (found,) = agenda.retirements(own, own.day, own.day + 80 * ONE_DAY)
    assert (found.who, found.title, found.kind) == ("老周", "到龄退休：老某", "retirement")
    assert own.day < found.day <= own.day + 80 * ONE_DAY
    assert list(agenda.retirements(own, own.day, own.day + 5 * ONE_DAY)) == []
    far = Access(build.user("far", role="hr", on=build.small_zone("XX").unit))
    assert list(agenda.retirements(far, own.day, own.day + 80 * ONE_DAY)) == []


def test_names_leave_the_house_as_surnames():
    assert [masked_name(name) for name in ("张三丰", "李四", "王")] == ["张某", "李某", "王某"]
