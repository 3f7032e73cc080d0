"""拟聘公示名单: whoever a selection round is about to appoint, as it is posted (columns of the form)."""

from __future__ import annotations

import datetime as dt

from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.access import Access
from reports.tables import Column, Report
from staffing.models import Candidate, Selection
from staffing.selection.reading import Offer, announced, offers, workplaces
from zones.models import Unit, UnitVersion

KIND = "selection-notice"
FORMATS = ("pdf", "xlsx")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of a round that was put on notice: whoever may see the notice may have it."""
    found = access.get(Selection.objects.select_related("unit"), pk=key)
    if not access.can("view", "notice") or not found.notices.exists():
        raise Http404
    return build(found, on), found.unit


def columns() -> list[Column]:
    return [
        Column("number", _("序号"), "integer", 6),
        Column("name", _("姓名"), width=10),
        Column("gender", _("性别"), width=6),
        Column("born", _("出生年月"), width=10),
        Column("education", _("学历"), width=12),
        Column("workplace", _("现单位及职务"), width=26),
        Column("post", _("拟聘岗位"), width=22),
        Column("grade", _("岗位等级"), width=12),
        Column("period", _("公示起止日期"), width=24),
        Column("phone", _("监督电话"), width=16),
        Column("contact", _("联系人"), width=10),
    ]


def build(found: Selection, on: dt.date) -> Report:
    """The list as its latest notice has it; of what identifies people only what the form asks for."""
    notice = found.notices.first()
    if notice is None:
        raise Http404
    unit = UnitVersion.objects.on(on).filter(unit=found.unit_id).first()
    posts = {offer.pk: offer for offer in offers(found, on)}
    rows = announced(found, on)
    held = workplaces([row.candidate for row in rows], on)
    span = _("%(first)s至%(last)s") % {"first": date_format(notice.first_day), "last": date_format(notice.last_day)}
    report = Report(
        kind=KIND,
        title=_("%(title)s拟聘公示名单") % {"title": found.title},
        subject=unit.shown_name if unit else found.unit.code,
        as_of=notice.published_on,
        columns=columns(),
        basis={"selection": found.pk, "notice": notice.pk},
        example=any(row.candidate.is_example for row in rows),
    )
    for number, row in enumerate(rows, start=1):
        offer = posts[row.outcome.decided_id]  # type: ignore[union-attr, index]
        report.rows.append({"number": number, "period": span, "phone": notice.phone, "contact": notice.contact})
        report.rows[-1] |= _person(row.candidate, offer, held.get(row.candidate.pk, ""))
    report.notes = [
        _("公示地点、网址：%(places)s") % {"places": notice.places},
        _("公示期内如有异议，请以书面、电话或当面方式实名反映。"),
    ]
    return report


def _person(candidate: Candidate, offer: Offer, workplace: str) -> dict[str, str]:
    who = candidate.who
    return {
        "name": who.name,
        "gender": str(who.get_gender_display()),
        "born": f"{who.birth_date:%Y.%m}",
        "education": who.education,
        "workplace": workplace,
        "post": offer.name,
        "grade": offer.grade,
    }
