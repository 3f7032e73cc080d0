"""Points beside the lines and the veto: two people's work, never edited, revoked by a second one."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from common.models import AuditEntry
from kpi.entry import services
from kpi.judging import adjusting, grading
from kpi.models import Adjustment, Cycle, Result
from tests import judging_builders as judge
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    at = build.small_year()
    judge.another_leader(at)
    for card in ("bureau", "staff"):
        for line in at.cards[card].lines.select_related("indicator"):
            services.enter_score(line=line, text=build.FULL[line.indicator.code], version=1, by=judge.SYSTEM)
    return at


def propose(at, card="bureau", kind="bonus", points="3", role="hr", **more):
    terms = {"reason": "省级表彰", "evidence": "苏表〔2026〕1号", **more}
    return adjusting.propose(
        card=at.cards[card], kind=kind, points=Decimal(points), by=build.actor(at.users[role]), **terms
    )


def decide(at, row, role="leader", approve=True, opinion=""):
    return adjusting.decide(adjustment=row, approve=approve, opinion=opinion, by=build.actor(at.users[role]))


def score(at, card="bureau"):
    return Result.objects.get(scorecard=at.cards[card]).score


def test_what_is_proposed_counts_once_another_approves(at):
    row = propose(at)
    assert score(at) == Decimal("93.00")
    decide(at, row)
    assert score(at) == Decimal("96.00")
    assert decide(at, row).state == "approved"  # sent twice: it says what stands
    assert score(at) == Decimal("96.00")
    assert [entry.verb for entry in AuditEntry.objects.filter(noun="kpi.adjustment").order_by("pk")] == [
        "propose_adjustment",
        "decide_adjustment",
    ]


def test_the_same_proposal_sent_twice_is_one(at):
    propose(at)
    with pytest.raises(ValidationError, match="相同的事项已提出"):
        propose(at)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"evidence": ""}, "evidence"),
        ({"points": "0"}, "points"),
        ({"points": "100.01"}, "points"),
        ({"happened_on": dt.date(2999, 1, 1)}, "happened_on"),
        ({"kind": "gift"}, "kind"),
    ],
)
def test_what_is_missing_is_named_at_its_field(at, more, field):
    with pytest.raises(ValidationError) as told:
        propose(at, **more)
    assert field in told.value.message_dict


@pytest.mark.parametrize(
    ("card", "role", "code"),
    [
        ("bureau", "head", "forbidden"),
        ("bureau", "finance", "forbidden"),
        ("staff", "staff", "KPI-OWN-CASE"),
        ("unit", "hr", "forbidden"),
        ("staff", "other_head", "forbidden"),
    ],
)
def test_who_may_not_propose(at, card, role, code):
    with pytest.raises(ValidationError) as told:
        propose(at, card, role=role)
    assert told.value.code == code


def test_who_may_not_decide(at):
    row = propose(at, "leader", "deduction", "1")
    with pytest.raises(ValidationError, match="本人"):
        decide(at, row)
    with pytest.raises(ValidationError, match="没有办理"):
        decide(at, row, "hr")
    with pytest.raises(ValidationError, match="请写明不通过的理由"):
        decide(at, row, "leader2", approve=False)
    assert decide(at, row, "leader2", approve=False, opinion="证据不足").state == "refused"
    with pytest.raises(ValidationError) as told:
        decide(at, row, "leader2")
    assert told.value.code == "stale"


def test_an_approved_one_is_revoked_by_a_second_one_only(at):
    row = decide(at, propose(at))
    again = adjusting.propose_revocation(
        adjustment=row, reason="表彰被撤销", evidence="苏表〔2026〕9号", by=build.actor(at.users["hr"])
    )
    assert score(at) == Decimal("96.00")
    with pytest.raises(ValidationError, match="撤销已提出"):
        adjusting.propose_revocation(adjustment=row, reason="又", evidence="又", by=build.actor(at.users["hr"]))
    decide(at, again)
    assert score(at) == Decimal("93.00")
    assert not at.cards["bureau"].adjustments.effective().exists()
    with pytest.raises(ValidationError, match="只能撤销已通过"):
        adjusting.propose_revocation(adjustment=again, reason="x", evidence="x", by=build.actor(at.users["hr"]))


def test_the_years_cap_of_bonus_points(at):
    Cycle.objects.filter(pk=at.cycle.pk).update(bonus_cap=4)
    decide(at, propose(at))
    decide(at, propose(at, reason="市级表彰"))
    assert score(at) == Decimal("97.00")


def test_deductions_never_go_below_nought(at):
    decide(at, propose(at, kind="deduction", points="99"))
    assert score(at) == 0


@pytest.mark.parametrize(
    ("card", "top", "next_best"), [("staff", "excellent", "competent"), ("bureau", "first", "second")]
)
def test_a_veto_takes_the_best_grade_and_no_points(at, card, top, next_best):
    judge.scored(at)
    before = score(at, card)
    hr = build.actor(at.users["hr"])
    if card == "bureau":
        grading.set_rating(scorecard=at.cards[card], rating=top, by=hr)
    row = propose(at, card, "veto", "0")
    Result.objects.filter(scorecard=at.cards[card]).update(score=before)
    decide(at, row)
    assert (score(at, card), Result.objects.get(scorecard=at.cards[card]).rating) == (Decimal("93.00"), "")
    with pytest.raises(ValidationError, match="一票否决") as told:
        grading.set_rating(scorecard=at.cards[card], rating=top, by=hr)
    assert told.value.code == "KPI-VETO"
    assert grading.set_rating(scorecard=at.cards[card], rating=next_best, by=hr).rating == next_best
    with pytest.raises(IntegrityError, match="一票否决"), transaction.atomic():
        Result.objects.filter(scorecard=at.cards[card]).update(rating=top)


def test_after_publishing_nothing_is_adjusted(at):
    row = propose(at)
    Cycle.objects.filter(pk=at.cycle.pk).update(state="published", published_on=dt.date(2027, 1, 20))
    with pytest.raises(ValidationError, match="不能再加减分"):
        decide(at, row)


@pytest.mark.parametrize(
    "change",
    [
        "update kpi_adjustment set points = 9 where id = %(pk)s",
        "update kpi_adjustment set state = 'proposed', decided_by_id = null where id = %(pk)s",
        "update kpi_adjustment set reason = '改' where id = %(pk)s",
        "delete from kpi_adjustment where id = %(pk)s",
        "insert into kpi_adjustment (scorecard_id, kind, points, reason, evidence, opinion, state, proposed_at) "
        "select scorecard_id, 'bonus', 5, 'x', 'x', '', 'approved', now() from kpi_adjustment where id = %(pk)s",
        "insert into kpi_adjustment (scorecard_id, kind, points, reason, evidence, opinion, state, proposed_at, "
        "revokes_id) select scorecard_id, 'bonus', 9, 'x', 'x', '', 'proposed', now(), id from kpi_adjustment "
        "where id = %(pk)s",
    ],
)
def test_raw_sql_cannot_rewrite_what_was_decided(at, change):
    row = decide(at, propose(at))
    with pytest.raises(IntegrityError) as raw, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, {"pk": row.pk})
    assert raw.value.__cause__.diag.constraint_name == "KPI-ADJUSTED"


def test_raw_sql_cannot_decide_ones_own_case(at):
    row = propose(at, "leader", "deduction", "1")
    with pytest.raises(IntegrityError, match="本人"), transaction.atomic():
        Adjustment.objects.filter(pk=row.pk).update(state="approved", decided_by=at.users["leader"])
