"""The page of one's own assessment."""

from __future__ import annotations

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kpi.judging import mine


@require_GET
def my_assessment(request):
    """My scores and grades, why, and what I may ask for."""
    context = {
        "crumbs": [(_("我的考核"), None)],
        "title": _("我的考核"),
        "lede": _("历年得分、等次和理由"),
        "years": mine.read(request.access, request.on, timezone.localdate()) if request.access.person_id else [],
    }
    return render(request, "kpi/judging/mine.html", context)
