"""The shell's own data: where a visitor may go, which unit he looks at, what he is here.

Everything is lazy: a fragment that draws no shell asks nothing of the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.access import Access
from zones.models import Unit, UnitVersion


@dataclass(frozen=True)
class Item:
    """A way into the site: shown to whoever may do ``action`` to one of ``nouns``.

    ``pages`` are the addresses' names under it, so that a person's page keeps
    the roster lit; ``of`` says of which place there is one each (``_places``).
    """

    title: Any
    page: str
    icon: str
    action: str = "view"
    nouns: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    of: str = ""
    own: bool = False  # only for somebody on the roster

    def open_to(self, access: Access) -> bool:
        if self.own and not access.person_id:
            return False
        return not self.nouns or any(access.can(self.action, noun) for noun in self.nouns)


TEMPLATES = ("zone_template", "city_template")
CARDS = ("unit_card", "bureau_card", "person_card")
PANELS, WEBHOOKS = ("city_panel", "zone_panel"), ("city_webhook", "zone_webhook")

SECTIONS: tuple[tuple[Any, tuple[Item, ...]], ...] = (
    (
        "",
        (
            Item(_("工作台"), "home", "home"),
            Item(_("我的任务"), "jobs", "queue-list", nouns=("report", "figure"), pages=("job",)),
        ),
    ),
    (
        _("组织"),
        (
            Item(_("机构图"), "chart", "rectangle-group", nouns=("bureau",), pages=("chart_compare",), of="zone"),
            Item(
                _("机构编制规定"),
                "charter",
                "scale",
                nouns=("charter",),
                pages=("charter_new", "exception_new", "exception_end"),
                of="zone",
            ),
            Item(_("规则"), "rules", "check-badge", nouns=("charter",), of="zone"),
            Item(
                _("产业定位"),
                "positioning",
                "squares-2x2",
                nouns=("positioning",),
                pages=("positioning_set", "positioning_close"),
                of="zone",
            ),
            Item(
                _("项目"),
                "projects",
                "building-library",
                nouns=("project",),
                pages=("project", "project_add", "project_advance"),
            ),
            Item(_("职责台账"), "duties", "queue-list", nouns=("duty",), pages=("duty_lists", "duty_move"), of="zone"),
            Item(
                _("职责移交"),
                "transfers",
                "arrows-right-left",
                nouns=("transfer",),
                pages=("transfer", "transfer_add", "transfer_edit", "transfer_sign", "transfer_dispute"),
            ),
            Item(_("单位"), "unit", "building-office-2", nouns=("unit",), pages=("bureau",), of="unit"),
            Item(_("导入机构编制"), "structure_import", "arrow-up-tray", action="import", nouns=("unit",)),
            Item(
                _("方案"),
                "plans",
                "document-text",
                nouns=("plan",),
                pages=("plan", "plan_add", "plan_edit", "plan_trial", "plan_step", "plan_change", "plan_change_add"),
                of="zone",
            ),
        ),
    ),
    (
        _("人员"),
        (
            Item(_("人事工作台"), "hr_home", "clipboard-document-list", action="change", nouns=("appointment",)),
            Item(_("花名册"), "roster", "users", nouns=("person",), pages=("person", "roster_changes")),
            Item(_("岗位"), "posts", "briefcase", nouns=("post",), pages=("post", "post_add", "post_plan")),
            Item(_("岗级与系数"), "grades", "adjustments-horizontal", nouns=("grade",), pages=("grade_add",)),
            Item(
                _("竞聘"),
                "selections",
                "hand-raised",
                nouns=("selection",),
                pages=(
                    "selection",
                    "selection_nominate",
                    "selection_candidates",
                    "selection_scores",
                    "selection_outcome",
                    "selection_notice",
                ),
            ),
            Item(_("导入花名册"), "roster_import", "arrow-up-tray", action="import", nouns=("person",)),
        ),
    ),
    (
        _("考核"),
        (
            Item(
                _("评分卡"),
                "scorecards",
                "clipboard-document-check",
                nouns=CARDS,
                pages=("scorecard", "adjustment_add"),
            ),
            Item(_("我的考核"), "my_assessment", "user-circle", own=True, pages=("appeal_file",)),
            Item(
                _("考核总览"),
                "assessment",
                "presentation-chart-bar",
                nouns=("inquiry",),
                pages=(
                    "overview",
                    "assessment_grades",
                    "undetermined",
                    "quota_raise",
                    "year_publish",
                    "year_close",
                    "year_consequences",
                ),
            ),
            Item(
                _("加减分"),
                "adjustments",
                "plus-circle",
                nouns=CARDS,
                pages=("adjustment_decide", "adjustment_revoke"),
            ),
            Item(
                _("复核申诉"),
                "appeals",
                "scale",
                nouns=("appeal",),
                pages=("appeal", "appeal_decide", "appeal_withdraw"),
            ),
            Item(
                _("责任书"),
                "letters",
                "pencil-square",
                nouns=CARDS,
                pages=("letter", "letter_edit", "letter_retarget"),
            ),
            Item(_("指标支撑"), "cascade", "share", nouns=CARDS),
            Item(
                _("考核年度"),
                "years",
                "calendar-days",
                nouns=("zone_cycle", "city_cycle"),
                pages=("year", "year_open", "year_edit", "year_fill"),
            ),
            Item(
                _("考核模板"),
                "card_templates",
                "table-cells",
                nouns=TEMPLATES,
                pages=("card_template", "card_template_add", "card_template_edit", "card_template_copy"),
            ),
            Item(
                _("指标库"),
                "indicators",
                "book-open",
                nouns=("indicator",),
                pages=("indicator", "indicator_add", "indicator_edit"),
            ),
            Item(
                _("市考核"),
                "city_assessment",
                "trophy",
                nouns=("unit_card", "city_cycle"),
                pages=(
                    "city_year",
                    "city_sheet",
                    "city_subject",
                    "city_compare",
                    "city_grades",
                    "city_rules",
                    "city_import",
                    "city_publish",
                    "city_close",
                ),
            ),
            Item(_("我的测评"), "ratings", "star", pages=("rating",)),
            Item(
                _("测评组"),
                "panels",
                "user-group",
                nouns=PANELS,
                pages=("panel", "panel_add", "panel_edit", "panel_lines", "panel_raters"),
            ),
            Item(_("录入进度"), "kpi_progress", "bell-alert", action="change", nouns=PANELS),
            Item(_("结果推送"), "webhooks", "paper-airplane", nouns=WEBHOOKS, pages=("webhook", "webhook_add")),
        ),
    ),
    (
        _("绩效"),
        (
            Item(
                _("绩效总额"),
                "pools",
                "banknotes",
                nouns=("run",),
                pages=("run", "runs", "share", "allocation", "simulation"),
            ),
            Item(
                _("绩效发放"),
                "payouts",
                "credit-card",
                nouns=("payout",),
                pages=("payout", "terms", "term_add"),
            ),
            Item(
                _("绩效差距"),
                "differentiation",
                "arrows-up-down",
                action="export",
                nouns=("allocation",),
                of="pay",
            ),
            Item(
                _("银行账户"),
                "accounts",
                "identification",
                action="add",
                nouns=("bank_account",),
                pages=("account_edit", "account_import"),
            ),
            Item(_("绩效方案"), "schemes", "scale", nouns=("scheme",), pages=("scheme", "scheme_new")),
            Item(_("我的绩效"), "my_pay", "wallet", own=True),
            Item(_("我的银行账户"), "my_account", "building-office", own=True),
            Item(_("基础数据"), "figures", "chart-bar", nouns=("figure",)),
        ),
    ),
    (
        _("报表"),
        (
            Item(_("报表下载"), "reports", "document-arrow-down", nouns=("report",)),
            Item(_("文件核验"), "verify", "shield-check", nouns=("report",)),
        ),
    ),
)

#: Pages with a filter ``?unit=``: switching the unit stays on them.
FILTERED = {
    "roster",
    "posts",
    "selections",
    "scorecards",
    "adjustments",
    "appeals",
    "figures",
    "pools",
    "runs",
    "reports",
    "transfers",
    "projects",
    "accounts",
}
#: Pages of one zone each, or of a park that heads itself: switching the unit stays on them.
CHARTS = ("chart", "chart_compare")
#: All pages of one zone each.
OF_ZONE = (*CHARTS, "duties", "duty_lists", "charter", "rules", "positioning", "plans", "plan_add")

#: The page of one zone or park each, for whoever sees everybody's pay there.
SPREAD = "differentiation"


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context for every page: ``nav``, ``switcher`` and ``persona``; nothing for a stranger."""
    access = getattr(request, "access", None)
    if access is None:
        return {}
    units = SimpleLazyObject(lambda: _units(request, access))
    return {
        "nav": SimpleLazyObject(lambda: _sections(request, access, units)),
        "switcher": SimpleLazyObject(lambda: _switcher(request, access, units)),
        "persona": SimpleLazyObject(lambda: [role.label for role in access.roles]),
    }


