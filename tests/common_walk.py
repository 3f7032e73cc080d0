"""Which right of the table each address needs: url name → noun, action, and how to point it at a row.

A new page or resource must be entered here, or the walk fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from django.urls import get_resolver

from kpi.models import Adjustment, Evidence, Line
from orgchart.models import Plan, PlanChange, TransferDispute
from tests.common_builders import Row


@dataclass(frozen=True)
class Page:
    """What an address is about, and who may have it.

    ``needs`` are (action, noun): all of them, or with ``any_of`` one of them;
    the first names the rows that the address can point at, unless ``rows`` does.
    ``at`` makes its parameters from a row; without it the address is a list or a form, open to
    whoever has the right to anything. ``posts`` is what a POST (or ``method``)
    sends (None: it takes none), ``gets`` whether it can be read.
    """

    who: Literal["public", "signed_in", "table"] = "table"
    needs: tuple[tuple[str, str], ...] = ()
    at: Callable[[Row], dict[str, Any]] | None = None
    rows: str = ""
    only: Callable[[Row], bool] = lambda row: True
    any_of: bool = False
    gets: bool = True
    posts: dict[str, Any] | None = None
    method: Literal["post", "patch", "put"] = "post"
    query: str = ""
    #: False where the address leads even the right person nowhere: a token that nobody was given.
    finds: bool = True
    kwargs: dict[str, Any] = field(default_factory=dict)

    def aims(self, rows: dict[str, list[Row]]) -> Iterator[tuple[Row, tuple[tuple[str, str], ...]]]:
        """The rows it can point at, each with the rights that it needs there; the first says who sees it."""
        for needs in [(need,) for need in self.needs] if self.any_of else [self.needs]:
            yield from ((row, needs) for row in rows[self.rows or needs[0][1]] if self.only(row))


def _pk(row: Row) -> dict[str, Any]:
    return {"pk": row.pk}


def _heads(row: Row) -> bool:
    """The two zones: what has a law of its own."""
    return row.key in ("TZ", "XZ")


def _code(row: Row) -> dict[str, Any]:
    return {"code": row.key}


def _staff_no(row: Row) -> dict[str, Any]:
    return {"staff_no": row.key}


def _line(row: Row) -> dict[str, Any]:
    return {"pk": Line.objects.get(scorecard=row.pk).pk}


def _evidence(row: Row) -> dict[str, Any]:
    """A file under the card's line: put there when it is asked for."""
    line = Line.objects.get(scorecard=row.pk)
    about = {"name": "a.pdf", "mime": "application/pdf", "size": 5, "content": b"%PDF-"}
    return {"pk": Evidence.objects.get_or_create(line=line, sha256="0" * 64, defaults=about)[0].pk}


def _card_file(row: Row) -> dict[str, Any]:
    return {"pk": row.pk, "file_id": _evidence(row)["pk"]}


def _card_line(row: Row) -> dict[str, Any]:
    return {"pk": row.pk, "line_id": Line.objects.get(scorecard=row.pk).pk}


def _adjustment(row: Row) -> dict[str, Any]:
    return {"pk": Adjustment.objects.filter(scorecard=row.pk).first().pk}


def _adjusted(row: Row) -> bool:
    """Cards with an adjustment on them."""
    return Adjustment.objects.filter(scorecard=row.pk).exists()


def _plan_zone(row: Row) -> dict[str, Any]:
    return {"code": Plan.objects.get(pk=row.pk).zone.code}


def _change(row: Row) -> dict[str, Any]:
    return {"code": row.key, "pk": PlanChange.objects.filter(plan=row.pk).first().pk}


def _report(row: Row) -> dict[str, Any]:
    return {"kind": "allocation-plan", "key": row.pk, "format": "xlsx"}


def _parks(row: Row) -> dict[str, Any]:
    return {"pk": row.pk, "sort": "park"}


def _absence(row: Row) -> dict[str, Any]:
    return {"noun": "absence", "pk": row.pk}


def _absence_of(row: Row) -> dict[str, Any]:
    return {"noun": "absence", "staff_no": row.key}


def _dispute(row: Row) -> dict[str, Any]:
    return {"code": row.key, "pk": TransferDispute.objects.get(transfer=row.pk).pk}


def _one(action: str, noun: str, at=None, **more) -> Page:
    return Page(needs=((action, noun),), at=at, **more)


def _charted(row: Row) -> bool:
    """Zones and parks have a chart, cities and towns have none."""
    return row.key.removesuffix("-P") in ("TZ", "XZ")


def _not_the_heads(row: Row) -> bool:
    return row.person != "TZ-p1"


CARDS = (("view", "person_card"), ("view", "bureau_card"), ("view", "unit_card"))
SCORES = (("score", "person_card"), ("score", "bureau_card"), ("score", "unit_card"))
FILLS = (*SCORES, ("retarget", "person_card"), ("retarget", "bureau_card"), ("retarget", "unit_card"))
RATES = (("rate", "person_card"), ("rate", "bureau_card"), ("rate", "unit_card"))
SEES_TEMPLATES, ADDS_TEMPLATES, CHANGES_TEMPLATES = (
    ((action, "zone_template"), (action, "city_template")) for action in ("view", "add", "change")
)
ADJUSTS = (("adjust", "person_card"), ("adjust", "bureau_card"), ("adjust", "unit_card"))
APPROVES = tuple(("approve_adjustment", noun) for _action, noun in ADJUSTS)
PANELS = (("view", "zone_panel"), ("view", "city_panel"))
PANEL_CHANGES = (("change", "zone_panel"), ("change", "city_panel"))
HOOKS = (("view", "zone_webhook"), ("view", "city_webhook"))
HOOK_CHANGES = (("change", "zone_webhook"), ("change", "city_webhook"))
SEES_YEARS, ADDS_YEARS, CHANGES_YEARS = (
    ((action, "zone_cycle"), (action, "city_cycle")) for action in ("view", "add", "change")
)
PROMISES, RETARGETS = (
    tuple((action, f"{kind}_card") for kind in ("person", "bureau", "unit")) for action in ("promise", "retarget")
)
#: Somebody signs for one side or the other; which, his role says.
SIGNS = tuple(
    (f"sign_{side}", f"{kind}_card") for side in ("assessor", "assessed") for kind in ("person", "bureau", "unit")
)
SCORE = {"value": "19", "version": "1"}
NO_PARKS = {"pk": 999999, "sort": "park"}

