"""Scores, the proposal made of them, and what people decide (考评)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.money import exact
from common.numerals import grouped
from staffing.models import Candidate, Outcome, Score, Selection, SelectionPost
from staffing.selection.allotment import Entrant, allot
from staffing.selection.candidacy import fresh, refuse_own
from staffing.selection.rounds import Stage, locked

PLACES = Decimal("0.01")
SIX = Decimal("0.000001")


class StaleScore(Exception):
    """The score was saved by somebody else since the page was opened; ``score`` is how it stands now."""

    def __init__(self, score: Score) -> None:
        self.score = score
        super().__init__(f"score {score.pk} is at version {score.version}")


@dataclass(frozen=True)
class Entered:
    """What a save came to: the score, and the candidate's total once all parts have points."""

    score: Score
    total: Decimal | None


def read_points(text: str) -> Decimal | None:
    """Points as typed, None for an empty cell; full-width digits are accepted. Raises ValidationError at ``value``."""
    plain = text.strip().translate(str.maketrans("０１２３４５６７８９．", "0123456789."))
    if not plain:
        return None
    try:
        points = Decimal(plain) if len(plain) <= 20 else None
    except ArithmeticError:
        points = None
    if points is None or not points.is_finite():
        raise ValidationError({"value": _("「%(text)s」不是数字") % {"text": text.strip()[:20]}})
    if not 0 <= points <= 100:
        raise ValidationError({"value": _("得分须在 0 与 100 之间")})
    if points != round(points, 2):
        raise ValidationError({"value": _("小数最多 2 位")})
    return points.quantize(PLACES)


def total_of(selection: Selection, points: Mapping[str, Decimal | None]) -> Fraction | None:
    """The weighted total of a hundred, exactly; None while a part that counts has no points."""
    if any(points.get(part) is None for part in selection.weights):
        return None
    return sum((exact(points[part]) * exact(weight) / 100 for part, weight in selection.weights.items()), Fraction(0))


def shown_total(total: Fraction | None) -> Decimal | None:
    """A total as it is kept: six places, which is all that two places of points and of weight can need."""
    return None if total is None else (Decimal(total.numerator) / Decimal(total.denominator)).quantize(SIX)


@transaction.atomic
def enter_points(*, candidate: Candidate, part: str, text: str, version: int, by: Actor) -> Entered:
    """Enter, change or (with empty text) clear what a candidate scored in one part.

    Raises ValidationError for a number that cannot be taken, a part that does not
    count and one's own score; StaleScore when ``version`` (0 while there is none) is
    no longer the score's. Saying again what stands changes nothing. A proposal that
    was made of other scores is dropped.
    """
    row = locked(candidate.selection, Stage.ASSESSMENT)
    found = fresh(candidate)
    refuse_own(found, by)
    if part not in row.weights:
        raise ValidationError(_("本次竞聘不考这一项"))
    if not found.competes:
        raise ValidationError(_("此人未通过资格审查或已撤回"))
    points = read_points(text)
    score = found.scores.select_for_update(no_key=True).filter(part=part).first()
    if points != (score.points if score else None):
        if score and score.version != version:
            raise StaleScore(score)
        score = _write_points(found, part, score, points, by)
        drop_proposal(row, by)
    score = score or Score(candidate=found, part=part, version=0)
    return Entered(score, shown_total(total_of(row, dict(found.scores.values_list("part", "points")))))


def _write_points(found: Candidate, part: str, score: Score | None, points: Decimal | None, by: Actor) -> Score:
    before = audit.facts(score) if score else None
    if score is None:
        score = Score(candidate=found, part=part)
    else:
        score.version += 1
    score.points, score.entered_by = points, by.user
    with hold_rules():
        score.save()
    audit.record("enter_points", score, by=by, before=before, after=audit.facts(score))
    return score


