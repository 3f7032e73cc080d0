"""A user's own long work: the list, one job with its bar, and asking for its end."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from common import jobs
from common.models import Job

#: The list goes back so many jobs.
LISTED = 100


def said(span: dt.timedelta | None) -> str:
    """A span of time as people say it: 40 秒, 3 分钟."""
    if span is None:
        return ""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return ngettext("%(n)s 秒", "%(n)s 秒", seconds) % {"n": seconds}
    minutes = (seconds + 30) // 60
    return ngettext("%(n)s 分钟", "%(n)s 分钟", minutes) % {"n": minutes}


def bar(job: Job) -> dict[str, Any]:
    """What ``partials/progress.html`` draws."""
    return {
        "label": job.note if job.running and job.note else f"{job.title} · {job.get_state_display()}",
        "done": job.done,
        "total": job.total or None,
        "left": said(jobs.left(job)),
        "running": job.running,
    }


def _spent(job: Job) -> str:
    return said(job.finished_at - job.started_at) if job.finished_at and job.started_at else ""


@require_GET
@never_cache
def job_list(request: HttpRequest) -> HttpResponse:
    """What this user has started, the latest first."""
    found = list(Job.objects.of(request.user)[:LISTED])
    context = {
        "title": _("我的任务"),
        "lede": _("在后台办理的导入等事项；可以离开页面，办完后在这里查看结果"),
        "crumbs": [(_("我的任务"), None)],
        "rows": [{"job": jobs.revive(job), "spent": _spent(job)} for job in found],
        "busy": any(job.running for job in found),
    }
    return render(request, "jobs/list.html", context)


@require_GET
@never_cache
def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: a bar while it runs, and what came of it."""
    job = jobs.revive(get_object_or_404(Job.objects.of(request.user), pk=pk))
    context = {
        "title": job.title,
        "lede": _("后台任务"),
        "crumbs": [(_("我的任务"), reverse("jobs")), (job.title, None)],
        "job": job,
        "spent": _spent(job),
        "progress": bar(job),
    }
    return render(request, "jobs/job.html", context)


@require_GET
@never_cache
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, as htmx polls it; a finished job sends the page on: to what it says, else to its result."""
    job = jobs.revive(get_object_or_404(Job.objects.of(request.user), pk=pk))
    if not job.running:
        answer = HttpResponse()
        answer["HX-Redirect"] = reverse("job", args=[job.pk]) if job.note or not job.url else job.url
        return answer
    return render(request, "partials/progress.html", {"progress": bar(job), "poll": reverse("job_progress", args=[pk])})


@require_POST
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the end of a job that still waits or runs."""
    job = get_object_or_404(Job.objects.of(request.user), pk=pk)
    jobs.cancel(job)
    return redirect("job", pk=job.pk)