PAGES: dict[str, Page] = {
    "login": Page(who="public"),
    "logout": Page(who="public", gets=False, posts={}),
    "set_language": Page(who="public", gets=False, posts={"language": "en"}),
    "healthz": Page(who="public"),
    # Nobody was given this token: a calendar program without one finds nothing (tests/test_staffing_desk.py).
    "feed": Page(who="public", kwargs={"token": "nobodys"}, finds=False),
    "home": Page(who="signed_in"),
    "search": Page(who="signed_in", query="q=TZ"),
    "my_pay": Page(who="signed_in"),
    # Long work is its starter's alone: here nobody has started any.
    "jobs": Page(who="signed_in"),
    "job": Page(kwargs={"pk": 1}, finds=False),
    "job_progress": Page(kwargs={"pk": 1}, finds=False),
    "job_cancel": Page(kwargs={"pk": 1}, finds=False, gets=False, posts={}),
    # zones, orgchart
    "chart": _one("view", "unit", _code, only=_charted),
    "chart_compare": _one("view", "unit", _code, only=_charted),
    "charter": _one("view", "unit", _code, only=_heads),
    "charter_new": Page(needs=(("view", "unit"), ("add", "charter")), at=_code, only=_heads, posts={}),
    "exception_new": Page(needs=(("view", "unit"), ("add", "charter")), at=_code, only=_heads, posts={}),
    # Nobody in the walk has an exception: ending one is walked in tests/test_law_pages.py.
    "exception_end": Page(kwargs={"code": "TZ", "pk": 1}, finds=False, posts={}),
    "rules_index": Page(who="signed_in"),
    "rules": _one("view", "unit", _code, only=_heads),
    "unit": _one("view", "unit", _code),
    "bureau": _one("view", "bureau", _code),
    "figures": _one("view", "figure"),
    "duties": _one("view", "duty", _code, rows="unit", only=lambda row: row.key in ("TZ", "XZ")),
    "duty_lists": _one("view", "duty", _code, rows="unit", only=lambda row: row.key in ("TZ", "XZ")),
    "duty_move": _one("change", "duty", _code, rows="unit", only=lambda row: row.key in ("TZ", "XZ"), posts={}),
    "positioning": _one("view", "positioning", _code, rows="unit", only=lambda row: row.key in ("TZ", "XZ")),
    "positioning_set": _one(
        "change", "positioning", _code, rows="unit", only=lambda row: row.key in ("TZ", "XZ"), posts={}
    ),
    "positioning_close": _one("change", "positioning", _pk, posts={}),
    "projects": _one("view", "project"),
    "project_add": _one("add", "project", posts={}),
    "project": _one("view", "project", _code),
    "project_advance": _one("change", "project", _code, posts={}),
    # handovers of duties
    "transfers": _one("view", "transfer"),
    "transfer_add": _one("add", "transfer", posts={}),
    "transfer": _one("view", "transfer", _code),
    "transfer_edit": _one("change", "transfer", _code, posts={}),
    "transfer_start": _one("change", "transfer", _code, gets=False, posts={}),
    "transfer_complete": _one("change", "transfer", _code, gets=False, posts={}),
    "transfer_withdraw": _one("change", "transfer", _code, posts={}),
    "transfer_sign": _one("sign", "transfer", _code, posts={}),
    "transfer_dispute": _one("dispute", "transfer", _code, posts={}),
    "transfer_settle": _one("settle", "transfer", _dispute, posts={}),
    "figures POST": _one("add", "figure", gets=False, posts={}),
    "structure_export": _one("export", "unit", _code, only=lambda row: row.key in ("TZ", "XZ")),
    "structure_import": _one("import", "unit", posts={}),
    "structure_import_check": _one("import", "unit", kwargs={"token": "nobodys"}, finds=False, posts={}),
    "structure_import_errors": _one("import", "unit", kwargs={"token": "nobodys"}, finds=False),
    # plans
    "plans": _one("view", "plan", _plan_zone),
    "plan_add": _one("add", "plan", _plan_zone, posts={}),
    "plan": _one("view", "plan", _code),
    "plan_trial": _one("view", "plan", _code),
    "plan_edit": _one("change", "plan", _code, posts={}),
    "plan_check": _one("check", "plan", _code, gets=False, posts={}),
    "plan_copy": _one("add", "plan", _code, gets=False, posts={}),
    "plan_step": _one("review", "plan", lambda row: _code(row) | {"stage": "reviewed"}, posts={}),
    "plan_change_add": _one("change", "plan", lambda row: _code(row) | {"kind": "rename"}, posts={}),
    "plan_change": _one("change", "plan", _change, posts={}),
    "plan_change_move": _one("change", "plan", lambda row: _change(row) | {"way": "up"}, gets=False, posts={}),
    # Without a version nothing is removed: the change is there for the next visitor.
    "plan_change_remove": _one("change", "plan", _change, gets=False, posts={}),
    # staffing
    "roster": _one("view", "appointment"),
    "roster_export": _one("export", "person", query="format=csv"),
    "roster_columns": _one("view", "appointment", gets=False, posts={"columns": "unit"}),
    "roster_changes": _one("view", "appointment"),
    "hr_home": _one("change", "appointment"),
    "feed_open": _one("change", "appointment", gets=False, posts={}),
    "feed_revoke": Page(who="signed_in", gets=False, posts={}),
    "roster_import": _one("import", "person", posts={}),
    "roster_import_check": _one("import", "person", kwargs={"token": "nobodys"}, finds=False, posts={}),
    "roster_import_errors": _one("import", "person", kwargs={"token": "nobodys"}, finds=False),
    "person": _one("view", "person", _staff_no),
    "person_add": _one("add", "person", posts={}),
    "person_edit": _one("change", "person", _staff_no, posts={}),
    "appoint": Page(needs=(("view", "person"), ("add", "appointment")), at=_staff_no, posts={}),
    "posts": _one("view", "post"),
    "post_add": _one("add", "post", posts={}),
    "post": _one("view", "post", _code),
    "post_revise": _one("change", "post", _code, posts={}),
    "post_copy": _one("change", "post", _code, posts={}),
    "post_close": _one("change", "post", _code, posts={}),
    "grades": _one("view", "grade"),
    "grade_add": _one("add", "grade", posts={}),
    "coefficient_add": Page(needs=(("view", "grade"), ("add", "grade")), at=_code, posts={}),
    "post_plan": Page(needs=(("view", "unit"), ("view", "post")), at=_code),
    "filing_add": Page(needs=(("view", "unit"), ("change", "post")), at=_code, posts={}),
    "post_appoint": Page(needs=(("view", "post"), ("add", "appointment")), at=_code, posts={}),
    "appointment_transfer": _one("change", "appointment", _pk, posts={}),
    "appointment_renew": _one("change", "appointment", _pk, posts={}),
    "appointment_edit": _one("change", "appointment", _pk, posts={}),
    "person_find": _one("export", "identity", posts={}),
    "readings": Page(needs=(("view", "person"), ("view", "audit")), at=_staff_no),
    "fact_add": Page(needs=(("view", "person"), ("add", "absence")), at=_absence_of, posts={}),
    "fact_edit": _one("change", "absence", _absence, posts={}),
    "fact_close": _one("change", "absence", _absence, posts={}),
    "fact_annul": _one("change", "absence", _absence, posts={}),
    "appointment_probation": _one("change", "appointment", _pk, posts={}),
    "appointment_step": _one("change", "appointment", _pk, posts={}),
    "appointment_end": _one("change", "appointment", _pk, posts={}),
    # selection rounds
    "selections": _one("view", "selection"),
    "selection_add": _one("add", "selection", posts={}),
    "selection": _one("view", "selection", _pk),
    "selection_edit": _one("change", "selection", _pk, posts={}),
    "selection_offer": _one("change", "selection", _pk, gets=False, posts={}),
    "selection_step": _one("change", "selection", _pk, gets=False, posts={"to": "appointed"}),
    "selection_cancel": _one("change", "selection", _pk, posts={}),
    "selection_nominate": _one("nominate", "selection", _pk, posts={}),
    "selection_candidates": _one("oversee", "selection", _pk),
    "candidate_add": _one("recommend", "selection", _pk, posts={}),
    "candidate_check": _one("change", "candidate", _pk, posts={}),
    "candidate_withdraw": _one("withdraw", "candidate", _pk, posts={}),
    "candidate_medical": _one("change", "candidate", _pk, gets=False, posts={}),
    "selection_scores": _one("oversee", "selection", _pk),
    "selection_scores_import": _one("change", "selection", _pk, posts={}),
    "score_save": _one(
        "score",
        "candidate",
        lambda row: {"pk": row.pk, "part": "written"},
        gets=False,
        posts={"value": "1", "version": "1"},
    ),
    "selection_outcome": _one("oversee", "selection", _pk),
    "selection_propose": _one("change", "selection", _pk, gets=False, posts={}),
    "selection_confirm": _one("decide", "selection", _pk, gets=False, posts={}),
    "candidate_decide": _one("decide", "candidate", _pk, posts={}),
    "selection_notice": _one("view", "selection", _pk),
    "notice_publish": _one("change", "selection", _pk, posts={}),
    "notice_object": _one("object", "notice", _pk, posts={}),
    "objection_settle": _one("settle", "objection", _pk, posts={}),
    "selection_appoint": _one("appoint", "selection", _pk, posts={}),
    "api-selections-offer": _one("change", "selection", _pk, gets=False, posts={}),
    "api-selections-advance": _one("change", "selection", _pk, gets=False, posts={}),
    "api-selections-cancel": _one("change", "selection", _pk, gets=False, posts={}),
    "api-selections-nominate": _one("nominate", "selection", _pk, gets=False, posts={}),
    "api-selections-recommend": _one("recommend", "selection", _pk, gets=False, posts={}),
    "api-selections-propose": _one("change", "selection", _pk, gets=False, posts={}),
    "api-selections-confirm": _one("decide", "selection", _pk, gets=False, posts={}),
    "api-selections-notice": _one("change", "selection", _pk, gets=False, posts={}),
    "api-selections-appoint": _one("appoint", "selection", _pk, gets=False, posts={}),
    "api-candidates-check": _one("change", "candidate", _pk, gets=False, posts={}),
    "api-candidates-score": _one("score", "candidate", _pk, gets=False, posts={}),
    "api-candidates-decide": _one("decide", "candidate", _pk, gets=False, posts={}),
    "api-candidates-withdraw": _one("withdraw", "candidate", _pk, gets=False, posts={}),
    "api-candidates-medical": _one("change", "candidate", _pk, gets=False, posts={}),
    "api-notices-object": _one("object", "notice", _pk, gets=False, posts={}),
    "api-objections-settle": _one("settle", "objection", _pk, gets=False, posts={}),
    # kpi: the library and templates
    "indicators": _one("view", "indicator"),
    "indicator": _one("view", "indicator", _code),
    "indicator_add": _one("add", "indicator", posts={}),
    "indicator_edit": _one("change", "indicator", _code, posts={}),
    "indicator_parameters": _one("add", "indicator"),
    "indicators_export": _one("view", "indicator", kwargs={"format": "csv"}),
    "indicators_import": _one("add", "indicator", posts={}),
    "indicators_import_check": _one("add", "indicator", kwargs={"token": "nobodys"}, finds=False, posts={}),
    "indicators_import_errors": _one("add", "indicator", kwargs={"token": "nobodys"}, finds=False),
    "api-indicators-detail PATCH": _one("change", "indicator", _code, gets=False, posts={}, method="patch"),
    "api-indicator-imports-list": _one("add", "indicator", gets=False, posts={}),
    "cascade": Page(needs=CARDS, any_of=True),
    "letters": Page(needs=CARDS, any_of=True),
    "letters_sign": Page(needs=SIGNS, any_of=True, gets=False, posts={}),
    "letter": Page(needs=CARDS, any_of=True, at=_pk),
    # A head's own card is not his to draw up: tests/test_kpi_letters.py.
    "letter_edit": Page(needs=PROMISES, any_of=True, at=_pk, only=_not_the_heads, posts={}),
    # Who may sign for which side is the service's to say: tests/test_kpi_letters.py.
    "letter_sign": Page(needs=CARDS, any_of=True, at=_pk, gets=False, posts={}),
    "letter_retarget": Page(needs=RETARGETS, any_of=True, at=_pk, posts={}),
    "api-letters-list": Page(needs=CARDS, any_of=True),
    "api-letters-detail": Page(needs=CARDS, any_of=True, at=_pk),
    "api-letters-promise": Page(
        needs=PROMISES, any_of=True, at=_pk, only=_not_the_heads, gets=False, posts={}, method="put"
    ),
    "api-letters-sign": Page(needs=CARDS, any_of=True, at=_pk, gets=False, posts={}),
    "api-letters-targets": Page(needs=RETARGETS, any_of=True, at=_pk, gets=False, posts={}),
    "api-cascade-list": Page(needs=CARDS, any_of=True),
    "api-years-list": Page(needs=SEES_YEARS, any_of=True),
    "api-years-list POST": Page(needs=ADDS_YEARS, any_of=True, gets=False, posts={}),
    "api-years-detail": Page(needs=SEES_YEARS, any_of=True, at=_pk),
    "api-years-detail PUT": Page(needs=CHANGES_YEARS, any_of=True, at=_pk, gets=False, posts={}, method="put"),
    "years": Page(needs=SEES_YEARS, any_of=True),
    "year_open": Page(needs=ADDS_YEARS, any_of=True, posts={}),
    "year": Page(needs=SEES_YEARS, any_of=True, at=_pk),
    "year_edit": Page(needs=CHANGES_YEARS, any_of=True, at=_pk, posts={}),
    "year_fill": Page(needs=CHANGES_YEARS, any_of=True, at=_pk, posts={}),
    "card_templates": Page(needs=SEES_TEMPLATES, any_of=True),
    "card_template": Page(needs=SEES_TEMPLATES, any_of=True, at=_pk),
    "card_template_add": Page(needs=ADDS_TEMPLATES, any_of=True, posts={}),
    "card_template_edit": Page(needs=CHANGES_TEMPLATES, any_of=True, at=_pk, posts={}),
    "card_template_copy": Page(needs=(("view", "zone_template"), ("add", "zone_template")), at=_pk, posts={}),
    "card_templates_export": Page(needs=SEES_TEMPLATES, any_of=True, kwargs={"format": "csv"}),
    "card_templates_import": Page(needs=ADDS_TEMPLATES, any_of=True, posts={}),
    "card_templates_import_check": Page(
        needs=ADDS_TEMPLATES, any_of=True, kwargs={"token": "nobodys"}, finds=False, posts={}
    ),
    "card_templates_import_errors": Page(needs=ADDS_TEMPLATES, any_of=True, kwargs={"token": "nobodys"}, finds=False),
    "api-templates-list": Page(needs=SEES_TEMPLATES, any_of=True),
    "api-templates-list POST": Page(needs=ADDS_TEMPLATES, any_of=True, gets=False, posts={}),
    "api-templates-detail": Page(needs=SEES_TEMPLATES, any_of=True, at=_pk),
    "api-templates-detail PUT": Page(needs=CHANGES_TEMPLATES, any_of=True, at=_pk, gets=False, posts={}, method="put"),
    "api-template-imports-list": Page(needs=ADDS_TEMPLATES, any_of=True, gets=False, posts={}),
    # kpi
    "scorecards": Page(needs=CARDS, any_of=True),
    "score_matrix": Page(needs=CARDS, any_of=True),
    "scorecard": Page(needs=CARDS, any_of=True, at=_pk),
    "scores_export": Page(needs=CARDS, any_of=True, kwargs={"format": "csv"}),
    "scores_import": Page(needs=SCORES, any_of=True, posts={}),
    "scores_import_check": Page(needs=SCORES, any_of=True, kwargs={"token": "nobodys"}, finds=False, posts={}),
    "scores_import_errors": Page(needs=SCORES, any_of=True, kwargs={"token": "nobodys"}, finds=False),
    "score_cells": Page(needs=SCORES, any_of=True, gets=False, posts={}),
    "scorecards_refill": Page(needs=FILLS, any_of=True, gets=False, posts={"year": "2026"}),
    "scorecard_refill": Page(needs=CARDS, any_of=True, at=_pk, gets=False, posts={}),  # who may not is told so
    "line_applies": Page(needs=FILLS[3:], any_of=True, at=_line, posts={"version": 1}),
    "line_evidence": Page(needs=CARDS, any_of=True, at=_line),
    "evidence_file": Page(needs=CARDS, any_of=True, at=_evidence),
    "evidence_withdraw": Page(needs=SCORES, any_of=True, at=_evidence, gets=False, posts={}),
    "line_why": Page(needs=CARDS, any_of=True, at=_line),
    "line_score": Page(needs=SCORES, any_of=True, at=_line, gets=False, posts=SCORE),
    "scorecard_rating": Page(needs=RATES, any_of=True, at=_pk, gets=False, posts={"rating": "competent"}),
    "city_assessment": Page(needs=(("view", "unit_card"), ("view", "city_cycle")), any_of=True),
    "city_year": _one("view", "city_cycle", _pk),
    "city_rules": _one("change", "city_cycle", _parks, posts={}),
    # The city's year here has no cards; tests/test_city_pages.py has one with them.
    "city_sheet": _one("view", "city_cycle", kwargs=NO_PARKS, finds=False),
    "city_compare": _one("view", "city_cycle", kwargs=NO_PARKS, finds=False),
    "city_grades": _one("view", "city_cycle", kwargs=NO_PARKS, finds=False, posts={}),
    "city_subject": _one("view", "unit_card", _pk),
    # judging
    "grade_settle": _one("rate", "person_card", _pk, gets=False, posts={}),
    "adjustment_add": Page(needs=ADJUSTS, any_of=True, at=_pk, posts={}),
    "adjustments": Page(needs=CARDS, any_of=True),
    "adjustment_decide": Page(needs=APPROVES, any_of=True, at=_adjustment, only=_adjusted, posts={}),
    "adjustment_revoke": Page(needs=ADJUSTS, any_of=True, at=_adjustment, only=_adjusted, posts={}),
    "assessment": _one("view", "inquiry"),
    "overview": Page(needs=(("view", "zone_cycle"), ("view", "inquiry")), at=_pk),
    "assessment_grades": Page(needs=(("view", "zone_cycle"), ("rate", "person_card")), at=_pk, posts={}),
    "undetermined": _one("change", "zone_cycle", _pk, posts={}),
    "quota_raise": _one("change", "zone_cycle", _pk, posts={}),
    "year_publish": _one("publish", "zone_cycle", _pk, posts={"notice": ""}),
    "year_close": _one("close", "zone_cycle", _pk, posts={}),
    "year_consequences": _one("change", "zone_cycle", _pk),
    "my_assessment": Page(who="signed_in"),
    "appeals": _one("view", "appeal"),
    "appeal": _one("view", "appeal", _pk),
    "appeal_file": Page(needs=(("view", "person_card"), ("add", "appeal")), at=_pk, posts={}),
    "appeal_decide": _one("decide", "appeal", _pk, posts={}),
    "appeal_withdraw": _one("add", "appeal", _pk, posts={}),
    # What is asked of raters is theirs by their place in a panel: nobody here has one (tests/test_kpi_rater_pages.py).
    "ratings": Page(who="signed_in"),
    "rating": Page(kwargs={"pk": 1}, finds=False),
    "rating_save": Page(kwargs={"pk": 1}, finds=False, gets=False, posts={}),
    "panels": Page(needs=PANELS, any_of=True),
    "panel_add": Page(needs=(("add", "zone_panel"), ("add", "city_panel")), any_of=True, posts={}),
    "panel": Page(needs=PANELS, any_of=True, at=_pk),
    "kpi_progress": Page(needs=(("change", "zone_cycle"), ("change", "city_cycle")), any_of=True),
    "progress_remind": Page(
        needs=(("change", "zone_cycle"), ("change", "city_cycle")),
        any_of=True,
        at=_pk,
        gets=False,
        posts={"about": "entry"},
    ),
    "webhooks": Page(needs=HOOKS, any_of=True),
    "webhook_add": Page(needs=(("add", "zone_webhook"), ("add", "city_webhook")), any_of=True, posts={}),
    "webhook": Page(needs=HOOKS, any_of=True, at=_pk),
    "webhook_switch": Page(needs=HOOK_CHANGES, any_of=True, at=_pk, gets=False, posts={"active": "1"}),
    "webhook_renew": Page(needs=HOOK_CHANGES, any_of=True, at=_pk, gets=False, posts={}),
    "delivery_resend": Page(kwargs={"pk": 1}, finds=False, gets=False, posts={}),
    "api-my-ratings-list": Page(who="signed_in"),
    "api-my-ratings-detail": Page(kwargs={"pk": 1}, finds=False),
    "api-my-ratings-rate": Page(kwargs={"pk": 1}, finds=False, gets=False, posts={}),
    "rater_remove": Page(kwargs={"pk": 1}, finds=False, gets=False, posts={}),
    "city_publish": _one("publish", "city_cycle", _pk, posts={"notice": ""}),
    "city_close": _one("close", "city_cycle", _pk, posts={}),
    "city_import": _one("score", "unit_card", posts={}),
    "city_import_check": _one("score", "unit_card", kwargs={"token": "nobodys"}, finds=False, posts={}),
    "city_import_errors": _one("score", "unit_card", kwargs={"token": "nobodys"}, finds=False),
    "city_sheet_file": _one("score", "unit_card", kwargs={"format": "csv"}),
    "api-city-assessments-list": Page(needs=(("view", "unit_card"), ("view", "city_cycle")), any_of=True),
    "built_file": Page(kwargs={"token": "nobodys"}, finds=False),
    "api-adjustments-list": Page(needs=CARDS, any_of=True),
    "api-adjustments-list POST": Page(needs=ADJUSTS, any_of=True, gets=False, posts={}),
    "api-adjustments-detail": Page(needs=CARDS, any_of=True, at=_adjustment, only=_adjusted),
    "api-adjustments-decide": Page(needs=APPROVES, any_of=True, at=_adjustment, only=_adjusted, gets=False, posts={}),
    "api-adjustments-revoke": Page(needs=ADJUSTS, any_of=True, at=_adjustment, only=_adjusted, gets=False, posts={}),
    "api-appeals-decide": _one("decide", "appeal", _pk, gets=False, posts={}),
    "api-appeals-withdraw": _one("add", "appeal", _pk, gets=False, posts={}),
    "api-assessment-years-list": _one("view", "zone_cycle"),
    "api-assessment-years-detail": _one("view", "zone_cycle", _pk),
    "api-assessment-years-quota": Page(needs=(("view", "zone_cycle"), ("rate", "person_card")), at=_pk),
    "api-assessment-years-grade": Page(
        needs=(("view", "zone_cycle"), ("rate", "person_card")), at=_pk, gets=False, posts={}
    ),
    "api-assessment-years-determine": _one("change", "zone_cycle", _pk, gets=False, posts={}),
    "api-assessment-years-publish": _one("publish", "zone_cycle", _pk, gets=False, posts={}),
    "api-assessment-years-close": _one("close", "zone_cycle", _pk, gets=False, posts={}),
    # pay
    "schemes": _one("view", "scheme"),
    "scheme": _one("view", "scheme", _pk),
    "scheme_new": _one("add", "scheme", _code, rows="unit", only=_heads, posts={}),
    "pools": _one("view", "run"),
    # A simulation is of a run, by its unit and year; here the unit named has none (tests/test_pay_simulation.py).
    "simulation": Page(needs=(("simulate", "run"),), kwargs={"code": "TZ", "year": 1999}, finds=False),
    "scenario_save": Page(
        needs=(("simulate", "run"),), kwargs={"code": "TZ", "year": 1999}, finds=False, gets=False, posts={"name": "x"}
    ),
    "scenario_rename": Page(kwargs={"pk": 10**9}, finds=False, gets=False, posts={"name": "x"}),
    "scenario_delete": Page(kwargs={"pk": 10**9}, finds=False, gets=False, posts={}),
    "compute": _one("compute", "run", gets=False, posts={"year": "2020"}),
    "runs": _one("view", "run"),
    "cancel_waiting": _one("cancel", "run", gets=False, posts={"year": "2020"}),
    "run_again": _one("compute", "run", _pk, gets=False, posts={}),
    "run": _one("view", "run", _pk),
    "share": _one("view", "share", _pk),
    "allocation": _one("view", "allocation", _pk),
    "run_check": _one("check", "run", _pk, gets=False, posts={"seen": "x"}),
    "run_send_back": _one("approve", "run", _pk, posts={}),
    "run_approve": _one("approve", "run", _pk, posts={}),
    "run_cancel": _one("cancel", "run", _pk, gets=False, posts={}),
    "run_correct": _one("compute", "run", _pk, gets=False, posts={}),
    "run_compare": Page(needs=(("view", "run"), ("export", "allocation")), at=_pk),
    # No run of these zones was corrected (tests/test_pay_life_pages.py has one that was).
    "run_differences": _one("view", "run", kwargs={"pk": 10**9}, finds=False),
    "payouts": _one("view", "payout"),
    "payout": _one("view", "payout", _pk),
    "payout_draft": Page(needs=(("view", "run"), ("add", "payout")), at=_pk, gets=False, posts={"part": "current"}),
    "payout_release": _one("release", "payout", _pk, gets=False, posts={}),
    "payout_discard": _one("add", "payout", _pk, gets=False, posts={}),
    "terms": _one("view", "term_result"),
    "term_add": _one("add", "term_result", posts={}),
    "accounts": _one("add", "bank_account"),
    "account_edit": Page(needs=(("view", "person"), ("change", "bank_account")), at=_staff_no, posts={}),
    "account_import": _one("import", "bank_account", posts={}),
    "account_import_check": _one("import", "bank_account", kwargs={"token": "nobodys"}, finds=False, posts={}),
    "account_import_errors": _one("import", "bank_account", kwargs={"token": "nobodys"}, finds=False),
    "my_account": Page(who="signed_in"),
    "differentiation": Page(needs=(("view", "unit"), ("export", "allocation")), at=_code, only=_charted),
    "slips_start": Page(needs=(("view", "run"), ("export", "allocation")), at=_pk, gets=False, posts={}),
    "slips_file": Page(kwargs={"token": "nobodys"}, finds=False),
    # reports
    "reports": _one("view", "report"),
    "verify": _one("view", "report", posts={}),
    "roster_file": _one("export", "person", kwargs={"format": "xlsx"}),
    "roster_changes_file": _one("export", "person", kwargs={"format": "xlsx"}),
    "post_list_file": _one("view", "post", kwargs={"format": "xlsx"}),
    # Who may download the reports of a run is the table's report row; the run is what they are of.
    "report_download": _one("view", "report", _report, rows="run"),
    # REST
    "api-root": Page(who="signed_in"),
    "api-schema": Page(who="signed_in"),
    "api-docs": Page(who="signed_in"),
    "api-structures-detail": _one("export", "unit", _code, only=lambda row: row.key in ("TZ", "XZ")),
    "api-structure-imports-list": _one("import", "unit", gets=False, posts={}),
    "api-roster-imports-list": _one("import", "person", gets=False, posts={}),
    "api-jobs-list": Page(who="signed_in"),
    "api-jobs-detail": Page(kwargs={"pk": 1}, finds=False),
    "api-charts-detail": _one("view", "unit", _code, only=_charted),
    "api-charts-differences": _one("view", "unit", _code, only=_charted, query="from=2019-06-30&to=2020-06-30"),
    "api-scorecards-list": Page(needs=CARDS, any_of=True),
    "api-scorecards-detail": Page(needs=CARDS, any_of=True, at=_pk),
    "api-people-detail PATCH": _one("change", "person", _staff_no, gets=False, posts={}, method="patch"),
    "api-roster-list": _one("view", "appointment"),
    "api-roster-changes": _one("view", "appointment"),
    "api-plans-change": _one("change", "plan", _code, gets=False, posts={}),
    "api-plans-edit-change": _one("change", "plan", _change, gets=False, posts={}, method="patch"),
    "api-plans-move-change": _one("change", "plan", _change, gets=False, posts={}),
    "api-plans-copy": _one("add", "plan", _code, gets=False, posts={}),
    "api-plans-detail PATCH": _one("change", "plan", _code, gets=False, posts={}, method="patch"),
    "api-plans-check": _one("check", "plan", _code, gets=False, posts={}),
    "api-plans-step": _one("view", "plan", _code, gets=False, posts={}),
    "api-plans-approve": _one("approve", "plan", _code, gets=False, posts={}),
    "api-posts-revise": _one("change", "post", _code, gets=False, posts={}),
    "api-posts-copy": Page(needs=(("add", "post"), ("change", "post")), at=_code, gets=False, posts={}),
    "api-posts-close": _one("change", "post", _code, gets=False, posts={}),
    "api-grades-coefficients": _one("add", "grade", _code, gets=False, posts={}),
    "api-appointments-end": _one("change", "appointment", _pk, gets=False, posts={}),
    "api-appointments-transfer": _one("change", "appointment", _pk, gets=False, posts={}),
    "api-positionings-list": _one("view", "positioning"),
    "api-positionings-list POST": _one("change", "positioning", gets=False, posts={}),
    "api-positionings-detail": _one("view", "positioning", _pk),
    "api-positionings-close": _one("change", "positioning", _pk, gets=False, posts={}),
    "api-projects-list": _one("view", "project"),
    "api-projects-list POST": _one("add", "project", gets=False, posts={}),
    "api-projects-detail": _one("view", "project", _code),
    "api-projects-advance": _one("change", "project", _code, gets=False, posts={}),
    "api-transfers-list": _one("view", "transfer"),
    "api-transfers-list POST": _one("add", "transfer", gets=False, posts={}),
    "api-transfers-detail": _one("view", "transfer", _code),
    "api-transfers-start": _one("change", "transfer", _code, gets=False, posts={}),
    "api-transfers-complete": _one("change", "transfer", _code, gets=False, posts={}),
    "api-transfers-withdraw": _one("change", "transfer", _code, gets=False, posts={}),
    "api-transfers-sign": _one("sign", "transfer", _code, gets=False, posts={}),
    "api-transfers-dispute": _one("dispute", "transfer", _code, gets=False, posts={}),
    "api-transfers-settle": _one("settle", "transfer", _code, gets=False, posts={}),
    "api-appointments-renew": _one("change", "appointment", _pk, gets=False, posts={}),
    "api-appointments-probation": _one("change", "appointment", _pk, gets=False, posts={}),
    "api-appointments-step": _one("change", "appointment", _pk, gets=False, posts={}),
    "api-appointments-detail PATCH": _one("change", "appointment", _pk, gets=False, posts={}, method="patch"),
    "api-probations-list": _one("view", "appointment"),
    "api-step-changes-list": _one("view", "appointment"),
    "api-runs-check": _one("check", "run", _pk, gets=False, posts={}),
    "api-runs-send-back": _one("approve", "run", _pk, gets=False, posts={}),
    "api-runs-approve": _one("approve", "run", _pk, gets=False, posts={}),
    "api-runs-cancel": _one("cancel", "run", _pk, gets=False, posts={}),
    "api-runs-correct": _one("compute", "run", _pk, gets=False, posts={}),
    "api-payouts-release": _one("release", "payout", _pk, gets=False, posts={}),
    "api-payouts-discard": _one("add", "payout", _pk, gets=False, posts={}),
    "api-account-imports-list": _one("import", "bank_account", gets=False, posts={}),
    "api-pay-slips-list": _one("export", "allocation", gets=False, posts={}),
    "api-scorecards-scores": Page(needs=SCORES, any_of=True, gets=False, posts={}),
    "api-scorecards-evidence": Page(needs=CARDS, any_of=True, at=_card_line),
    "api-scorecards-evidence POST": Page(needs=SCORES, any_of=True, at=_card_line, gets=False, posts={}),
    "api-scorecards-evidence-file": Page(needs=CARDS, any_of=True, at=_card_file),
    "api-scorecards-evidence-withdraw": Page(needs=SCORES, any_of=True, at=_card_file, gets=False, posts={}),
    "api-scorecards-score": Page(needs=SCORES, any_of=True, at=_card_line, gets=False, posts=SCORE),
}
for _page, _gets in (
    ("panel_edit", True),
    ("panel_lines", True),
    ("panel_raters", True),
    ("panel_line_remove", False),
    ("panel_close", False),
    ("panel_remove", False),
    ("panel_remind", False),
):
    PAGES[_page] = Page(needs=PANEL_CHANGES, any_of=True, at=_pk, gets=_gets, posts={})
