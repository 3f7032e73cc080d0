"""Who takes part in a round of selection, signed in, for tests of its pages and services."""

from __future__ import annotations

from django.test import Client

from staffing.personnel.identity import check_digit
from tests import staffing_builders as staff


def client(user) -> Client:
    made = Client()
    made.force_login(user)
    return made


def leader(at) -> Client:
    """Somebody who sits on a leader's post, and so decides."""
    if not hasattr(at, "boss"):
        at.boss = staff.person(at.zone, "主任", user=staff.user("sel-boss"))
        staff.seat(at.boss, at.zone.leader)
    return client(at.boss.user)


def member(at, n: int = 0) -> Client:
    """A member of staff with a user of his own."""
    who = at.people[n]
    if who.user is None:
        who.user = staff.user(f"sel-staff-{n}")
        who.save()
    return client(who.user)


def told(error) -> str:
    return " ".join(error.value.messages)


def national_id(number: int) -> str:
    first = f"99000219900101{number:03d}"
    return first + check_digit(first)
