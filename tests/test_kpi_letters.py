"""Letters of responsibility: promised, signed by two people, frozen, changed only by an instrument."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from common.models import AuditEntry
from kpi.entry.services import enter_score
from kpi.models import Cycle, Line, Scorecard, Signature, TargetChange
from kpi.promise import letters
from kpi.promise.letters import Retarget
from kpi.promise.promising import Wanted, lines_of, promise, promised, stamp
from tests import kpi_builders as build
from zones.models import Instrument

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    at = build.small_year()
    at.document = Instrument.objects.create(
        code="change", title="调整通知", number="仪开〔2026〕12号", issuer="管委会", issued_on=dt.date(2026, 7, 1)
    )
    return at


def by(at, who: str):
    return build.actor(at.users[who])


def refused(deed, **given) -> ValidationError:
    with pytest.raises(ValidationError) as error:
        deed(**given)
    return error.value


def sheet(card: Scorecard, **changes) -> list[Wanted]:
    """The card's lines as they stand, those of ``changes`` (indicator with _ for -) changed."""
    out = []
    for line in lines_of(card):
        told = {
            "weight": line.weight, "group": line.group, "previous": line.previous, "target": line.target,
            "challenge": line.challenge, "serves_id": line.serves_id,
        }  # fmt: skip
        out.append(Wanted(line.indicator, **{**told, **changes.get(line.indicator.code.replace("-", "_"), {})}))
    return out


def signed(at, key: str = "bureau", assessor: str = "leader", assessed: str = "head") -> Scorecard:
    for side, who in (("assessor", assessor), ("assessed", assessed)):
        letters.sign(scorecard=at.cards[key], side=side, by=by(at, who))
    return Scorecard.objects.get(pk=at.cards[key].pk)


