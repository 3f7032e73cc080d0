"""The pages of an import: upload, look at what it would change, confirm the very same file.

A room makes one ``ImportPages`` and hangs its three views on addresses of its
own. A small file is dealt with in the request; a larger one by a job, which the
clerk may leave and come back to: same importer, same report.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from common import jobs, uploads
from common.access import Access
from common.actors import Actor
from common.books import XLSX
from common.imports import deeds
from common.imports.deeds import Importer, OtherOutcome
from common.imports.errors import error_book
from common.imports.forms import UploadForm
from common.imports.report import LISTED, Report, Summary
from common.models import Job

#: A file of more bytes than this (some 300 lines) is dealt with in the background.
IN_REQUEST_BYTES = 20_000


class ImportPages:
    """What a room says of its import pages; the rest is the same for all.

    ``name`` is the address's name of the upload; the other two are ``<name>_check``
    and ``<name>_errors``. ``back`` is where the thing itself is looked at.
    """

    name: str
    back: str
    template: str
    how: str

    def importer(self, access: Access, by: Actor, day: dt.date, source: str) -> Importer:
        """The import in this user's reach; raises PermissionDenied where he has none."""
        raise NotImplementedError

    def words(self) -> dict[str, str]:
        """What the pages call things: title, lede, thing, write, crumb."""
        raise NotImplementedError

    def told(self, written: Mapping[str, int]) -> str:
        """What was written, or would be, in a sentence."""
        raise NotImplementedError

    def columns(self) -> Sequence[tuple[str, Sequence[str]]]:
        """The sheets that are read, each with its columns."""
        raise NotImplementedError

    # --- views --------------------------------------------------------------------------------------

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Upload a file; it is kept aside and shown before anything is written."""
        self._importer(request, "")
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            found = form.cleaned_data["file"]
            kept = uploads.keep(_owner(request), found.name, found.read())
            return redirect(self._on(request, reverse(f"{self.name}_check", args=[kept.token])))
        return render(request, "imports/upload.html", {**self._frame(request, 1), "form": form})

    def check(self, request: HttpRequest, token: str) -> HttpResponse:
        """What the kept file would do (GET), and doing it (POST)."""
        importer = self._importer(request, "")
        try:
            if request.method == "POST":
                return self._confirmed(request, token)
            kept = uploads.fetch(_owner(request), token)
        except uploads.Finished as finished:
            # A second click, a reload, the way back: it is written, once.
            messages.info(request, _("已导入，没有重复写入：") + self.told(finished.written))
            return redirect(self._on(request, reverse(self.back)))
        summary, moved = _kept_summary(kept, request.on)
        if summary is None:
            if len(kept.content) > IN_REQUEST_BYTES:
                return redirect("job", pk=self._start(request, kept, "check").pk)
            importer.source = kept.name
            summary = Summary.of(deeds.preview(kept.content, importer))
        return self._shown(request, kept, summary, moved=moved)

    def errors(self, request: HttpRequest, token: str) -> HttpResponse:
        """The file with what is wrong beside each line, to mend and upload again."""
        importer = self._importer(request, "")
        kept = uploads.fetch(_owner(request), token)
        content = uploads.attached(kept, _named("errors", request.on))
        if content is None:
            importer.source = kept.name
            report = deeds.preview(kept.content, importer)
            if not report.lines:
                raise Http404
            content = error_book(report)
        response = HttpResponse(content, content_type=XLSX)
        name = kept.name.rsplit(".", 1)[0] + _("_错误") + ".xlsx"
        response["Content-Disposition"] = content_disposition_header(True, name)
        return response

    def views(self) -> tuple[Any, Any, Any]:
        """The three views, for the room's addresses."""
        forms = require_http_methods(["GET", "POST"])
        return never_cache(forms(self.upload)), never_cache(forms(self.check)), never_cache(require_GET(self.errors))

    # --- in the request -----------------------------------------------------------------------------

    def _importer(self, request: HttpRequest, source: str) -> Importer:
        return self.importer(request.access, request.actor, request.on, source)

    def _confirmed(self, request: HttpRequest, token: str) -> HttpResponse:
        outcome = request.POST.get("outcome", "")
        with uploads.taken(_owner(request), token) as kept:
            if request.POST.get("sha256") != kept.sha256:
                raise Http404
            if len(kept.content) > IN_REQUEST_BYTES:
                return redirect("job", pk=self._start(request, kept, "write", outcome=outcome).pk)
            moved = False
            try:
                report = deeds.carry_out(kept.content, self._importer(request, kept.name), outcome)
            except OtherOutcome as other:
                report, moved = other.report, True
            else:
                if report.clean:
                    uploads.finish(_owner(request), kept.token, report.written)
                    messages.success(request, _("导入完成：") + self.told(report.written))
                    return redirect(self._on(request, reverse(self.back)))
        return self._shown(request, kept, Summary.of(report), moved=moved)

    def _shown(self, request: HttpRequest, kept: uploads.Upload, summary: Summary, *, moved: bool) -> HttpResponse:
        context = self._frame(request, 2) | {
            "title": _("预检结果"),
            "lede": kept.name,
            "kept": kept,
            "report": summary,
            "moved": moved,
            "listed": LISTED,
            "would": self.told(summary.written) if summary.written else "",
        }
        context["crumbs"] = [*context["crumbs"][:-1], (self.words()["title"], context["upload_url"]), (_("预检"), None)]
        return render(request, self.template, context)

    def _frame(self, request: HttpRequest, step: int) -> dict[str, Any]:
        words = self.words()
        return {
            "crumbs": [(words["crumb"], self._on(request, reverse(self.back))), (words["title"], None)],
            "title": words["title"],
            "lede": words["lede"],
            "words": words,
            "how": self.how,
            "columns": self.columns(),
            "back_url": self._on(request, reverse(self.back)),
            "upload_url": self._on(request, reverse(self.name)),
            "errors_page": f"{self.name}_errors",
            "steps": [_("上传文件"), _("核对预检结果"), words["write"]],
            "now": step,
        }

    def _on(self, request: HttpRequest, address: str) -> str:
        return address if request.on_is_today else f"{address}?{urlencode({'on': request.on.isoformat()})}"

    # --- in the background --------------------------------------------------------------------------

    def _start(self, request: HttpRequest, kept: uploads.Upload, what: str, outcome: str = "") -> Job:
        title = {"check": _("预检"), "write": _("写入")}[what]
        return jobs.start(
            self.name,
            token=":".join([what, kept.token, request.on.isoformat(), outcome[:16]]),
            title=f"{self.words()['title']}（{title}）· {kept.name}",
            by=request.actor,
            what=what,
            file=kept.token,
            outcome=outcome,
            on=request.on.isoformat(),
            check_url=self._on(request, reverse(f"{self.name}_check", args=[kept.token])),
            back_url=self._on(request, reverse(self.back)),
        )

    def work(self, job: Job, progress: jobs.Progress) -> jobs.Outcome:
        """The job of a larger file: its check, or its deed. The owner's rights are those of now."""
        told, day = job.params, dt.date.fromisoformat(job.params["on"])
        by = Actor(job.by, "import", job.address)
        try:
            with uploads.taken(job.by_id, told["file"]) as kept:
                importer = self.importer(Access(job.by), by, day, kept.name)
                if told["what"] == "check":
                    report = deeds.preview(kept.content, importer, progress)
                    _keep_report(kept, day, report)
                    return jobs.Outcome(dict(report.counts), url=told["check_url"])
                return self._write(job, kept, importer, progress)
        except uploads.Finished as finished:
            return jobs.Outcome(finished.written, _("已导入，没有重复写入：") + self.told(finished.written))
        except PermissionDenied:
            raise jobs.Abandoned(_("您已没有办理这项导入的权限")) from None
        except Http404:
            raise jobs.Abandoned(_("文件已过期，请重新上传"), reverse(self.name)) from None

    def _write(self, job: Job, kept: uploads.Upload, importer: Importer, progress: jobs.Progress) -> jobs.Outcome:
        told, day = job.params, dt.date.fromisoformat(job.params["on"])
        moved = False
        try:
            report = deeds.carry_out(kept.content, importer, told["outcome"], progress)
        except OtherOutcome as other:
            report, moved = other.report, True
        if moved or not report.clean:
            _keep_report(kept, day, report, moved=moved)
            raise jobs.Abandoned(_("预检之后情况有了变动，没有写入；请再核对一次"), told["check_url"])
        owner, written = job.by_id, report.written
        transaction.on_commit(lambda: uploads.finish(owner, kept.token, written))
        return jobs.Outcome(written, _("导入完成：") + self.told(written), told["back_url"])


def _owner(request: HttpRequest) -> int:
    if request.user.pk is None:
        raise PermissionDenied
    return request.user.pk


def _named(what: str, day: dt.date) -> str:
    return f"{what}-{day.isoformat()}"


def _keep_report(kept: uploads.Upload, day: dt.date, report: Report, *, moved: bool = False) -> None:
    """Beside the file, encrypted like it and gone with it: a report names people."""
    plain = {"summary": Summary.of(report).as_plain(), "moved": moved}
    uploads.attach(kept, _named("report", day), json.dumps(plain).encode())
    if report.faults and report.lines:
        uploads.attach(kept, _named("errors", day), error_book(report))


def _kept_summary(kept: uploads.Upload, day: dt.date) -> tuple[Summary | None, bool]:
    content = uploads.attached(kept, _named("report", day))
    if content is None:
        return None, False
    plain = json.loads(content)
    return Summary.from_plain(plain["summary"]), plain["moved"]
