"""HR's home: what is vacant, over-full, ending, waiting, each with its number and the list to act on."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from common import charts
from common.access import Access
from common.drawing import Caption, Chart
from orgchart.models import Quota
from staffing.agenda import Entry, entries
from staffing.models import Appointment, Person
from staffing.posting.post_plan import UnitPlan, plans

SOON = 90
MONTHS = 12


@dataclass(frozen=True)
class Item:
    """One thing to look after: how many, of how many, and the list that shows exactly those."""

    title: str
    count: int
    url: str
    action: str
    note: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Over:
    """A unit that holds more than it may: what, how many, and the limit."""

    unit: str
    code: str
    what: str
    held: int
    limit: int

    @property
    def excess(self) -> int:
        return self.held - self.limit


def over_full(found: Sequence[UnitPlan]) -> list[Over]:
    """Units with more people, or more leaders' seats, than their quota of the day."""
    over = []
    for plan in found:
        held = ((Quota.Kind.STAFF, plan.taken), (Quota.Kind.LEADERS, plan.leaders))
        over += [
            Over(plan.name, plan.code, str(kind.label), count, plan.quotas[kind])
            for kind, count in held
            if kind in plan.quotas and count > plan.quotas[kind]
        ]
    return over


@dataclass
class Desk:
    """Everything that the page shows."""

    items: list[Item]
    units: list[UnitPlan]
    over: list[Over]
    due: list[Entry]
    months: Chart
    #: Filled of all seats by unit, as a wide and as a narrow picture; none where there are no posts.
    seats: list[Chart]


def desk(access: Access, on: dt.date) -> Desk:
    """HR's home as of a day, over the units whose appointments the visitor keeps."""
    units = access.units("change", "appointment")
    found = plans(units, on)
    holding = access.scope(Appointment.objects.roster(on), "change")
    waiting = access.scope(Person.objects.waiting(on), "change")
    over = over_full(found)
    due = entries(access, on, on + dt.timedelta(days=SOON))
    until = on + dt.timedelta(days=SOON)
    counts = {
        name: holding.filter(where).count()
        for name, where in {
            "ending": Q(term_ends__range=(on, until)),
            "overdue": Q(term_ends__lt=on, period__endswith__isnull=True),
            "probation": Q(probation_ends__range=(on, until)),
        }.items()
    }
    items = [*_items(on, found, over, counts, waiting.count()), *_also_due(due)]
    return Desk(items, found, over, due, _months(holding, on), _seats(found, on))


def _list(page: str, on: dt.date, **choices: str | int) -> str:
    return f"{reverse(page)}?{urlencode({**choices, 'on': on.isoformat()})}"


def _items(
    on: dt.date, found: Sequence[UnitPlan], over: Sequence[Over], counts: dict[str, int], waiting: int
) -> list[Item]:
    free, seats = sum(plan.free for plan in found), sum(plan.total for plan in found)
    roster = lambda **choices: _list("roster", on, **choices)  # noqa: E731
    return [
        Item(_("空缺席位"), free, roster(state="vacant"), _("安排聘任"), _("共 %(n)s 席") % {"n": seats}),
        Item(_("超限单位"), len({each.code for each in over}), "#over", _("查看超限"), urgent=bool(over)),
        Item(
            _("90 天内聘期届满"), counts["ending"], roster(ending=SOON, sort="term"), _("办理续聘"),
            urgent=bool(counts["ending"]),
        ),
        Item(
            _("聘期已满未续"), counts["overdue"], roster(standing="overdue", sort="term"), _("办理续聘"),
            urgent=bool(counts["overdue"]),
        ),
        Item(_("90 天内试用期满"), counts["probation"], roster(probation=SOON, sort="probation"), _("办理转正")),
        Item(_("待岗人员"), waiting, roster(state="waiting"), _("安排岗位")),
    ]  # fmt: skip


#: What the tiles above count from the roster itself.
COUNTED = {"term", "probation"}


def _also_due(due: Sequence[Entry]) -> list[Item]:
    """A tile for each other sort of thing that some room knows to be due: retirements, notices, handovers."""
    groups = Counter((entry.kind, entry.group) for entry in due if entry.kind not in COUNTED)
    return [
        Item(_("90 天内%(what)s") % {"what": group}, count, "#soon", _("查看事项"))
        for (_kind, group), count in sorted(groups.items())
    ]


def _months(holding, on: dt.date) -> Chart:
    """How many terms end in each of the next twelve months."""
    first = on.replace(day=1)
    starts = [_month_on(first, number) for number in range(MONTHS + 1)]
    days = holding.filter(term_ends__gte=on, term_ends__lt=starts[-1]).order_by().values_list("term_ends", flat=True)
    tally = Counter(day.replace(day=1) for day in days)
    rows = [charts.Row(f"{day:%y-%m}", tally[day]) for day in starts[:-1]]
    caption = Caption(_("聘期届满人次（按月）"), _("人次"), _("花名册"), date_format(on))
    return charts.month_bars(rows, caption)


def _month_on(first: dt.date, months: int) -> dt.date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)


def _seats(found: Sequence[UnitPlan], on: dt.date) -> list[Chart]:
    """Filled of all seats, a bar a unit."""
    rows = [
        charts.Row(plan.name, plan.taken, plan.total, note=_("空缺 %(n)s") % {"n": plan.free})
        for plan in found
        if plan.total
    ]
    caption = Caption(_("各单位在岗与席位"), _("席"), _("花名册"), date_format(on))
    return [charts.hbars(rows, caption, narrow=narrow) for narrow in (False, True)] if rows else []