class TestPromise:
    def test_lines_are_written_as_the_sheet_has_them(self, at):
        card = at.cards["bureau"]
        line = build.line(card, "new-projects")
        wanted = sheet(card, new_projects={"target": Decimal(25), "challenge": Decimal(30), "weight": Decimal(50)},
                       budget_growth={"weight": Decimal(20)})  # fmt: skip
        promise(scorecard=card, wanted=wanted, seen=stamp(lines_of(card)), by=by(at, "hr"))
        line.refresh_from_db()
        assert (line.weight, line.target, line.challenge, line.version) == (50, 25, 30, 2)
        entry = AuditEntry.objects.get(verb="promise")
        assert Decimal(entry.after["lines"][0]["target"]) == 25

    def test_points_follow_what_is_promised(self, at):
        card = at.cards["bureau"]
        enter_score(line=build.line(card, "new-projects"), text="20", version=1, by=by(at, "head"))
        promise(scorecard=card, wanted=sheet(card, new_projects={"target": Decimal(40)}), by=by(at, "hr"))
        assert build.line(card, "new-projects").points == 0  # 50 %, below the floor of 60 %

    @pytest.mark.parametrize(("target", "words"), [("0", "目标值须大于 0"), ("-1", "目标值须大于 0")])
    def test_a_target_of_nothing_under_a_completion_rate_is_told_when_it_is_promised(self, at, target, words):
        card = at.cards["bureau"]
        wanted = sheet(card, new_projects={"target": Decimal(target)})
        error = refused(promise, scorecard=card, wanted=wanted, by=by(at, "hr"))
        assert words in error.messages[0]
        assert error.error_list[0].params == {"line": 0}

    def test_weights_of_99_9(self, at):
        card = at.cards["bureau"]
        wanted = sheet(card, new_projects={"weight": Decimal("39.9")})
        error = refused(promise, scorecard=card, wanted=wanted, by=by(at, "hr"))
        assert (error.code, error.messages) == ("KPI-WEIGHTS", ["权重合计 99.9，还差 0.1，须为 100"])

    def test_a_stale_page_and_a_second_post(self, at):
        card = at.cards["bureau"]
        seen = stamp(lines_of(card))
        wanted = sheet(card, new_projects={"target": Decimal(25)})
        for _again in range(2):
            promise(scorecard=card, wanted=wanted, seen=seen, by=by(at, "hr"))
        assert AuditEntry.objects.filter(verb="promise").count() == 1
        other = sheet(card, new_projects={"target": Decimal(26)})
        assert refused(promise, scorecard=card, wanted=other, seen=seen, by=by(at, "hr")).code == "stale"

    def test_what_was_delivered_is_not_taken_away(self, at):
        card = at.cards["bureau"]
        enter_score(line=build.line(card, "party"), text="90", version=1, by=by(at, "head"))
        wanted = [each for each in sheet(card, new_projects={"weight": Decimal(50)}) if each.indicator.code != "party"]
        assert refused(promise, scorecard=card, wanted=wanted, by=by(at, "hr")).code == "delivered"

    @pytest.mark.parametrize(
        ("who", "key"),
        [("head", "bureau"), ("staff", "staff"), ("evaluator", "bureau"), ("other_head", "staff"), ("head", "head")],
    )
    def test_not_everybodys(self, at, who, key):
        card = at.cards[key]
        wanted = sheet(card, new_projects={"target": Decimal(1)})
        assert refused(promise, scorecard=card, wanted=wanted, by=by(at, who)).code == "not_yours"

    @pytest.mark.parametrize(("who", "key"), [("evaluator", "unit"), ("head", "staff"), ("hr", "staff")])
    def test_whose_it_is(self, at, who, key):
        wanted = sheet(at.cards[key], new_projects={"target": Decimal(1)})
        promise(scorecard=at.cards[key], wanted=wanted, by=by(at, who))

    def test_a_line_serves_only_one_of_the_level_above(self, at):
        unit, bureau = (build.line(at.cards[key], "new-projects") for key in ("unit", "other_bureau"))
        wanted = sheet(at.cards["bureau"], new_projects={"serves_id": unit.pk})
        promise(scorecard=at.cards["bureau"], wanted=wanted, by=by(at, "hr"))
        assert build.line(at.cards["bureau"], "new-projects").serves_id == unit.pk
        wanted = sheet(at.cards["bureau"], party={"serves_id": bureau.pk})
        assert refused(promise, scorecard=at.cards["bureau"], wanted=wanted, by=by(at, "hr")).code == "KPI-SERVES"