def _units(request: HttpRequest, access: Access) -> list[UnitVersion]:
    """The units a visitor may see, as they are called on the page's day, superiors first."""
    day = request.on  # type: ignore[attr-defined]  # AsOfMiddleware put it there
    shown = UnitVersion.objects.on(day).filter(unit__in=access.units())
    rank = {kind: place for place, kind in enumerate(Unit.Kind.values)}
    return sorted(
        shown.select_related("unit"),
        key=lambda version: (rank[version.unit.kind], version.unit.sequence, version.unit.code),
    )


def _here(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    match = getattr(request, "resolver_match", None)
    return (match.url_name or "", match.kwargs) if match else ("", {})


def _address(request: HttpRequest, page: str, *args: str, **params: str) -> str | None:
    """The page's address on the request's day, or None while there is no such page."""
    try:
        address = reverse(page, args=args)
    except NoReverseMatch:
        return None
    if not getattr(request, "on_is_today", True):
        params["on"] = request.on.isoformat()  # type: ignore[attr-defined]
    return f"{address}?{urlencode(params)}" if params else address


def _sections(request: HttpRequest, access: Access, units: Iterable[UnitVersion]) -> list[dict[str, Any]]:
    here, _kwargs = _here(request)
    places = _places(request, access, units)
    sections = []
    for title, items in SECTIONS:
        shown = []
        for item in items:
            if not item.open_to(access) or (item.of and not places[item.of]):
                continue
            url = _address(request, item.page, *([places[item.of]] if item.of else []))
            if url:
                active = here in (item.page, *item.pages)
                shown.append({"title": item.title, "url": url, "icon": item.icon, "active": active, "count": None})
        if shown:
            sections.append({"title": title, "items": shown})
    return sections


def _current(request: HttpRequest, units: Iterable[UnitVersion]) -> UnitVersion | None:
    """The unit that the page is about, where its address says so."""
    page, kwargs = _here(request)
    code = kwargs.get("code") if page in (*OF_ZONE, SPREAD, "unit", "post_plan") else request.GET.get("unit")
    return next((version for version in units if version.unit.code == code), None)


def _places(request: HttpRequest, access: Access, units: Iterable[UnitVersion]) -> dict[str, str]:
    """Codes of the zone around the unit in view, else of the first zone; of the unit to start at; of one with pay."""
    units = list(units)
    now = _current(request, units)
    zones = [version for version in units if version.unit.kind == Unit.Kind.ZONE]
    around = {now.unit_id, now.parent_id} if now else set()
    zone = next((version for version in zones if version.unit_id in around), next(iter(zones), None))
    start = zone or next(iter(units), None)
    paid = [version for version in units if _sees_pay(access, version)]
    pay = next((version for version in (now, zone) if version in paid), next(iter(paid), None))
    found = {"zone": zone, "unit": start, "pay": pay}
    return {name: version.unit.code if version else "" for name, version in found.items()}


def _sees_pay(access: Access, version: UnitVersion) -> bool:
    """Whether everybody's pay there is open to him: a leader of one park sees that park's, and no other's."""
    heads = (Unit.Kind.ZONE, Unit.Kind.PARK)
    return version.unit.kind in heads and access.can_in(version.unit_id, "export", "allocation")


def _switcher(request: HttpRequest, access: Access, units: Iterable[UnitVersion]) -> list[dict[str, Any]]:
    here, _kwargs = _here(request)
    now = _current(request, units)
    kinds = {str(Unit.Kind.ZONE): here in OF_ZONE, str(Unit.Kind.PARK): here in CHARTS}
    choices = []
    for version in units:
        code = version.unit.code
        if here in FILTERED:
            url = _address(request, here, unit=code)
        elif kinds.get(version.unit.kind) or (here == SPREAD and _sees_pay(access, version)):
            url = _address(request, here, code)
        else:
            url = _address(request, "unit", code)
        if url:
            choices.append(
                {
                    "code": code,
                    "name": version.shown_short_name,
                    "kind": version.unit.get_kind_display() or gettext("单位"),
                    "url": url,
                    "current": version is now,
                }
            )
    return choices
