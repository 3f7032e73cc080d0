"""竞聘报名表: one candidate's nomination, as it is signed and filed (fields of the form)."""

from __future__ import annotations

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import grouped
from reports.tables import Entry, Form
from staffing.models import Applicant, Candidate, Person, Score
from staffing.selection.reading import Standing, candidates_of, offers, standings, workplaces
from zones.models import Unit, UnitVersion

KIND = "application-form"
FORMATS = ("pdf", "xlsx")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Form, Unit]:
    """Of one candidate, for himself and for whoever oversees the round; birth date only for who may read papers."""
    rows = Candidate.objects.select_related("selection__unit", "person", "applicant")
    found = access.get(rows, pk=key)
    reads = (
        access.scope(Person.objects.filter(pk=found.person_id), "view", "identity").exists()
        if found.person_id
        else access.can_in(found.selection.unit_id, "view", "identity")
    )
    oversees = access.can_in(found.selection.unit_id, "oversee", "selection")
    return build(found, on, identity=reads, scores=oversees), found.selection.unit


def build(found: Candidate, on: dt.date, *, identity: bool, scores: bool) -> Form:
    """The form; what is not on file stays blank, to be filled in by hand.

    Scores are on it for whoever oversees the round, and for the candidate once the round is public.
    """
    selection = found.selection
    posts = {offer.pk: offer for offer in offers(selection, on)}
    (row,) = standings(selection, candidates_of(selection).filter(pk=found.pk), {})
    unit = UnitVersion.objects.on(on).filter(unit=selection.unit_id).first()
    chosen = [posts[pk].label for pk in (found.first_id, found.second_id) if pk in posts]
    form = Form(
        kind=KIND,
        title=_("竞聘报名表") if selection.kind == "internal" else _("应聘报名表"),
        subject=unit.shown_name if unit else selection.unit.code,
        as_of=on,
        basis={"selection": selection.pk, "candidate": found.pk, "version": found.version},
        example=found.is_example,
    )
    form.lines = [
        *_person(found, workplaces([found], on).get(found.pk, ""), identity),
        [Entry(_("竞聘岗位第一/二志愿"), " / ".join(chosen), 2), Entry(_("是否服从调剂"), _yes(found.accepts_another))],
        [Entry(_("近三年年度考核结果"), tall=2)],
        [Entry(_("奖惩情况"), found.honours, tall=2)],
        [Entry(_("简历"), found.resume, tall=6)],
        [Entry(_("家庭主要成员"), tall=4)],
        [Entry(_("资格审查意见"), _checked(found), tall=3)],
        [Entry(_("竞聘得分"), _scores(row) if scores or selection.passed("notice") else "", tall=2)],
        [Entry(_("本人签字"), tall=2), Entry(_("日期"), tall=2)],
    ]
    form.notes = [_("竞聘：%(title)s；报名序号 %(n)s") % {"title": selection.title, "n": found.number}]
    return form


def _yes(value: bool) -> str:
    return _("是") if value else _("否")


def _person(found: Candidate, workplace: str, identity: bool) -> list[list[Entry]]:
    who: Person | Applicant = found.who
    person = found.person
    born = f"{who.birth_date:%Y.%m}" if identity else ""
    return [
        [Entry(_("姓名"), who.name), Entry(_("性别"), str(who.get_gender_display())), Entry(_("出生年月"), born)],
        [
            Entry(_("民族"), person.ethnic_group if person else ""),
            Entry(_("籍贯"), person.native_place if person else ""),
            Entry(_("政治面貌"), str(person.get_politics_display()) if person and person.politics else ""),
        ],
        [
            Entry(_("入党时间"), _month(person.joined_party_on) if person else ""),
            Entry(_("参加工作时间"), _month(person.entered_on) if person else ""),
            Entry(_("专业技术职务"), person.professional_title if person else ""),
        ],
        [
            Entry(_("学历学位"), _schooling(found, "education")),
            Entry(_("毕业院校及专业"), _schooling(found, "school"), 2),
        ],
        [
            Entry(_("身份"), str(person.get_identity_display()) if person else ""),
            Entry(_("现任职务及任职时间"), workplace, 2),
        ],
    ]


def _month(day: dt.date | None) -> str:
    return date_format(day, "Y.m") if day else ""


def _schooling(found: Candidate, what: str) -> str:
    """Full-time and in-service schooling, told apart where both are on file; else what is said in one word."""
    said = [
        _("%(way)s：%(what)s") % {"way": way, "what": value}
        for way, value in (
            (_("全日制"), getattr(found.person, f"full_time_{what}", "")),
            (_("在职"), getattr(found.person, f"in_service_{what}", "")),
        )
        if value
    ]
    return "；".join(said) or (found.who.education if what == "education" else "")


def _checked(found: Candidate) -> str:
    if found.eligible is None:
        return ""
    verdict = _("通过") if found.eligible else _("不通过")
    return "；".join(part for part in (verdict, found.eligibility_note) if part)


def _scores(row: Standing) -> str:
    said = [f"{Score.Part(part).label} {grouped(value, 2)}" for part, value in row.points.items() if value is not None]
    if row.total is not None:
        said.append(_("总分 %(n)s") % {"n": grouped(row.total, 2)})
    return "，".join(said)
