"""Large reports are drawn in the background, by a job that its owner may leave and come back to.

A module says how large: ``HEAVY`` is the number of lines from which on it is a
job, ``heaviness(access, key, on)`` counts them, and tells one state of them
from another, so that asking again for the same hands back the same file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import jobs, uploads
from common.access import Access
from common.actors import Actor
from common.models import Job
from reports import services
from reports.catalogue import CATALOGUE

WORK = "reports.build"
#: A file is kept for an hour: after half of that, asking again draws it anew.
FRESH_SECONDS = uploads.KEPT_SECONDS // 2


def is_heavy(module: Any, access: Access, key: str, on: dt.date) -> bool:
    """Whether a report is too large to be drawn while somebody waits; asks the gate as ``fetch`` does."""
    most = getattr(module, "HEAVY", None)
    return most is not None and module.heaviness(access, key, on)[0] > most


def start(request: Any, module: Any, key: str, format: str) -> Job:
    """Queue the drawing; the same of the same state, asked for again within half an hour, is the same job."""
    lines, state = module.heaviness(request.access, key, request.on)
    now = int(timezone.now().timestamp()) // FRESH_SECONDS
    asked = [module.KIND, key, format, request.on.isoformat(), get_language(), now, state]
    return jobs.start(
        WORK,
        token=hashlib.sha256("|".join(map(str, asked)).encode()).hexdigest(),
        title=_("生成报表（%(n)s 项指标）") % {"n": lines},
        by=request.actor,
        total=2,
        report=module.KIND,
        key=key,
        format=format,
        on=request.on.isoformat(),
    )


def build(job: Job, progress: jobs.Progress) -> jobs.Outcome:
    """Draw the report with its owner's rights of now, and keep the file for him."""
    told = job.params
    by = Actor(job.by, "page", job.address)
    progress(0, 2, _("读取数据"))
    try:
        document, unit = CATALOGUE[told["report"]].fetch(Access(job.by), told["key"], dt.date.fromisoformat(told["on"]))
    except (Http404, PermissionDenied):
        raise jobs.Abandoned(_("您已不能查看这份报表"), reverse("reports")) from None
    progress(1, 2, _("排版"))
    issued, content = services.issue(report=document, format=told["format"], unit=unit, by=by)
    kept = uploads.keep(job.by_id, services.file_name(document, issued), content)
    note = _("已生成，出具编号 %(code)s；文件保留一小时。") % {"code": issued.code}
    return jobs.Outcome({"issued": issued.code}, note, reverse("built_file", args=[kept.token]))
