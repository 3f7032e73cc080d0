"""What waits for whoever keeps posts and people."""

from __future__ import annotations

import datetime as dt

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Access
from common.due import Due
from staffing.models import Appointment, PostVersion

SOON = dt.timedelta(days=90)


def due(access: Access, on: dt.date) -> list[Due]:
    """Vacant seats, terms and probations ending within 90 days, in the units the visitor keeps."""
    if not access.can("change", "appointment"):
        return []
    units = access.units("change", "appointment")
    seats = PostVersion.objects.on(on).filter(unit__in=units).aggregate(sum=Sum("headcount"))["sum"] or 0
    posts = {"post__versions__unit__in": units, "post__versions__period__contains": on}
    holding = Appointment.objects.on(on).filter(**posts)
    ending = holding.filter(term_ends__range=(on, on + SOON)).count()
    probations = holding.filter(probation_ends__range=(on, on + SOON)).count()
    taken = holding.count()
    roster = reverse("roster")
    return [
        Due(_("空缺岗位"), seats - taken, seats, f"{reverse('roster')}?state=vacant", _("查看空岗")),
        Due(_("90 天内聘期届满"), ending, taken, f"{roster}?ending=90", _("办理续聘"), urgent=ending > 0),
        Due(_("90 天内试用期满"), probations, taken, f"{roster}?probation=90", _("办理转正")),
    ]
