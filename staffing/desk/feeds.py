"""A calendar feed (.ics): a secret address a user, which a calendar program reads without signing in.

The address is shown once; only a digest of it is stored. What it gives is worked
out anew at each reading, by the rights that its owner has on that day: who lost
his role gets an empty calendar, so that his program forgets what it held.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from common import audit
from common.access import Access
from common.actors import Actor
from common.fields import digest
from common.models import User
from staffing.agenda import Entry, entries
from staffing.models import CalendarFeed

#: How far the feed looks back and ahead.
BACK, AHEAD = dt.timedelta(days=31), dt.timedelta(days=400)


@transaction.atomic
def open_feed(*, user: User, by: Actor) -> tuple[CalendarFeed, str]:
    """A new address for the user and the token in it; the one he had stops working at once."""
    revoke_feed(user=user, by=by)
    token = secrets.token_hex(24)
    feed = CalendarFeed.objects.create(user=user, token_digest=digest(token))
    audit.record("open_feed", feed, by=by)
    return feed, token


@transaction.atomic
def revoke_feed(*, user: User, by: Actor) -> int:
    """End the user's address; how many were ended (none, or one)."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    feeds = CalendarFeed.objects.filter(user=user, revoked_at__isnull=True)
    for feed in feeds:
        feed.revoked_at = timezone.now()
        feed.save(update_fields=["revoked_at"])
        audit.record("revoke_feed", feed, by=by)
    return len(feeds)


def feed_of(token: str) -> CalendarFeed | None:
    """The feed that the token opens today; None for a wrong or revoked one, or when its owner may not sign in."""
    found = CalendarFeed.objects.filter(token_digest=digest(token), revoked_at__isnull=True, user__is_active=True)
    feed = found.select_related("user").first()
    today = timezone.localdate()
    if feed and feed.read_on != today:  # once a day is enough to know that it is in use
        CalendarFeed.objects.filter(pk=feed.pk).update(read_on=today)
    return feed


def calendar(user: User, root: str) -> bytes:
    """What the user may see of what is due, as an iCalendar file; ``root`` makes the addresses in it whole."""
    access = Access(user)
    today = access.day
    book = Calendar()
    book.add("prodid", "-//OneZone//agenda//ZH")
    book.add("version", "2.0")
    book.add("x-wr-calname", _("人事提醒"))
    book.add("refresh-interval;value=duration", "P1D")
    for entry in entries(access, today - BACK, today + AHEAD):
        book.add_component(_event(entry, root))
    return book.to_ical()


def _event(entry: Entry, root: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@onezone")
    # The same at every reading while nothing changed, so that programs see no change where there is none.
    event.add("dtstamp", dt.datetime.combine(entry.day, dt.time(), dt.UTC))
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + dt.timedelta(days=1))
    event.add("summary", entry.title)
    event.add("url", f"{root}{entry.path}")
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event
