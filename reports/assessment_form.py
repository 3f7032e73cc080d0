"""年度考核登记表: one person's year as it is signed and filed (fields of the form)."""

from __future__ import annotations

import datetime as dt

from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import grouped
from kpi.judging.mine import combined
from kpi.judging.words import sees_grade, why_none, word_of
from kpi.models import Scorecard
from reports.tables import Column, Entry, Form
from staffing.models import Appointment, Person, PostVersion, Sanction
from zones.models import Unit, UnitVersion

KIND = "assessment-form"
FORMATS = ("pdf", "xlsx")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Form, Unit]:
    """Of one person's card, for whoever may see it; the grade once it is published, the birth date by its own right."""
    cards = Scorecard.objects.named(on).filter(kind="person", cycle__year__lte=on.year)
    card = access.get(cards.select_related("cycle", "unit", "person", "result"), noun="person_card", pk=key)
    people = Person.objects.filter(pk=card.person_id)
    sees = {
        "identity": access.scope(people, "view", "identity").exists(),
        "sanction": access.scope(Sanction.objects.filter(person=card.person_id)).exists(),
    }
    return build(card, access, sees), card.unit


def build(card: Scorecard, access: Access, sees: dict[str, bool]) -> Form:
    """The form; what is said by hand, such as the summary and the signatures, stays blank."""
    person, result = card.person, getattr(card, "result", None)
    if person is None:
        raise Http404
    day = card.subject_day
    unit = UnitVersion.objects.on(day).filter(unit=card.unit_id).first()
    graded = result is not None and sees_grade(access, card)
    born = f"{person.birth_date:%Y.%m}" if sees["identity"] else ""
    post, since = _post(person, day)
    form = Form(
        kind=KIND,
        title=_("%(year)s 年度考核登记表") % {"year": card.cycle.year},
        subject=unit.shown_name if unit else card.unit.code,
        as_of=day,
        basis={"scorecard": card.pk, "year": card.cycle.year},
        example=card.is_example,
    )
    form.lines = [
        [Entry(_("姓名"), person.name), Entry(_("性别"), str(person.get_gender_display())), Entry(_("出生年月"), born)],
        [
            Entry(_("政治面貌"), str(person.get_politics_display()) if person.politics else ""),
            Entry(_("现任职务(岗位等级)"), post, 2),
        ],
        [Entry(_("任现职时间"), since), Entry(_("所在部门"), card.bureau_name or _("领导班子"), 2)],
        [Entry(_("从事或分管工作"), tall=2)],
        [Entry(_("个人总结"), tall=8)],
        [Entry(_("学习培训"), tall=2)],
        [Entry(_("奖惩"), _sanctions(person, card.cycle.year) if sees["sanction"] else "", tall=2)],
        [Entry(_("考核得分"), _score(card)), Entry(_("考核等次"), word_of(card) if graded else "", 2)],
        [Entry(_("部门(主管领导)评语和考核等次建议"), result.comment if result and graded else "", tall=4)],
        [Entry(_("单位(考核委员会)意见"), tall=3)],
        [Entry(_("本人意见及签名"), tall=3)],
        [Entry(_("未确定等次或不参加考核情况说明"), why_none(result, access) if result and graded else "", tall=2)],
    ]
    form.tables = [_lines(card)]
    return form


def _post(person: Person, day: dt.date) -> tuple[str, str]:
    seat = Appointment.objects.on(day).filter(person=person, kind=Appointment.Kind.PRIMARY).first()
    if seat is None:
        return "", ""
    post = PostVersion.objects.on(day).filter(post=seat.post_id).first()
    said = f"{post.shown_name}（{post.level_name}）" if post and post.level_name else post.shown_name if post else ""
    return said, date_format(seat.starts, "Y.m")


def _sanctions(person: Person, year: int) -> str:
    rows = Sanction.objects.standing().filter(person=person, period__startswith__year=year)
    return "；".join(f"{date_format(row.period.lower, 'Y.m.d')} {row.get_kind_display()}" for row in rows)


def _score(card: Scorecard) -> str:
    result = getattr(card, "result", None)
    if result is None or result.score is None:
        return ""
    return combined(result, card.cycle) or grouped(result.score, 2)


def _lines(card: Scorecard) -> tuple[str, list[Column], list[list[str]]]:
    columns = [
        Column("name", _("指标"), width=30),
        Column("weight", _("权重（%）"), width=10),
        Column("actual", _("完成值"), width=12),
        Column("points", _("得分"), width=10),
    ]
    rows = [
        [line.indicator.shown_name, grouped(line.weight, 2), grouped(line.actual, 2), grouped(line.points, 2)]
        for line in card.lines.select_related("indicator")
    ]
    return _("各项得分"), columns, rows