for _name in ("panels-add-lines", "panels-add-raters", "panels-close", "panels-remind"):
    PAGES[f"api-{_name}"] = Page(needs=PANEL_CHANGES, any_of=True, at=_pk, gets=False, posts={})
for _name in ("webhooks-switch", "webhooks-renew", "webhooks-resend"):
    PAGES[f"api-{_name}"] = Page(needs=HOOK_CHANGES, any_of=True, at=_pk, gets=False, posts={})
for _prefix, _views, _noun in (("panels", PANELS, "panel"), ("webhooks", HOOKS, "webhook")):
    PAGES[f"api-{_prefix}-list"] = Page(needs=_views, any_of=True)
    PAGES[f"api-{_prefix}-detail"] = Page(needs=_views, any_of=True, at=_pk)
    _adds = (("add", f"zone_{_noun}"), ("add", f"city_{_noun}"))
    PAGES[f"api-{_prefix}-list POST"] = Page(needs=_adds, any_of=True, gets=False, posts={})
#: REST resources: noun, lookup, and the action of a POST to the list.
for _prefix, _noun, _at, _add in (
    ("units", "unit", _code, ""),
    ("figures", "figure", _pk, "add"),
    ("charters", "charter", _pk, "add"),
    ("bureaus", "bureau", _code, "add"),
    ("duties", "duty", _code, ""),
    ("plans", "plan", _code, "add"),
    ("posts", "post", _code, "add"),
    ("grades", "grade", _code, "add"),
    ("people", "person", _staff_no, "add"),
    ("appointments", "appointment", _pk, "add"),
    ("absences", "absence", _pk, "add"),
    ("secondments", "secondment", _pk, "add"),
    ("sanctions", "sanction", _pk, "add"),
    ("inquiries", "inquiry", _pk, "add"),
    ("kinships", "kinship", _pk, "add"),
    ("selections", "selection", _pk, "add"),
    ("candidates", "candidate", _pk, ""),
    ("notices", "notice", _pk, ""),
    ("objections", "objection", _pk, ""),
    ("appeals", "appeal", _pk, "add"),
    ("indicators", "indicator", _code, "add"),
    ("schemes", "scheme", _pk, "add"),
    ("runs", "run", _pk, "compute"),
    ("shares", "share", _pk, ""),
    ("allocations", "allocation", _pk, ""),
    ("payouts", "payout", _pk, "add"),
    ("term-results", "term_result", _pk, "add"),
    ("bank-accounts", "bank_account", _pk, "add"),
):
    PAGES[f"api-{_prefix}-list"] = _one("view", _noun)
    PAGES[f"api-{_prefix}-detail"] = _one("view", _noun, _at)
    if _add:
        PAGES[f"api-{_prefix}-list POST"] = _one(_add, _noun, gets=False, posts={})