class TestSigning:
    def test_both_sides_then_frozen(self, at):
        card = letters.sign(scorecard=at.cards["bureau"], side="assessor", by=by(at, "leader"))
        assert card.frozen_at is None
        card = letters.sign(scorecard=card, side="assessed", by=by(at, "head"))
        assert card.frozen_at is not None
        assert AuditEntry.objects.filter(verb="sign").count() == 2

    @pytest.mark.parametrize(
        ("key", "assessor", "assessed"),
        [
            ("unit", "evaluator", "leader"),
            ("bureau", "leader", "head"),
            ("staff", "head", "staff"),
            ("head", "leader", "head"),
        ],
    )
    def test_who_signs_for_whom(self, at, key, assessor, assessed):
        assert signed(at, key, assessor, assessed).frozen_at

    @pytest.mark.parametrize(
        ("key", "side", "who"),
        [
            ("bureau", "assessor", "hr"), ("bureau", "assessor", "head"), ("bureau", "assessed", "other_head"),
            ("staff", "assessor", "leader"), ("staff", "assessed", "head"), ("staff", "assessed", "colleague"),
            ("staff", "assessor", "staff"), ("head", "assessor", "head"), ("leader", "assessor", "leader"),
            ("unit", "assessor", "leader"), ("unit", "assessed", "evaluator"),
        ],
    )  # fmt: skip
    def test_nobody_else(self, at, key, side, who):
        error = refused(letters.sign, scorecard=at.cards[key], side=side, by=by(at, who))
        assert error.code == "not_yours"
        assert not Signature.objects.exists()

    def test_two_different_people(self, at):
        """Whoever came to sign one side does not sign the other, whatever he became since."""
        Signature.objects.create(scorecard=at.cards["bureau"], side="assessor", user=at.users["head"])
        error = refused(letters.sign, scorecard=at.cards["bureau"], side="assessed", by=by(at, "head"))
        assert error.code == "KPI-SIGNED"

    def test_signed_again_it_stays_one_signature(self, at):
        for _again in range(2):
            letters.sign(scorecard=at.cards["bureau"], side="assessor", by=by(at, "leader"))
        assert Signature.objects.count() == AuditEntry.objects.filter(verb="sign").count() == 1

    def test_for_what_was_read(self, at):
        card = at.cards["bureau"]
        seen = stamp(lines_of(card))
        promise(scorecard=card, wanted=sheet(card, new_projects={"target": Decimal(99)}), by=by(at, "hr"))
        assert refused(letters.sign, scorecard=card, side="assessor", seen=seen, by=by(at, "leader")).code == "stale"

    def test_not_while_a_target_is_missing(self, at):
        Line.objects.filter(scorecard=at.cards["bureau"], indicator__code="new-projects").update(target=None)
        error = refused(letters.sign, scorecard=at.cards["bureau"], side="assessor", by=by(at, "leader"))
        assert error.messages == ["「指标new-projects」还没有目标值，不能签字"]

    def test_after_the_first_signature_the_other_signs_the_same(self, at):
        card = at.cards["bureau"]
        letters.sign(scorecard=card, side="assessor", by=by(at, "leader"))
        wanted = sheet(card, new_projects={"target": Decimal(1)})
        assert refused(promise, scorecard=card, wanted=wanted, by=by(at, "hr")).code == "KPI-SIGNED"
        with pytest.raises(IntegrityError, match="凭批文"), transaction.atomic():
            Line.objects.filter(scorecard=card, indicator__code="new-projects").update(target=1)

    def test_many_at_once_each_by_itself(self, at):
        Line.objects.filter(scorecard=at.cards["other_bureau"], indicator__code="new-projects").update(target=None)
        cards = {at.cards[key]: stamp(lines_of(at.cards[key])) for key in ("bureau", "other_bureau", "head")}
        came = letters.sign_many(scorecards=cards, side="assessor", by=by(at, "leader"))
        assert [card.pk for card in came.signed] == [at.cards["bureau"].pk, at.cards["head"].pk]
        ((card, why),) = came.refused
        assert card == at.cards["other_bureau"]
        assert "目标值" in why

    def test_not_in_a_published_year(self, at):
        Cycle.objects.filter(pk=at.cycle.pk).update(state="published", published_on=dt.date(2027, 1, 1))
        error = refused(letters.sign, scorecard=at.cards["bureau"], side="assessor", by=by(at, "leader"))
        assert error.code == "KPI-CLOSED"


RAW = [
    "update kpi_line set target = 1 where scorecard_id = %s and target is not null",
    "update kpi_line set weight = case sequence when 1 then 50 when 2 then 20 else weight end where scorecard_id = %s",
    "update kpi_line set not_applicable = '不适用' where scorecard_id = %s",
    "delete from kpi_line where scorecard_id = %s",
    "update kpi_scorecard set frozen_at = null where id = %s",
    "delete from kpi_signature where scorecard_id = %s",
    "update kpi_signature set user_id = (select min(user_id) from kpi_signature) where scorecard_id = %s",
]