def drop_proposal(row: Selection, by: Actor) -> None:
    """Scores have changed, and what was made of them no longer holds."""
    gone = Outcome.objects.filter(candidate__selection=row)
    if n := gone.count():
        gone.delete()
        audit.record("drop_proposal", row, by=by, before={"outcomes": n}, after={"outcomes": 0})


@transaction.atomic
def propose(*, selection: Selection, by: Actor) -> int:
    """Match people to posts by deferred acceptance, each with its reason; returns how many people were matched.

    Replaces an earlier proposal; raises ValidationError while scores are missing,
    and when something has been decided already.
    """
    row = locked(selection, Stage.ASSESSMENT)
    people = list(
        row.candidates.filter(withdrawn=False, eligible=True).prefetch_related("scores", "barred").order_by("number")
    )
    if Outcome.objects.filter(candidate__selection=row, decided_at__isnull=False).exists():
        raise ValidationError(_("已经作出决定，不能重新匹配"))
    found = {each.pk: total_of(row, {score.part: score.points for score in each.scores.all()}) for each in people}
    totals = {pk: total for pk, total in found.items() if total is not None}
    if missing := [each.number for each in people if each.pk not in totals]:
        text = _("还有 %(n)s 人的得分未录全：序号 %(some)s")
        raise ValidationError(text % {"n": len(missing), "some": "、".join(map(str, missing[:10]))})
    posts: dict[Hashable, SelectionPost] = {
        offer.pk: offer for offer in row.posts.select_related("post").order_by("order")
    }
    entrants = [_entrant(row, each, totals[each.pk]) for each in people]
    placed = allot(entrants, {pk: offer.seats for pk, offer in posts.items()})
    ranked = sorted(entrants, key=lambda each: each.rank)
    cutoffs: dict[Hashable, Decimal] = {}
    for each in ranked:
        if (post := placed[each.key].post) is not None:
            cutoffs[post] = shown_total(each.score) or Decimal(0)
    Outcome.objects.filter(candidate__selection=row).delete()
    with hold_rules():
        Outcome.objects.bulk_create(
            Outcome(
                candidate_id=each.key,
                total=shown_total(each.score),
                rank=rank,
                proposed=posts.get(placed[each.key].post),
                reason=placed[each.key].why,
                facts={"cutoffs": {str(post): str(cutoffs[post]) for post in each.choices if post in cutoffs}},
            )
            for rank, each in enumerate(ranked, start=1)
        )
    matched = sum(each.post is not None for each in placed.values())
    audit.record("propose", row, by=by, before={}, after={"candidates": len(entrants), "matched": matched})
    return matched


def _entrant(row: Selection, each: Candidate, total: Fraction) -> Entrant:
    return Entrant(
        key=each.pk,
        score=total,
        order=each.number,
        choices=tuple(pk for pk in (each.first_id, each.second_id) if pk is not None),
        accepts_another=each.accepts_another,
        barred=frozenset(post.pk for post in each.barred.all()),
        counts=row.pass_mark is None or total >= exact(row.pass_mark),
    )


def refuse_scorer(row: Selection, by: Actor) -> None:
    """Who entered scores of a round does not decide it: entering and deciding are different people (design 6)."""
    if by.user and Score.objects.filter(candidate__selection=row, entered_by=by.user).exists():
        raise ValidationError(_("您录入过本次竞聘的得分，须由他人作出决定"), code="own_case")


