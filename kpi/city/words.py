"""The rule of grades and what follows from it, in words: every number that decides is shown."""

from __future__ import annotations

from django.utils.translation import gettext as _

from common.numerals import grouped, in_percent, plain
from kpi.city.grading import FIRST, Proposal, Test
from kpi.models import GradeRule, Rating


def label(rating: str) -> str:
    return str(Rating(rating).label) if rating else ""


def rule(row: GradeRule) -> str:
    """What a grade asks for, in one sentence."""
    parts = []
    if row.top_share is not None:
        parts.append(_("名次在同类前 %(share)s") % {"share": in_percent(row.top_share).replace(".0%", "%")})
    if row.least_score is not None:
        parts.append(_("得分不低于 %(score)s 分") % {"score": plain(row.least_score)})
    if len(parts) < 2:
        return parts[0]
    return (_("且") if row.join == GradeRule.Join.ALL else _("或")).join(parts)


def arithmetic(found: Proposal) -> list[str]:
    """How the proposal came about, a line a condition."""
    said = [line for test in found.tests for line in _test(found, test)]
    if found.vetoed:
        said.append(_("有一票否决事项，不能评为%(grade)s") % {"grade": label(FIRST)})
    if found.rating is None:
        said.append(_("并列跨过名额，由考核办研究确定"))
    return said


def _test(found: Proposal, test: Test) -> list[str]:
    said = []
    told = {"grade": label(test.rating), "rank": found.rank, "n": test.of, "places": test.places, "tied": test.tied}
    if test.places is not None:
        words = _("%(grade)s：%(n)s 个单位取前 %(places)s 名，本单位第 %(rank)s 名")
        if test.tied > 1:
            words = _("%(grade)s：%(n)s 个单位取前 %(places)s 名，本单位第 %(rank)s 名，%(tied)s 个单位并列")
        said.append(f"{words % told}{_sign(test.in_places)}")
    if test.least is not None:
        told |= {"score": grouped(found.score, 2), "least": plain(test.least), "than": "≥" if test.by_score else "<"}
        said.append(f"{_('%(grade)s：得分 %(score)s %(than)s %(least)s') % told}{_sign(test.by_score)}")
    return said


def _sign(met: bool | None) -> str:
    return " △" if met is None else " ✓" if met else " ✕"
