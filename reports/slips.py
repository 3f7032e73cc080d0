"""Everybody's pay slip in one archive, made in the background; and handing it to whoever asked for it."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from common import audit, jobs, uploads
from common.access import Access
from common.actors import Actor
from common.models import Job
from pay.models import Run
from reports import pdf
from reports.models import IssuedReport
from reports.pay_slip import KIND, Names, build, slip_runs, slips
from reports.services import MIME, new_code
from zones.models import Unit

WORK = "reports.pay_slips"


def run_of(access: Access, key) -> Run:
    """A run that slips are made of, for somebody who sees everybody's pay there."""
    run = access.get(slip_runs(), pk=key)
    if not access.can_in(run.unit_id, "export", "allocation"):
        raise PermissionDenied
    return run


def start(run: Run, *, by: Actor) -> Job:
    """Queue the archive; asked for again within the hour for which it is kept, it is the same job."""
    hour = f"{timezone.now():%Y%m%d%H}"
    title = _("%(unit)s %(year)s 年绩效工资条") % {"unit": Names.of(run).unit, "year": run.year}
    return jobs.start(WORK, token=f"{run.pk}:{hour}", title=title, by=by, run=run.pk)


@jobs.work(WORK)
def make(job: Job, progress: jobs.Progress) -> jobs.Outcome:
    """One PDF a person, all in one archive, which is kept encrypted for its owner and for an hour."""
    try:
        run = run_of(Access(job.by), job.params["run"])
    except Exception as error:
        raise jobs.Abandoned(_("您已没有下载这些工资条的权限，或该核算已被更正")) from error
    names, everybody = Names.of(run), list(slips(run))
    issued, out = [], io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for done, slip in enumerate(everybody, start=1):
            form, code = build(run, slip, names), new_code()
            content = pdf.render(form, code=code)
            # The staff number alone: a name may hold what a file's name may not.
            archive.writestr(f"{slip.person.staff_no}.pdf", content)
            title = f"{names.unit} {form.title} {slip.person.staff_no}"
            issued.append(_issue(run.unit, title, "pdf", form.basis, form.as_of, content, code, job))
            progress(done, len(everybody), _("制作工资条"))
    content = out.getvalue()
    basis = {"run": run.pk, "slips": len(everybody)}
    whole = _issue(run.unit, job.title, "zip", basis, timezone.localdate(), content, new_code(), job)
    with transaction.atomic():
        IssuedReport.objects.bulk_create([*issued, whole], batch_size=500)
        by = Actor(job.by, "task", job.address)
        audit.record("issue_pay_slips", run, by=by, after={"slips": len(everybody), "archive": whole.sha256})
    kept = uploads.keep(job.by_id, f"{whole.code}.zip", content)
    told = {"slips": len(everybody), "sha256": whole.sha256}
    note = _("共 %(n)s 份，请在一小时内下载") % {"n": len(everybody)}
    return jobs.Outcome(told, note, reverse("slips_file", args=[kept.token]))


def _issue(
    unit: Unit, title: str, format: str, basis: dict, as_of: dt.date, content: bytes, code: str, job: Job
) -> IssuedReport:
    return IssuedReport(
        code=code,
        kind=KIND,
        title=title[:200],
        format=format,
        unit=unit,
        as_of=as_of,
        basis=basis,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        issued_by=job.by,
    )


@require_POST
def slips_start(request, pk: int) -> HttpResponse:
    """Ask for everybody's slips of a run; the job's page shows how far it is."""
    return redirect("job", pk=start(run_of(request.access, pk), by=request.actor).pk)


@require_GET
@never_cache
def slips_file(request, token: str) -> HttpResponse:
    """The archive, for whoever asked for it, while it is kept."""
    kept = uploads.fetch(request.user.pk, token)
    response = HttpResponse(kept.content, content_type=MIME["zip"])
    response["Content-Disposition"] = content_disposition_header(True, _("绩效工资条") + f"-{kept.name}")
    response["X-Content-Type-Options"] = "nosniff"
    return response