PAGES["api-runs-progress"] = _one("view", "run")
for _prefix, _noun in (("runs", "run"), ("shares", "share"), ("allocations", "allocation")):
    PAGES[f"api-{_prefix}-explanation"] = _one("view", _noun, _pk)
for _prefix, _noun in (
    ("absences", "absence"),
    ("secondments", "secondment"),
    ("sanctions", "sanction"),
    ("inquiries", "inquiry"),
    ("kinships", "kinship"),
):
    for _verb in ("close", "annul"):
        PAGES[f"api-{_prefix}-{_verb}"] = _one("change", _noun, _pk, gets=False, posts={})
    PAGES[f"api-{_prefix}-detail PATCH"] = _one("change", _noun, _pk, gets=False, posts={}, method="patch")


def addresses(patterns=None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every address that is registered: its key in PAGES, its pattern; ``.json`` twins of REST addresses left out.

    A REST address that can be read is listed once more for each method that writes.
    """
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        pattern = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from addresses(entry.url_patterns, pattern)
        elif "format>[a-z0-9]" not in pattern and "drf_format_suffix" not in pattern:
            name = entry.name or pattern
            yield name, pattern
            methods = getattr(entry.callback, "actions", None) or {}
            if "get" in methods:
                yield from (
                    (f"{name} {method.upper()}", pattern) for method in methods if method not in ("get", "head")
                )


REGISTERED = {name for name, _pattern in addresses()}


def registered(key: str) -> bool:
    """A page's POST stands or falls with the page, a resource's with the method."""
    return key in REGISTERED or (not key.startswith("api-") and key.split()[0] in REGISTERED)
