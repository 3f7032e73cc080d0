"""Who saw what identifies a person, and finding somebody by his national ID without writing it anywhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from common.fields import digest
from common.forms import take_errors
from common.models import AuditEntry
from staffing.models import Person
from staffing.personnel.identity import read_national_id
from staffing.personnel.people import record_reading
from staffing.personnel.people_views import on_day
from staffing.recording.fact_forms import FindForm

LATELY = dt.timedelta(days=30)
A_PAGE = 50
PLACES = {
    "person": gettext_lazy("人员页"),
    "person_edit": gettext_lazy("更正资料"),
    "person_find": gettext_lazy("按身份证号查找"),
    "api": gettext_lazy("接口"),
    "roster_export": gettext_lazy("花名册导出"),
}


@require_GET
def readings(request, staff_no: str):
    """Who saw this person's national ID, birth date or telephone, how often, and how much else he looked at lately."""
    person = request.access.get(Person.objects.all(), staff_no=staff_no)
    if not request.access.can_in(person.home_unit_id, "view", "audit"):
        raise PermissionDenied
    since = timezone.now() - LATELY
    reads = AuditEntry.objects.filter(verb="read_identity", noun=Person._meta.label_lower)
    own = reads.filter(key=str(person.pk))
    lately = Count("pk", filter=Q(at__gte=since))
    grouped = own.order_by().values("user", "user__username", "user__last_name", "user__first_name")
    readers = list(grouped.annotate(times=Count("pk"), lately=lately, last=Max("at")).order_by("-times"))
    volume = dict(
        reads.filter(user__in=[row["user"] for row in readers], at__gte=since)
        .order_by()
        .values_list("user")
        .annotate(n=Count("key", distinct=True))
    )
    for row in readers:
        full = f"{row['user__last_name'] or ''}{row['user__first_name'] or ''}"
        row["name"] = full or row["user__username"] or _("系统")
        row["people"] = volume.get(row["user"], 0)
    page = Paginator(own.select_related("user").order_by("-pk"), A_PAGE).get_page(request.GET.get("page"))
    for entry in page:
        place = (entry.after or {}).get("place", "")
        entry.place = PLACES.get(place, place or "—")
    back = on_day(request, reverse("person", args=[person.staff_no]))
    context: dict[str, Any] = {
        "crumbs": [(_("花名册"), on_day(request, reverse("roster"))), (person.name, back), (_("谁看过"), None)],
        "title": _("谁看过 · %(name)s") % {"name": person.name},
        "lede": _("查看、导出此人完整身份信息的记录；本人查看不计"),
        "person": person,
        "readers": readers,
        "total": sum(row["times"] for row in readers),
        "lately": sum(row["lately"] for row in readers),
        "page": page,
    }
    return render(request, "staffing/readings.html", context)


@require_http_methods(["GET", "POST"])
def person_find(request):
    """Find somebody by his national ID, in full and among those whose ID the visitor may read."""
    request.access.demand("export", "identity")
    form = FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            number = read_national_id(form.cleaned_data["national_id"]).number
            held = Person.objects.filter(national_id_digest=digest(number))
            found = request.access.scope(held, "view", "identity").first()
            if found is None:
                raise ValidationError({"national_id": _("您的管理范围内没有这个身份证号")})
        except ValidationError as error:
            told = error if hasattr(error, "error_dict") else ValidationError({"national_id": error})
            take_errors(form, told)
        else:
            record_reading([found], by=request.actor, place="person_find")
            return redirect(on_day(request, reverse("person", args=[found.staff_no])))
    back = on_day(request, reverse("roster"))
    context = {
        "crumbs": [(_("花名册"), back), (_("按身份证号查找"), None)],
        "title": _("按身份证号查找"),
        "lede": _("号码不会出现在网址和日志中；查找记入操作记录"),
        "form": form,
        "submit": _("查找"),
        "back": back,
    }
    return render(request, "staffing/form.html", context)
