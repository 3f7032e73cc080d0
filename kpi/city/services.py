"""The verbs of a city's year: lay down the rule of grades, and confirm the grades that follow from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import orjson
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi.city.grading import Contestant, Proposal, Standard, propose
from kpi.judging.grading import ratings_for, set_rating
from kpi.models import Cycle, GradeRule, Rating, Scorecard
from zones.models import Unit


@dataclass(frozen=True)
class Wanted:
    """What a rule of a grade is to say: a ratio, points, or both."""

    top_share: Decimal | None = None
    least_score: Decimal | None = None
    join: str = GradeRule.Join.ANY


@dataclass(frozen=True)
class Choice:
    """The grade that somebody decides for a card, with his reason where it is not the one that follows."""

    rating: str
    reason: str = ""


@transaction.atomic
def set_grade_rules(*, cycle: Cycle, sort: str, rules: Mapping[str, Wanted], by: Actor) -> list[GradeRule]:
    """Lay down which grades a sort's units get; ``rules`` by grade, one left out or empty is taken away.

    Refused once the year is published, for a zone's year, and once a unit of the
    sort has its grade: whoever was graded was graded by the rule that stood.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).select_related("holder").get(pk=cycle.pk)
    _refuse_settled(cycle)
    if cycle.holder.kind != Unit.Kind.CITY or sort not in GradeRule.Sort.values:
        raise ValidationError(_("等次规则只能设在市的考核年度"), code="KPI-GRADE-RULE")
    if cycle.scorecards.filter(kind=Scorecard.Kind.UNIT, unit__kind=sort, result__rating__gt="").exists():
        raise ValidationError(_("已有单位评定等次，先撤回等次再改规则"), code="graded")
    standing = {rule.rating: rule for rule in cycle.grade_rules.filter(sort=sort)}
    kept = []
    for rating in (Rating.FIRST, Rating.SECOND):
        wanted = rules.get(rating, Wanted())
        rule = standing.get(rating)
        if wanted.top_share is None and wanted.least_score is None:
            if rule is not None:
                record("remove", rule, by=by, before=facts(rule))
                rule.delete()
            continue
        kept.append(_keep_rule(rule or GradeRule(cycle=cycle, sort=sort, rating=rating), wanted, by))
    return kept


def _keep_rule(rule: GradeRule, wanted: Wanted, by: Actor) -> GradeRule:
    before = facts(rule) if rule.pk else None
    rule.top_share, rule.least_score, rule.join = wanted.top_share, wanted.least_score, wanted.join
    rule.is_example = False
    rule.full_clean()
    if before is None or facts(rule) != before:
        with hold_rules():
            rule.save()
        record("change" if before else "add", rule, by=by, before=before, after=facts(rule))
    return rule


def standards(cycle: Cycle, sort: str) -> dict[str, Standard]:
    """The year's rule for a sort, as it is computed with."""
    return {
        rule.rating: Standard(rule.top_share, rule.least_score, rule.join == GradeRule.Join.ALL)
        for rule in cycle.grade_rules.filter(sort=sort)
    }


def proposals(cycle: Cycle, sort: str, only: Sequence[int] | None = None) -> list[Proposal]:
    """The grade that the rule gives each unit of the sort that has its score, the best first; keys are cards.

    Empty while there is no rule. ``only`` narrows what is returned, never what is compared.
    """
    rule = standards(cycle, sort)
    cards = Scorecard.objects.filter(
        cycle=cycle, kind=Scorecard.Kind.UNIT, unit__kind=sort, result__score__isnull=False
    )
    rows = cards.order_by("unit__sequence", "unit__code").values_list("pk", "result__score")
    scores = {card: score for card, score in rows if score is not None}
    if not rule or not scores:
        return []
    vetoed = _vetoed(list(scores))
    found = propose([Contestant(card, score, card in vetoed) for card, score in scores.items()], rule)
    return [each for each in found if only is None or each.key in only]


