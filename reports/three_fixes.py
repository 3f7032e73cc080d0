"""机构编制批复（三定）表: what a unit is and does, its bureaus, establishment and posts of leaders.

Of a unit as it stands on a day, or (``plan-`` and the plan's code) of a zone as
a plan would have it: then the plan is carried out, read, and taken back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.numerals import NOTHING
from orgchart.models import BureauVersion, Plan, Quota, Stage
from reports.tables import Column, Entry, Form
from staffing.models import PostVersion
from staffing.plans.trials import try_out
from zones.models import Instrument, Unit, UnitVersion

KIND = "three-fixes"
FORMATS = ("pdf", "xlsx")
PLAN = "plan-"


def fetch(access: Access, key: str, on: dt.date) -> tuple[Form, Unit]:
    """Of the unit with that code on the day, or of a plan. Raises Http404 for what this visitor may not have."""
    if key.startswith(PLAN):
        plan = access.get(Plan.objects.select_related("zone", "instrument"), code=key.removeprefix(PLAN))
        return of_plan(plan, access), plan.zone
    unit = access.get(Unit.objects.all(), code=key)
    return build(unit, on), unit


def of_plan(plan: Plan, access: Access) -> Form:
    """The zone on the plan's day: as it is then once approved, as it would be before that."""
    if plan.stage == Stage.APPROVED:
        return build(plan.zone, plan.effective_on, plan)
    trial = try_out(plan, Actor.command("three-fixes"), look=lambda: build(plan.zone, plan.effective_on, plan))
    if trial.obstacle or trial.seen is None:
        raise Http404
    return trial.seen


@dataclass(frozen=True)
class _Unit:
    """What is read of a unit for its form."""

    version: UnitVersion
    bureaus: list[BureauVersion]
    quotas: dict[str, int]
    heads: dict[int, int]
    leaders: tuple[int, int]


def build(unit: Unit, on: dt.date, plan: Plan | None = None) -> Form:
    version = UnitVersion.objects.on(on).filter(unit=unit).select_related("unit", "parent", "instrument").first()
    if version is None:
        raise Http404
    found = _read(version, on)
    instrument = _instrument(found, plan)
    approved = plan is None or plan.stage == Stage.APPROVED
    return Form(
        kind=KIND,
        title=_("机构编制批复（三定）表"),
        subject=version.shown_name,
        as_of=on,
        example=version.is_example or any(bureau.is_example for bureau in found.bureaus),
        lines=_lines(found, instrument if approved else None, on, plan),
        tables=[(_("内设机构清单及职责"), _columns(), _rows(found))],
        notes=[] if approved else [_("方案 %(code)s 尚未批复，本表为按方案试行的结果。") % {"code": plan.code}],
        basis={"unit": unit.code} | ({"plan": plan.code, "version": plan.version} if plan else {}),
    )


def _read(version: UnitVersion, on: dt.date) -> _Unit:
    unit = version.unit_id
    rows = BureauVersion.objects.on(on).of_unit(unit).select_related("bureau", "instrument")
    posts = PostVersion.objects.on(on).filter(unit=unit).select_related("tier")
    heads: dict[int, int] = {}
    leaders = []
    for post in posts:
        if post.bureau_id and post.tier.kind == "head":
            heads[post.bureau_id] = heads.get(post.bureau_id, 0) + post.headcount
        elif post.tier.kind == "leader":
            leaders.append(post)
    first = min((post.sequence for post in leaders), default=0)
    chief = sum(post.headcount for post in leaders if post.sequence == first)
    limits = {quota.kind: quota.limit for quota in Quota.objects.on(on).filter(unit=unit)}
    others = sum(post.headcount for post in leaders) - chief
    return _Unit(version, list(rows.prefetch_related("functions")), limits, heads, (chief, others))


def _instrument(found: _Unit, plan: Plan | None) -> Instrument | None:
    """The document that the form repeats: the plan's, else the youngest by which a bureau stands, else the unit's."""
    if plan and plan.instrument:
        return plan.instrument
    by_bureaus = [bureau.instrument for bureau in found.bureaus]
    return max(by_bureaus, key=lambda each: each.issued_on, default=found.version.instrument)


def _lines(found: _Unit, instrument: Instrument | None, on: dt.date, plan: Plan | None) -> list[list[Entry]]:
    version = found.version
    superior = version.parent and version.parent.versions.on(on).first()
    functions = dict.fromkeys(each.shown_name for bureau in found.bureaus for each in bureau.functions.all())
    reports_to = " / ".join(part for part in (superior and superior.shown_name, version.dispatched_by) if part)
    starts = plan.effective_on if plan else instrument.issued_on if instrument else on
    return [
        [
            Entry(_("发文机关"), instrument.issuer if instrument else NOTHING),
            Entry(_("文号"), (instrument.number or instrument.title) if instrument else NOTHING),
            Entry(_("日期"), date_format(instrument.issued_on) if instrument else NOTHING),
        ],
        [Entry(_("机构名称"), version.shown_name, share=2), Entry(_("加挂牌子"), NOTHING)],
        [
            Entry(_("机构规格"), str(version.get_rank_display()) if version.rank else _("未公布")),
            Entry(_("隶属/派出机关"), reports_to or NOTHING, share=2),
        ],
        [Entry(_("主要职责"), "、".join(functions) or NOTHING, tall=2)],
        [
            Entry(_("编制数（行政/事业/员额）"), _limits(found, "administrative", "institution", "quota")),
            Entry(_("人员控制数"), _limits(found, "staff")),
        ],
        [
            Entry(_("领导职数（正/副）"), f"{found.leaders[0]}/{found.leaders[1]}"),
            Entry(_("领导职数限额"), _limits(found, "leaders")),
            Entry(_("内设机构领导职数"), f"{sum(found.heads.values())} / {_limits(found, 'heads')}"),
        ],
        [
            Entry(_("机构限额"), _limits(found, "bureaus")),
            Entry(_("经费形式"), NOTHING),
            Entry(_("施行日期"), date_format(starts)),
        ],
    ]


def _limits(found: _Unit, *kinds: str) -> str:
    """The limits in a row; a stroke where none is set."""
    return "/".join(str(found.quotas.get(kind, NOTHING)) for kind in kinds)


def _columns() -> list[Column]:
    return [
        Column("name", _("内设机构"), width=22),
        Column("nature", _("性质"), width=10),
        Column("rank", _("规格"), width=10),
        Column("functions", _("职责"), width=40),
        Column("heads", _("领导职数"), "integer", 8),
        Column("instrument", _("批文"), width=22),
    ]


def _rows(found: _Unit) -> list[list[str]]:
    return [
        [
            bureau.shown_name,
            str(bureau.get_nature_display()),
            bureau.rank or NOTHING,
            "、".join(each.shown_name for each in bureau.functions.all()),
            str(found.heads.get(bureau.bureau_id, 0)),
            bureau.instrument.number or bureau.instrument.title,
        ]
        for bureau in found.bureaus
    ]
