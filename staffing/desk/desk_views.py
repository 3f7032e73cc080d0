"""HR's home, and the calendar feed that stands beside it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from staffing.desk import feeds
from staffing.desk.home import desk
from staffing.models import CalendarFeed

#: So many of the things that are due are listed; the calendar has them all.
LISTED = 20
#: Where the address of a new feed waits for the one page that shows it.
SHOWN_ONCE = "new_feed"


@require_GET
def hr_home(request):
    """What to look after among posts and people, each with the list to act on."""
    request.access.demand("change", "appointment")
    token = request.session.pop(SHOWN_ONCE, "")
    found = desk(request.access, request.on)
    context = {
        "crumbs": [(_("人事工作台"), None)],
        "title": _("人事工作台"),
        "lede": _("空缺、超限、到期、待安排，一处看全"),
        "desk": found,
        "example": any(plan.is_example for plan in found.units),
        "soon": found.due[:LISTED],
        "feed": CalendarFeed.objects.filter(user=request.user, revoked_at__isnull=True).first(),
        "address": request.build_absolute_uri(reverse("feed", args=[token])) if token else "",
    }
    return render(request, "staffing/hr_home.html", context)


@require_POST
def feed_open(request):
    """A new address for this user's calendar; the one he had stops working."""
    request.access.demand("change", "appointment")
    _feed, token = feeds.open_feed(user=request.user, by=request.actor)
    request.session[SHOWN_ONCE] = token
    return redirect(f"{reverse('hr_home')}#feed")


@require_POST
def feed_revoke(request):
    """End this user's address, whatever his roles are by now."""
    feeds.revoke_feed(user=request.user, by=request.actor)
    return redirect(f"{reverse('hr_home')}#feed" if request.access.can("change", "appointment") else reverse("home"))


@login_not_required
@require_safe
def feed(request, token: str):
    """The feed, for whoever has the address; a wrong or revoked one is not there."""
    found = feeds.feed_of(token)
    if found is None:
        raise Http404
    root = request.build_absolute_uri("/").rstrip("/")
    response = HttpResponse(feeds.calendar(found.user, root), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
