"""The ways into the site, by section: what each is called, and to whom it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.access import Access


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
