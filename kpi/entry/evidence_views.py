"""Pages of evidence: what stands under a line, putting a file there, taking it back, fetching it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.forms import take_errors
from kpi.entry import evidence, pages
from kpi.entry.evidence_files import MAX_BYTES
from kpi.entry.forms import EvidenceForm
from kpi.models import Cycle, Evidence, Line, Scorecard
from kpi.rights import scorable


def seen_card(request, **lookup) -> Scorecard:
    """The card behind a line or a file, for whoever may see it; 404 for everybody else."""
    cards = Scorecard.objects.named(request.on).select_related("cycle", "unit", "bureau", "person")
    return request.access.get(cards, **lookup)


@require_http_methods(["GET", "POST"])
def line_evidence(request, pk: int):
    """The files under a line; whoever scores it adds to them."""
    card = seen_card(request, lines=pk)
    line = Line.objects.select_related("indicator").get(pk=pk)
    own = Scorecard.objects.filter(pk=card.pk)
    adds = card.cycle.state == Cycle.State.OPEN and scorable(request.access, own).exists()
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data["file"]
        try:
            content = found.read() if found.size <= MAX_BYTES else b"\0" * (MAX_BYTES + 1)
            row = evidence.add_evidence(line=line, name=found.name, content=content, by=request.actor)
        except ValidationError as error:
            if not adds:  # no form to say it at: the year ended while the page was open, or he never might
                messages.error(request, " ".join(error.messages))
                return redirect("line_evidence", pk=pk)
            take_errors(form, error)
        else:
            messages.success(request, _("已上传「%(name)s」") % {"name": row.name})
            return redirect("line_evidence", pk=pk)
    files = list(line.evidence.defer(evidence.CONTENT).select_related("added_by"))
    name = pages.subject(card)
    context = {
        "crumbs": [
            (_("评分卡"), f"{reverse('scorecards')}?year={card.cycle.year}"),
            (name, reverse("scorecard", args=[card.pk])),
            (_("佐证材料"), None),
        ],
        "title": _("佐证材料 · %(name)s") % {"name": line.indicator.shown_name},
        "lede": _("%(name)s %(year)s 年评分卡") % {"name": name, "year": card.cycle.year},
        "card": card,
        "line": line,
        "files": files,
        "standing": sum(row.withdrawn_at is None for row in files),
        "size": sum(row.size for row in files if row.withdrawn_at is None),
        "form": form if adds else None,
        "adds": adds,
        "limits": {"files": evidence.CARD_FILES, "size": evidence.CARD_BYTES >> 20},
    }
    return render(request, "kpi/entry/evidence.html", context, status=400 if form.errors else 200)


@require_GET
def evidence_file(request, pk: int):
    """One file, as an attachment, after the same check as its card."""
    seen_card(request, lines__evidence=pk)
    return as_attachment(Evidence.objects.get(pk=pk))


def as_attachment(row: Evidence) -> HttpResponse:
    """Never shown in place, never taken for another type, and kept in no shared cache."""
    response = HttpResponse(bytes(row.content), content_type=row.mime)
    response["Content-Disposition"] = content_disposition_header(True, row.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def evidence_withdraw(request, pk: int):
    """Take a file back."""
    card = request.access.get(Scorecard.objects.all(), "score", lines__evidence=pk)
    row = Evidence.objects.defer(evidence.CONTENT).get(pk=pk, line__scorecard=card)
    try:
        evidence.withdraw_evidence(evidence=row, by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已撤回「%(name)s」") % {"name": row.name})
    return redirect("line_evidence", pk=row.line_id)