def _vetoed(cards: Sequence[int]) -> set[int]:
    """The cards with a veto, by the same function that the database refuses by."""
    with connection.cursor() as cursor:
        cursor.execute("select id from unnest(%s::bigint[]) as id where kpi_unit_vetoed(id)", [list(cards)])
        return {pk for (pk,) in cursor.fetchall()}


def fingerprint(found: Sequence[Proposal]) -> str:
    """Of what a page showed, so that nothing else is confirmed than was seen."""
    seen = [[str(each.key), str(each.score), each.rank, each.rating or "", each.vetoed] for each in found]
    return hashlib.sha256(orjson.dumps(seen)).hexdigest()[:32]


@transaction.atomic
def confirm_grades(*, cycle: Cycle, sort: str, chosen: Mapping[int, Choice], seen: str, by: Actor) -> int:
    """Decide the grades of cards of one sort; returns how many changed.

    ``seen`` is the ``fingerprint`` of the proposals that the decider looked at.
    Refused while a unit of the sort has no score, for a grade that is not the
    proposed one without a reason, a vetoed unit's first grade, and a card that
    he scored himself (``set_rating``). All or nothing.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    _refuse_settled(cycle)
    cards = Scorecard.objects.filter(cycle=cycle, kind=Scorecard.Kind.UNIT, unit__kind=sort).named(timezone.localdate())
    # In order of pk: whoever scores or grades one of them waits, and nobody waits for each other.
    locked = {card.pk: card for card in cards.select_related("unit").order_by("pk").select_for_update(of=("self",))}
    left = [card.unit_name for card in cards.filter(result__score__isnull=True)]
    if left:
        raise ValidationError(_("%(names)s还没有评完，不能评定等次") % {"names": "、".join(left)}, code="unfinished")
    found = {each.key: each for each in proposals(cycle, sort)}
    if not found:
        raise ValidationError(_("本年度还没有公布这一类单位的等次规则"), code="no_rule")
    if fingerprint(list(found.values())) != seen:
        raise ValidationError(_("得分或规则有了变动，请核对新的建议后再确认"), code="moved")
    if strangers := chosen.keys() - locked.keys():
        raise ValidationError(_("有 %(n)s 张评分卡不属于这一类单位") % {"n": len(strangers)}, code="stranger")
    return sum(_decide(locked[pk], chosen[pk], found[pk], by) for pk in sorted(chosen))


def _decide(card: Scorecard, choice: Choice, proposal: Proposal, by: Actor) -> bool:
    reason = choice.reason.strip()[:500]
    if choice.rating not in ratings_for(card.kind):
        raise ValidationError(_("%(name)s：请从列出的等次中选择") % {"name": card.unit_name}, code="unknown")
    if choice.rating != proposal.rating and not reason:
        message = _("%(name)s：与规则得出的等次不同，须说明理由")
        raise ValidationError(message % {"name": card.unit_name}, code="no_reason")
    before = _stood(card)
    if before == (choice.rating, reason):
        return False
    try:
        result = set_rating(scorecard=card, rating=choice.rating, by=by)
    except ValidationError as error:
        message = f"{card.unit_name}：{' '.join(error.messages)}"
        raise ValidationError(message, code=getattr(error, "code", None) or "refused") from error
    if result.comment != reason:
        was = facts(result)
        result.comment = reason
        result.save(update_fields=["comment", "decided_at"])
        record("rate", result, by=by, before=was, after=facts(result))
    return True


def _stood(card: Scorecard) -> tuple[str, str]:
    standing = Scorecard.objects.filter(pk=card.pk).values_list("result__rating", "result__comment").first()
    return (standing[0] or "", standing[1] or "") if standing else ("", "")


def _refuse_settled(cycle: Cycle) -> None:
    if cycle.state != Cycle.State.OPEN:
        message = _("%(year)s 年考核结果已公布，不能再改") % {"year": cycle.year}
        raise ValidationError(message, code="KPI-CLOSED")
