"""What is due on which day, as far as a user may see it today: for HR's home and for the calendar feed.

A room that knows of due days names a function in ``settings.AGENDA_SOURCES``:
it is called with an ``Access`` and the first and last day, and yields ``Entry``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from common.access import Access
from staffing.models import Appointment, Notice, Person, Selection


@dataclass(frozen=True)
class Entry:
    """One thing that is due: ``key`` stays the same when it is read again; ``path`` is where it is dealt with.

    ``kind`` and ``group`` say what sort of thing it is, as a code and in words:
    HR's home counts by them. ``title`` may leave the house, and so names nobody in
    full; ``who`` does, and is for pages only.
    """

    key: str
    day: dt.date
    title: str
    path: str
    kind: str
    group: str
    who: str = ""


def masked_name(name: str) -> str:
    """A name as it may leave the house: the first character, and that there are more (张某)."""
    return _("%(first)s某") % {"first": name[:1]}


def entries(access: Access, first: dt.date, last: dt.date) -> list[Entry]:
    """Everything due from ``first`` to ``last`` that the user may see today, by day."""
    found = [entry for source in settings.AGENDA_SOURCES for entry in import_string(source)(access, first, last)]
    return sorted(found, key=lambda entry: (entry.day, entry.key))


def appointments(access: Access, first: dt.date, last: dt.date) -> Iterator[Entry]:
    """The last days of terms and probations of those who hold a post now."""
    holding = access.scope(Appointment.objects.on(access.day)).filter(period__endswith__isnull=True)
    for column, kind, group, words in (
        ("term_ends", "term", _("聘期届满"), _("聘期届满：%(who)s")),
        ("probation_ends", "probation", _("试用期满"), _("试用期满：%(who)s")),
    ):
        rows = holding.filter(**{f"{column}__range": (first, last)}).select_related("person").order_by(column, "pk")
        for row in rows:
            yield Entry(
                key=f"{kind}-{row.pk}",
                day=getattr(row, column),
                title=words % {"who": masked_name(row.person.name)},
                path=reverse("person", args=[row.person.staff_no]),
                kind=kind,
                group=group,
                who=row.person.name,
            )


def selections(access: Access, first: dt.date, last: dt.date) -> Iterator[Entry]:
    """The last days of applying for rounds that are open, and of the public notices that stand."""
    rounds = access.scope(Selection.objects.filter(stage=Selection.Stage.PUBLISHED))
    for row in rounds.filter(apply_until__range=(first, last)).order_by("apply_until", "pk"):
        yield Entry(
            key=f"apply-{row.pk}",
            day=row.apply_until,
            title=_("报名截止：%(round)s") % {"round": row.title},
            path=reverse("selection", args=[row.pk]),
            kind="apply",
            group=_("报名截止"),
        )
    notices = access.scope(Notice.objects.filter(selection__stage=Selection.Stage.NOTICE)).select_related("selection")
    # Put on notice anew, a round stands by its latest notice.
    for notice in notices.order_by("selection_id", "-pk").distinct("selection_id"):
        if first <= notice.last_day <= last:
            yield Entry(
                key=f"notice-{notice.pk}",
                day=notice.last_day,
                title=_("公示期满：%(round)s") % {"round": notice.selection.title},
                path=reverse("selection", args=[notice.selection_id]),
                kind="notice",
                group=_("公示期满"),
            )


def retirements(access: Access, first: dt.date, last: dt.date) -> Iterator[Entry]:
    """The days on which those who hold a post now reach the age of retiring, by the law on file."""
    people = access.scope(Person.objects.in_post(access.day)).with_retirement(access.day)
    for who in people.filter(retires_on__range=(first, last)).order_by("retires_on", "pk"):
        yield Entry(
            key=f"retirement-{who.pk}",
            day=who.retires_on,
            title=_("到龄退休：%(who)s") % {"who": masked_name(who.name)},
            path=reverse("person", args=[who.staff_no]),
            kind="retirement",
            group=_("到龄退休"),
            who=who.name,
        )
