"""Pages of the assessment: the grid of scores, scores from a table, the proposal and the decisions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common import uploads
from common.numerals import grouped
from common.sheets import BadFile
from staffing.models import Candidate, Score, Selection
from staffing.personnel.people_views import on_day
from staffing.selection import assessing, candidacy, pages, table
from staffing.selection.candidate_views import CANDIDATES
from staffing.selection.forms import DecideForm, ScoresForm
from staffing.selection.pages import frame
from staffing.selection.reading import Standing, candidates_of, offers, progress, standings
from staffing.selection.round_views import form_view, told_form

Stage = Selection.Stage
LISTED = 200


def _plain(points: Any) -> str:
    """As it is typed: without grouping, so that it can be edited."""
    return "" if points is None else f"{points.normalize():f}"


def _rows(selection: Selection, request) -> tuple[list, list[Standing]]:
    posts = offers(selection, request.on)
    return posts, standings(selection, candidates_of(selection), {offer.pk: offer.name for offer in posts})


@require_GET
def selection_scores(request, pk: int):
    """The grid of scores: a line a candidate, a column a part; cells save themselves."""
    found = request.access.get(Selection.objects.all(), "oversee", pk=pk)
    _posts, rows = _rows(found, request)
    parts = [(part, str(Score.Part(part).label), weight) for part, weight in found.weights.items()]
    editable = found.stage == Stage.ASSESSMENT and request.access.can_in(found.unit_id, "change", "selection")
    lines = [
        {
            "row": row,
            "open": editable and not candidacy.is_own(row.candidate, request.actor),
            "cells": [
                (part, label, _plain(row.points.get(part)), row.versions.get(part, 0)) for part, label, _w in parts
            ],
        }
        for row in sorted(rows, key=lambda each: each.candidate.number)
        if row.candidate.competes
    ]
    context = frame(request, found, _("考评得分")) | {
        "lede": found.title,
        "lines": lines,
        "parts": parts,
        "editable": editable,
        "done": progress(found, rows),
    }
    return render(request, "staffing/selections/scores.html", context)


@require_POST
def score_save(request, pk: int, part: str) -> HttpResponse:
    """Save one cell; answers JSON for static/js/scoregrid.js."""
    row = request.access.get(Candidate.objects.select_related("selection"), "score", pk=pk)
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return _refused(_("页面已过期，请刷新后再填"))
    try:
        entered = assessing.enter_points(
            candidate=row, part=part, text=request.POST.get("value", ""), version=int(version), by=request.actor
        )
    except assessing.StaleScore as stale:
        answer = {"ok": False, "theirs": _plain(stale.score.points), "version": stale.score.version}
        return JsonResponse(answer | {"error": _("已被他人改动")}, status=409)
    except ValidationError as error:
        return _refused(" ".join(error.messages))
    score = entered.score
    total = None if entered.total is None else grouped(entered.total, 2)
    return JsonResponse({"ok": True, "value": _plain(score.points), "score": total, "version": score.version})


def _refused(words: str) -> JsonResponse:
    return JsonResponse({"ok": False, "error": words}, status=422)


@form_view
def selection_scores_import(request, pk: int):
    """Scores from a table: what it would do first (a file, or pasted text), then (``token``) doing it."""
    found = request.access.get(Selection.objects.all(), "change", pk=pk)
    context = frame(request, found, _("导入得分")) | {
        "lede": found.title,
        "columns": [table.NUMBER, table.STAFF_NO, table.NAME, *table.part_columns()],
        "back": on_day(request, reverse("selection_scores", args=[pk])),
    }
    if request.method == "POST" and (token := request.POST.get("token")):
        return _write_scores(request, found, token, context)
    form = ScoresForm(request.POST or None, request.FILES or None)
    context["form"] = form
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read() if file else form.cleaned_data["text"].encode()
        try:
            context["sheet"] = sheet = table.read_scores(found, content, by=request.actor)
        except BadFile as bad:
            context["sheet"] = table.ScoreSheet(faults=bad.faults)
        else:
            if sheet.changes and not sheet.faults:
                name = file.name if file else "paste.csv"
                context["kept"] = uploads.keep(request.user.pk, name, content)
    return render(request, "staffing/selections/scores_import.html", context)


def _write_scores(request, found: Selection, token: str, context: dict[str, Any]) -> HttpResponse:
    try:
        with uploads.taken(request.user.pk, token) as kept:
            n = table.write_scores(selection=found, content=kept.content, by=request.actor)
            uploads.finish(request.user.pk, token, {"scores": n})
    except uploads.Finished as finished:
        n = finished.written["scores"]
    except (ValidationError, BadFile, Http404) as error:
        words = " ".join(error.messages) if isinstance(error, ValidationError) else _("文件已过期，请重新上传")
        messages.error(request, words)
        return redirect("selection_scores_import", pk=found.pk)
    messages.success(request, _("已写入 %(n)s 项得分") % {"n": n})
    return redirect(context["back"])


@require_GET
def selection_outcome(request, pk: int):
    """The proposal with its reasons, and what people decided: posts with their people, then everybody."""
    found = request.access.get(Selection.objects.all(), "oversee", pk=pk)
    posts, rows = _rows(found, request)
    rows = [row for row in rows if row.candidate.competes]
    filled = pages.by_post(posts, rows)
    done = progress(found, rows)
    context = frame(request, found, _("匹配与决定")) | {
        "lede": found.title,
        "rows": rows,
        "filled": filled,
        "seats": sum(offer.row.seats for offer in posts),
        "placed": sum(len(each.people) for each in filled),
        "left_over": [row for row in rows if row.outcome and row.outcome.decided_at and not row.outcome.decided_id],
        "done": done,
        "undecided": done.competing - done.decided,
        "pictures": pages.pictures(found, filled, rows),
        "proposed": any(row.outcome for row in rows),
        "may_decide": request.access.can_in(found.unit_id, "decide", "selection")
        and found.stage in (Stage.ASSESSMENT, Stage.MEDICAL),
        "own_person": request.access.person_id,
        "medical": found.kind == Selection.Kind.OPEN and found.passed(Stage.MEDICAL),
        "results": Candidate.Medical.choices,
    }
    return render(request, "staffing/selections/outcome.html", context)


@require_POST
def selection_propose(request, pk: int):
    """Match people to posts."""
    found = request.access.get(Selection.objects.all(), "change", pk=pk)
    try:
        n = assessing.propose(selection=found, by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已生成建议：%(n)s 人录入岗位") % {"n": n})
    return redirect("selection_outcome", pk=pk)


@require_POST
def selection_confirm(request, pk: int):
    """Decide as the system proposes, for everybody who is undecided."""
    found = request.access.get(Selection.objects.all(), "decide", pk=pk)
    try:
        n = assessing.decide_as_proposed(selection=found, by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已按建议决定 %(n)s 人") % {"n": n})
    return redirect("selection_outcome", pk=pk)


@form_view
def candidate_decide(request, pk: int):
    """Decide one candidate's case."""
    row = request.access.get(CANDIDATES, "decide", pk=pk)
    found = row.selection
    posts = offers(found, request.on)
    (standing,) = standings(found, candidates_of(found).filter(pk=row.pk), {offer.pk: offer.name for offer in posts})
    outcome = standing.outcome
    now = (outcome.decided_id if outcome.decided_at else outcome.proposed_id) if outcome else None
    initial = {
        "post": now,
        "deviation": outcome.deviation if outcome else "",
        "seen": str(outcome.decided_id or "") if outcome else "",
    }
    form = DecideForm(request.POST or None, offers=posts, initial=initial)

    def act(data: dict[str, Any]) -> str:
        post = form.offers[data["post"]] if data["post"] else None
        assessing.decide(candidate=row, post=post, deviation=data["deviation"], seen=data["seen"], by=request.actor)
        return _("%(name)s 的决定已保存") % {"name": row.name}

    context = frame(request, found, _("决定")) | {
        "title": _("决定 · %(name)s") % {"name": row.name},
        "lede": found.title,
        "facts": [
            (_("总分"), "" if standing.total is None else grouped(standing.total, 2)),
            (_("系统建议"), standing.proposed or _("不聘任")),
            (_("理由"), standing.why),
        ],
        "submit": _("保存决定"),
        "back": on_day(request, reverse("selection_outcome", args=[found.pk])),
    }
    return told_form(request, form, act, context)