@transaction.atomic
def decide(
    *, candidate: Candidate, post: SelectionPost | None, by: Actor, deviation: str = "", seen: str = ""
) -> Outcome:
    """Decide for a post, or for none. Where it differs from the proposal, ``deviation`` says why.

    ``seen`` is the decision that the page showed (the key of its post, "" for none or
    undecided): an older one is refused. Raises ValidationError naming whoever sits on
    the seats when a post is full.
    """
    row = locked(candidate.selection, Stage.ASSESSMENT, Stage.MEDICAL)
    found = fresh(candidate)
    refuse_own(found, by)
    refuse_scorer(row, by)
    outcome = Outcome.objects.select_for_update(no_key=True, of=("self",)).filter(candidate=found).first()
    if outcome is None:
        raise ValidationError(_("还没有匹配结果，请先生成建议"))
    if post and post.selection_id != row.pk:
        raise ValidationError({"post": _("须是本次竞聘的岗位")})
    if seen != str(outcome.decided_id or ""):
        raise ValidationError(_("决定刚被他人修改，请核对后再保存"), code="stale")
    if (post.pk if post else None) != outcome.proposed_id and not deviation.strip():
        raise ValidationError({"deviation": _("与系统建议不一致，须写明原因")})
    if post:
        _refuse_unfit(row, found, outcome, post)
        _refuse_full(post, found)
    before = audit.facts(outcome)
    outcome.decided, outcome.deviation = post, deviation.strip()
    outcome.decided_at, outcome.decided_by = timezone.now(), by.user
    outcome.clean_fields()
    with hold_rules():
        outcome.save()
    audit.record("decide", outcome, by=by, before=before, after=audit.facts(outcome), reason=deviation)
    return outcome


def _refuse_unfit(row: Selection, found: Candidate, outcome: Outcome, post: SelectionPost) -> None:
    """What no reason overrides: the conditions of the post, and the mark that the plan published."""
    if found.barred.filter(pk=post.pk).exists():
        raise ValidationError({"post": _("资格审查认定此人不符合该岗位的条件")})
    if row.pass_mark is not None and outcome.total < row.pass_mark:
        text = _("总分 %(total)s 低于合格线 %(mark)s，不能聘任")
        told = {"total": grouped(outcome.total, 2), "mark": grouped(row.pass_mark, 2)}
        raise ValidationError({"post": text % told})


def _refuse_full(post: SelectionPost, found: Candidate) -> None:
    others = Outcome.objects.filter(decided=post).exclude(candidate=found)
    held = [each.candidate.name for each in others.select_related("candidate__person", "candidate__applicant")]
    if len(held) >= post.seats:
        text = _("该岗位只聘 %(n)s 人，已定：%(names)s")
        raise ValidationError({"post": text % {"n": post.seats, "names": "、".join(held)}}, code="APT-13")


@transaction.atomic
def decide_as_proposed(*, selection: Selection, by: Actor) -> int:
    """Decide everybody who is undecided as the system proposes; his own case is left to somebody else."""
    row = locked(selection, Stage.ASSESSMENT)
    refuse_scorer(row, by)
    rows = Outcome.objects.select_for_update(no_key=True, of=("self",)).filter(
        candidate__selection=row, candidate__withdrawn=False, decided_at__isnull=True
    )
    if by.user:
        rows = rows.exclude(candidate__person__user=by.user)
    waiting = list(rows)
    if not waiting and not Outcome.objects.filter(candidate__selection=row).exists():
        raise ValidationError(_("还没有匹配结果，请先生成建议"))
    before = {each.pk: audit.facts(each) for each in waiting}
    for each in waiting:
        each.decided_id, each.decided_at, each.decided_by = each.proposed_id, timezone.now(), by.user
    with hold_rules():
        Outcome.objects.bulk_update(waiting, ["decided", "decided_at", "decided_by"])
    audit.record_many(
        audit.entry("decide", each, by=by, before=before[each.pk], after=audit.facts(each)) for each in waiting
    )
    return len(waiting)


@transaction.atomic
def record_medical(*, candidate: Candidate, result: str, by: Actor) -> Candidate:
    """The result of a medical examination (体检) of open recruitment."""
    locked(candidate.selection, Stage.MEDICAL)
    found = fresh(candidate)
    refuse_own(found, by)
    before = audit.facts(found)
    found.medical = result
    found.clean_fields()
    with hold_rules():
        found.save()
    audit.record("record_medical", found, by=by, before=before, after=audit.facts(found))
    return found