class TestFrozen:
    @pytest.mark.parametrize("sql", RAW)
    def test_raw_sql_changes_nothing(self, at, sql):
        card = signed(at)
        with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [card.pk])
            cursor.execute("set constraints all immediate")
        assert "KPI-SIGNED" in str(error.value.__cause__.diag.constraint_name)

    def test_scores_may_still_be_entered(self, at):
        card = signed(at)
        enter_score(line=build.line(card, "new-projects"), text="20", version=1, by=by(at, "head"))
        assert build.line(card, "new-projects").points == 40

    def test_one_person_cannot_freeze(self, at):
        Signature.objects.create(scorecard=at.cards["bureau"], side="assessor", user=at.users["leader"])
        Signature.objects.create(scorecard=at.cards["bureau"], side="assessed", user=at.users["leader"])
        with pytest.raises(IntegrityError, match="不同的人"), transaction.atomic():
            Scorecard.objects.filter(pk=at.cards["bureau"].pk).update(frozen_at=dt.datetime.now(dt.UTC))


class TestRetarget:
    def change(self, at, card, **changes) -> list[TargetChange]:
        line = build.line(card, "new-projects")
        told = {"weight": line.weight, "target": line.target, **changes}
        return letters.retarget(
            scorecard=card,
            changes={line.pk: Retarget(**told)},
            reason="市下达任务调整",
            instrument=at.document,
            by=by(at, "hr"),
        )

    def test_a_new_version_with_its_instrument(self, at):
        card = signed(at)
        enter_score(line=build.line(card, "new-projects"), text="20", version=1, by=by(at, "head"))
        (row,) = self.change(at, card, target=Decimal("25.5"))
        line = build.line(card, "new-projects")
        assert (row.before["target"], row.after["target"], row.instrument) == ("20", "25.5", at.document)
        assert row.after == promised(line)
        assert (line.target, line.points, line.version) == (Decimal("25.5"), Decimal("31.3725"), 3)
        (again,) = self.change(at, card, target=Decimal(30))
        assert [each["row"] for each in letters.versions(card)] == [row, again]

    def test_weights_move_together(self, at):
        card = signed(at)
        assert refused(self.change, at=at, card=card, weight=Decimal(45)).code == "KPI-WEIGHTS"
        first, second = build.line(card, "new-projects"), build.line(card, "budget-growth")
        changes = {first.pk: Retarget(Decimal(45), Decimal(20)), second.pk: Retarget(Decimal(25), None)}
        letters.retarget(scorecard=card, changes=changes, reason="调整", instrument=at.document, by=by(at, "hr"))
        assert [line.weight for line in lines_of(card)] == [45, 25, 20, 10]

    def test_a_line_that_no_longer_applies_gives_its_weight_away(self, at):
        card = signed(at)
        self.change(at, card, not_applicable="项目已由省统筹")
        enter_score(line=build.line(card, "party"), text="100", version=1, by=by(at, "head"))
        assert build.line(card, "party").points == Decimal("16.6667")

    @pytest.mark.parametrize(
        ("changes", "code"), [({"target": Decimal(0)}, "undefined"), ({"target": None}, "undefined"), ({}, "nothing")]
    )
    def test_refused(self, at, changes, code):
        card = signed(at)
        error = refused(self.change, at=at, card=card, **changes)
        assert {each.code for each in error.error_list} == {code}
        assert not TargetChange.objects.exists()

    def test_only_what_was_signed_and_only_by_whom_it_concerns(self, at):
        assert refused(self.change, at=at, card=at.cards["bureau"], target=Decimal(1)).code == "not_signed"
        card = signed(at)
        line = build.line(card, "new-projects")
        told = {"changes": {line.pk: Retarget(line.weight, Decimal(1))}, "reason": "x", "instrument": at.document}
        for who in ("head", "leader", "evaluator", "staff"):
            assert refused(letters.retarget, scorecard=card, by=by(at, who), **told).code == "not_yours"

    @pytest.mark.parametrize("state", ["published", "closed"])
    def test_not_after_the_year(self, at, state):
        card = signed(at)
        build.ended(at.cycle, state)
        assert refused(self.change, at=at, card=card, target=Decimal(1)).code == "KPI-CLOSED"
        line = build.line(card, "new-projects")
        with pytest.raises(IntegrityError, match="不能再修改"), transaction.atomic():
            TargetChange.objects.create(line=line, before={}, after={}, reason="x", instrument=at.document)
