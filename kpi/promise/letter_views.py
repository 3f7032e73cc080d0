"""Pages of letters: who has signed, one letter, its lines as a sheet, signing, and changing a target in mid-year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from common.forms import take_errors
from kpi.entry import pages
from kpi.explain import PARTS
from kpi.models import Cycle, Indicator, Line, Scorecard, Signature
from kpi.promise import letters, reading
from kpi.promise.forms import LetterFilters, RetargetForm
from kpi.promise.library_views import form_view
from kpi.promise.numbers import read_number, read_weight, shown
from kpi.promise.promising import Wanted, lines_of, missing, promise, stamp
from kpi.promise.sheet import MAX_LINES, Sheet, SheetRow, find_indicators, read_cell, sheet_of
from kpi.promise.template_views import SPARE_ROWS
from kpi.rights import allowed
from staffing.personnel.people_views import on_day
from zones.models import Unit

PAGE_SIZE = 50
COLUMNS = ("group", "indicator", "weight", "previous", "target", "challenge", "serves")
RETARGETED = ("line", "weight", "target", "challenge", "not_applicable")
#: As many letters are signed in one go.
AT_ONCE = 200


@require_GET
def letter_list(request):
    """The letters of a year: how many are signed, unit by unit; whose signature is missing; and one's own to sign."""
    if not any(request.access.can("view", noun) for noun in Scorecard.nouns):
        raise PermissionDenied
    visible, years = reading.promised_years(request.access, request.on)
    year = reading.year_of(years, request.GET.get("year", ""), request.on)
    cards = visible.filter(cycle__year=year)
    units = Unit.objects.filter(pk__in=cards.order_by().values("unit")).named_on(request.on)
    form = LetterFilters(
        {**request.GET.dict(), "year": year}, years=years, units=[(unit.code, unit.short_name) for unit in units]
    )
    chosen = form.chosen()
    if "unit" in chosen:
        cards = cards.filter(unit__code=chosen["unit"])
    table = reading.counts(cards, request.on)
    if "kind" in chosen:
        cards = cards.filter(kind=chosen["kind"])
    mine = cards.filter(reading.waits(request.access, Scorecard.objects.filter(cycle__year=year)))
    left = mine.count()
    state = chosen.get("state", "")
    cards = {"mine": mine, "open": cards.filter(frozen_at=None), "done": cards.exclude(frozen_at=None)}.get(
        state, cards
    )
    ordered = cards.bureau_ordered(request.on).order_by(
        "unit__sequence", "unit__code", reading.BY_KIND, "bureau_order", "bureau", "person__staff_no", "pk"
    )
    page = Paginator(ordered.values_list("pk", flat=True), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = reading.rows(list(page.object_list), request.access, request.on)
    context = {
        "crumbs": [(_("责任书"), None)],
        "title": _("%(year)s 年责任书") % {"year": year} if year else _("责任书"),
        "lede": _("谁已签、还差谁签"),
        "year": year,
        "form": form,
        "filtered": bool({"unit", "kind", "state"} & chosen.keys()),
        "state": state,
        "mine": left,
        "table": table,
        "sums": {
            name: sum(getattr(row, name) for row in table) for name in ("cards", "assessor", "assessed", "frozen")
        },
        "page": page,
        "signs": any(row.side for row in page.object_list),
        "reminds": _reminds(request, visible.filter(cycle__year=year, frozen_at=None)),
    }
    return render(request, "kpi/promise/letters.html", context)


def _reminds(request, unsigned) -> list[Cycle]:
    """The open years that the visitor runs in which a signature is missing: he may remind whoever it waits for."""
    years = Cycle.objects.filter(state=Cycle.State.OPEN, pk__in=unsigned.order_by().values("cycle"))
    return list(request.access.scope(years, "change").select_related("holder").order_by("holder"))


def _tokens(request) -> dict[int, str]:
    """The chosen cards, each with the promise that was on the page; what is no such pair is left out."""
    found = {}
    for token in request.POST.getlist("card")[:AT_ONCE]:
        key, _colon, seen = token.partition(":")
        if key.isascii() and key.isdigit() and len(key) < 18 and seen:
            found[int(key)] = seen
    return found


@require_POST
def letters_sign(request):
    """Sign the chosen letters, each on the side on which the visitor may; those refused are named."""
    if not any(request.access.can(f"sign_{side}", noun) for side in Signature.Side for noun in Scorecard.nouns):
        raise PermissionDenied
    tokens = _tokens(request)
    cards = Scorecard.objects.filter(pk__in=tokens)
    done, refused = 0, []
    for side in Signature.Side.values:
        waiting = reading.waiting(request.access, request.access.scope(cards), side).named(request.on)
        chosen = {card: tokens[card.pk] for card in waiting.select_related("person", "unit", "bureau", "cycle")}
        came = letters.sign_many(scorecards=chosen, side=side, by=request.actor)
        done += len(came.signed)
        refused += came.refused
    if done:
        messages.success(request, ngettext("已签 %(n)s 份", "已签 %(n)s 份", done) % {"n": done})
    for card, why in refused[:10]:
        messages.error(request, _("%(name)s：%(why)s") % {"name": pages.subject(card), "why": why})
    if not done and not refused:
        messages.info(request, _("没有要签的责任书，可能已经签过"))
    return redirect(on_day(request, reverse("letters")))


def _card(request, pk: int, action: str = "view") -> Scorecard:
    """The card, and with it the right: the table's, narrowed by who the person is."""
    cards = Scorecard.objects.named(request.on).select_related("cycle__holder", "unit", "bureau", "person", "template")
    card = request.access.get(cards, action, pk=pk)
    if action != "view" and not allowed(request.access, Scorecard.objects.filter(pk=pk), action).exists():
        raise PermissionDenied
    return card


@require_GET
def letter(request, pk: int):
    """One letter: what is promised, who signed, and every version of its targets."""
    card = _card(request, pk)
    lines = list(card.lines.select_related("indicator", "serves__indicator", "serves__scorecard").order_by("sequence"))
    own = Scorecard.objects.filter(pk=pk)
    signatures = {row.side: row for row in card.signatures.select_related("user")}
    open_year = card.cycle.state == Cycle.State.OPEN
    name = pages.subject(card)
    context = {
        "crumbs": [(_("责任书"), f"{reverse('letters')}?year={card.cycle.year}"), (name, None)],
        "title": _("%(name)s %(year)s 年责任书") % {"name": name, "year": card.cycle.year},
        "lede": pages.about(card),
        "card": card,
        "lines": lines,
        "total": sum((line.weight for line in lines), Decimal(0)),
        "open_above": _open_above(request, lines),
        "lacks": [told for told in map(missing, lines) if told],
        "sides": [
            {
                "side": side,
                "signature": signatures.get(side),
                "signs": open_year and reading.waiting(request.access, own, side).exists(),
            }
            for side in Signature.Side
        ],
        "stamp": stamp(lines),
        "responsible": pages.responsible(request.access, card),
        "edits": open_year and not signatures and allowed(request.access, own, "promise").exists(),
        "retargets": open_year and bool(signatures) and allowed(request.access, own, "retarget").exists(),
        "versions": _versions(card),
    }
    return render(request, "kpi/promise/letter.html", context)


def _open_above(request, lines: list[Line]) -> set[int]:
    """Of the cards that these lines serve, those that the visitor may see."""
    above = {line.serves.scorecard_id for line in lines if line.serves}
    return set(request.access.scope(Scorecard.objects.filter(pk__in=above)).values_list("pk", flat=True))


def _versions(card: Scorecard) -> list[dict[str, Any]]:
    words = {"weight": _("权重"), "not_applicable": _("不适用的原因"), "challenge": _("挑战值"), "indicator": _("指标")}
    return [
        each
        | {
            "changes": [
                (str(words.get(name) or PARTS.get(name, name)), was or "", now or "")
                for name, was, now in each["changes"]
            ]
        }
        for each in letters.versions(card)
    ]


def _serves_reader(choices: dict[str, Line]):
    def read(text: str) -> int | None:
        if not text:
            return None
        if text not in choices:
            raise ValidationError(_("请从列出的上级指标中选择"), code="unknown")
        return choices[text].pk

    return read


def _read_sheet(request, above: dict[str, Line]) -> Sheet:
    sheet = sheet_of(request.POST, COLUMNS)
    find_indicators(sheet.rows)
    for row in sheet.rows:
        read_cell(row, "weight", read_weight, _("权重"))
        for column, label in (("previous", _("上年实绩")), ("target", _("目标值")), ("challenge", _("挑战值"))):
            read_cell(row, column, read_number, label)
        read_cell(row, "serves", _serves_reader(above), _("支撑指标"))
    if not sheet.rows:
        sheet.errors.append(_("请至少填写一项指标"))
    return sheet


def _sheet_of(lines: list[Line]) -> Sheet:
    return Sheet(
        [
            SheetRow(
                {
                    "group": line.group,
                    "indicator": line.indicator.code,
                    **{name: shown(getattr(line, name)) for name in ("weight", "previous", "target", "challenge")},
                    "serves": str(line.serves_id or ""),
                },
                {"weight": line.weight},
                indicator=line.indicator,
            )
            for line in lines
        ]
    )


@form_view
def letter_edit(request, pk: int) -> HttpResponse:
    """A card's lines as a sheet, before anybody signs."""
    card = _card(request, pk, "promise")
    if card.signatures.exists() or card.cycle.state != Cycle.State.OPEN:
        messages.info(request, _("责任书已有一方签字，目标只能凭批文调整"))
        return redirect(on_day(request, reverse("letter", args=[pk])))
    lines = lines_of(card)
    above = {str(line.pk): line for line in reading.above(card)}
    sheet = _read_sheet(request, above) if request.method == "POST" else _sheet_of(lines)
    if request.method == "POST" and sheet.clean:
        wanted = [
            Wanted(
                row.indicator,
                row.said["weight"],
                row.cells["group"][:60],
                row.said["previous"],
                row.said["target"],
                row.said["challenge"],
                row.said["serves"],
            )
            for row in sheet.rows
            if row.indicator
        ]
        try:
            promise(scorecard=card, wanted=wanted, seen=request.POST.get("seen", ""), by=request.actor)
        except ValidationError as error:
            sheet.take(error)
        else:
            messages.success(request, _("责任书已保存"))
            return redirect(on_day(request, reverse("letter", args=[pk])))
    total = sum((row.said.get("weight") or Decimal(0) for row in sheet.rows), Decimal(0))
    context = _frame(request, card, _("编制")) | {
        "title": _("编制责任书 · %(name)s") % {"name": pages.subject(card)},
        "lede": _("%(year)s 年；各项权重之和须为 100，双方签字后不能再改") % {"year": card.cycle.year},
        "sheet": sheet,
        "spare": range(SPARE_ROWS if sheet.rows else 8),
        "above": above.items(),
        "most": MAX_LINES,
        "total": shown(total) or "0",
        "library": Indicator.objects.order_by("code"),
        "seen": request.POST.get("seen") or stamp(lines),
    }
    return render(request, "kpi/promise/letter_form.html", context)


def _frame(request, card: Scorecard, crumb: str) -> dict[str, Any]:
    back = on_day(request, reverse("letter", args=[card.pk]))
    crumbs = [(_("责任书"), f"{reverse('letters')}?year={card.cycle.year}"), (pages.subject(card), back), (crumb, None)]
    return {"crumbs": crumbs, "back": back, "card": card}


@require_POST
def letter_sign(request, pk: int):
    """Sign one letter for the side that the form names."""
    card = _card(request, pk)
    side = request.POST.get("side", "")
    try:
        if side not in Signature.Side.values:
            raise ValidationError(_("页面已过期，请刷新后再签"))
        letters.sign(scorecard=card, side=side, seen=request.POST.get("seen", ""), by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已签字"))
    return redirect(on_day(request, reverse("letter", args=[pk])))


@form_view
def letter_retarget(request, pk: int):
    """Change what a signed letter promised, by an instrument: a sheet of its lines, of which some change."""
    card = _card(request, pk, "retarget")
    lines = lines_of(card)
    form = RetargetForm(request.POST or None)
    sheet = _retargets(request, lines) if request.method == "POST" else _retarget_sheet(lines)
    if request.method == "POST" and form.is_valid() and sheet.clean:
        changes = {
            int(row.cells["line"]): letters.Retarget(
                row.said["weight"], row.said["target"], row.said["challenge"], row.cells["not_applicable"]
            )
            for row in sheet.rows
        }
        try:
            made = letters.retarget(
                scorecard=card,
                changes=changes,
                reason=form.cleaned_data["reason"],
                instrument=form.cleaned_data["instrument"],
                seen=request.POST.get("seen", ""),
                by=request.actor,
            )
        except ValidationError as error:
            if hasattr(error, "error_dict"):
                take_errors(form, error)
            else:
                sheet.take(error)
        else:
            messages.success(request, ngettext("已调整 %(n)s 项", "已调整 %(n)s 项", len(made)) % {"n": len(made)})
            return redirect(on_day(request, reverse("letter", args=[pk])))
    context = _frame(request, card, _("调整目标")) | {
        "title": _("调整目标 · %(name)s") % {"name": pages.subject(card)},
        "lede": _("凭批文调整；原定和改后的都留存，得分按现行的计"),
        "form": form,
        "sheet": sheet,
        "total": shown(sum((row.said.get("weight") or Decimal(0) for row in sheet.rows), Decimal(0))),
        "seen": request.POST.get("seen") or stamp(lines),
    }
    return render(request, "kpi/promise/retarget.html", context)


def _retarget_sheet(lines: list[Line]) -> Sheet:
    return Sheet([_retarget_row(line) for line in lines])


def _retarget_row(line: Line) -> SheetRow:
    cells = {name: shown(getattr(line, name)) for name in ("weight", "target", "challenge")}
    cells |= {"line": str(line.pk), "not_applicable": line.not_applicable}
    return SheetRow(cells, {"weight": line.weight}, indicator=line.indicator)


def _retargets(request, lines: list[Line]) -> Sheet:
    """The posted lines of this very card; a line of another card is none."""
    sheet = sheet_of(request.POST, RETARGETED)
    known = {str(line.pk): line for line in lines}
    sheet.rows = [row for row in sheet.rows if row.cells["line"] in known]
    for row in sheet.rows:
        row.indicator = known[row.cells["line"]].indicator
        read_cell(row, "weight", read_weight, _("权重"))
        for column, label in (("target", _("目标值")), ("challenge", _("挑战值"))):
            read_cell(row, column, read_number, label)
    return sheet
