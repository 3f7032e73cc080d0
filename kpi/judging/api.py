"""REST resources of judging: grades, adjustments, reviews and appeals, what follows."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from kpi.judging import adjusting, appealing, determining, grading, years
from kpi.judging.adjust_views import totals
from kpi.judging.quotas import quotas
from kpi.judging.words import grade_word
from kpi.models import Adjustment, Appeal, Cycle, Rating, Result, Scorecard
from zones.models import Instrument


class AdjustmentSerializer(serializers.ModelSerializer):
    """Points beside the lines of a card, or a veto; ``counts`` says whether it has effect now."""

    scorecard = serializers.IntegerField(source="scorecard_id")
    year = serializers.IntegerField(source="scorecard.cycle.year")
    instrument = serializers.CharField(source="instrument.code", default=None)
    revokes = serializers.IntegerField(source="revokes_id", allow_null=True)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Adjustment
        fields = (
            *("id", "scorecard", "year", "kind", "points", "reason", "happened_on", "instrument", "evidence"),
            *("state", "opinion", "revokes", "counts", "proposed_at", "decided_at"),
        )

    def get_counts(self, row: Adjustment) -> bool:
        revoked = getattr(row, "revoked_by", None)
        return row.state == "approved" and not row.revokes_id and (revoked is None or revoked.state != "approved")


class AdjustmentInput(ServiceSerializer):
    scorecard = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(choices=Adjustment.Kind.choices)
    points = serializers.DecimalField(max_digits=6, decimal_places=2, default=Decimal(0))
    reason = serializers.CharField(max_length=300)
    happened_on = serializers.DateField(required=False, allow_null=True)
    instrument = serializers.CharField(required=False, default="", allow_blank=True)
    evidence = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class VerdictInput(ServiceSerializer):
    approve = serializers.BooleanField()
    opinion = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class RevokeInput(ServiceSerializer):
    reason = serializers.CharField(max_length=300)
    evidence = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class AdjustmentFilters(filters.FilterSet):
    year = filters.NumberFilter("scorecard__cycle__year")
    kind = filters.ChoiceFilter(choices=Adjustment.Kind.choices)
    state = filters.ChoiceFilter(choices=Adjustment.State.choices)
    scorecard = filters.NumberFilter("scorecard")


class Adjustments(ReadResource):
    """Adjustments of the cards in reach. POST proposes; ``decide`` is for somebody else; ``revoke`` proposes anew."""

    nouns = Scorecard.nouns
    queryset = Adjustment.objects.all()
    serializer_class = AdjustmentSerializer
    filterset_class = AdjustmentFilters
    rights = {"create": "adjust", "decide": "approve_adjustment", "revoke": "adjust"}

    def get_queryset(self):
        rows = Adjustment.objects.select_related("scorecard__cycle", "instrument", "revoked_by").order_by("-pk")
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        visible = self.access.scope(Scorecard.objects.filter(cycle__year__lte=self.request.on.year))
        return rows.filter(scorecard__in=visible.order_by().values("pk"))

    def list(self, request, *args, **kwargs):
        """With ``totals`` over all that the filters let through."""
        answer = super().list(request, *args, **kwargs)
        answer.data["totals"] = totals(self.filter_queryset(self.get_queryset()))
        return answer

    @extend_schema(request=AdjustmentInput, responses={201: AdjustmentSerializer})
    def create(self, request):
        """Propose points to add or take, or a veto."""
        given = _read(AdjustmentInput, request)
        card = self.access.get(Scorecard.objects.all(), "adjust", pk=given.pop("scorecard"))
        code = given.pop("instrument")
        instrument = Instrument.objects.filter(code=code).first() if code else None
        if code and instrument is None:
            raise ValidationError({"instrument": _("没有这一批文")})
        row = adjusting.propose(card=card, instrument=instrument, by=self.actor, **given)
        return Response(self.get_serializer(row).data, status=HTTPStatus.CREATED)

    @extend_schema(request=VerdictInput, responses=AdjustmentSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request, pk: str):
        """Approve or refuse what another proposed."""
        row = self._of(pk, "approve_adjustment")
        done = adjusting.decide(adjustment=row, by=self.actor, **_read(VerdictInput, request))
        return Response(self.get_serializer(done).data)

    @extend_schema(request=RevokeInput, responses={201: AdjustmentSerializer})
    @action(detail=True, methods=["post"])
    def revoke(self, request, pk: str):
        """Propose to take back what was approved."""
        row = self._of(pk, "adjust")
        made = adjusting.propose_revocation(adjustment=row, by=self.actor, **_read(RevokeInput, request))
        return Response(self.get_serializer(made).data, status=HTTPStatus.CREATED)

    def _of(self, pk: str, right: str) -> Adjustment:
        row = get_object_or_404(Adjustment, pk=pk)
        self.access.get(Scorecard.objects.all(), right, pk=row.scorecard_id)
        return row


def _read(shape: type, request) -> dict:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class AppealSerializer(serializers.ModelSerializer):
    """A review or an appeal; ``overdue`` while it is not decided in time."""

    scorecard = serializers.IntegerField(source="result.scorecard_id")
    year = serializers.IntegerField(source="result.scorecard.cycle.year")
    person = serializers.CharField(source="result.scorecard.person.staff_no")
    grade = serializers.SerializerMethodField()
    overdue = serializers.SerializerMethodField()

    class Meta:
        model = Appeal
        fields = (
            *("id", "scorecard", "year", "person", "stage", "text", "raised_on", "due_on", "overdue"),
            *("outcome", "decision", "new_rating", "decided_on", "grade"),
        )

    def get_grade(self, row: Appeal) -> str:
        person = row.result.scorecard.person
        return grade_word(row.result.rating, person.identity if person else "")

    def get_overdue(self, row: Appeal) -> bool:
        return appealing.overdue(row, timezone.localdate())


class AppealInput(ServiceSerializer):
    scorecard = serializers.IntegerField(min_value=1)
    text = serializers.CharField(max_length=4000)


class AppealDecisionInput(ServiceSerializer):
    outcome = serializers.ChoiceField(choices=["upheld", "changed"])
    decision = serializers.CharField(max_length=4000)
    new_rating = serializers.ChoiceField(
        choices=[("", ""), *Rating.choices], required=False, default="", allow_blank=True
    )


class Appeals(ReadResource):
    """Reviews and appeals in reach. POST asks for one about one's own card; the clocks are the law's."""

    noun = "appeal"
    queryset = Appeal.objects.select_related("result__scorecard__cycle", "result__scorecard__person")
    serializer_class = AppealSerializer
    filterset_fields = ("stage", "outcome")
    rights = {"create": "add", "decide": "decide", "withdraw": "add"}

    @extend_schema(request=AppealInput, responses={201: AppealSerializer})
    def create(self, request):
        """Ask for a review, or appeal against its decision."""
        given = _read(AppealInput, request)
        self.access.demand("add", "appeal")
        card = self.access.get(Scorecard.objects.all(), noun="person_card", pk=given["scorecard"])
        if card.person_id != self.access.person_id:
            raise exceptions.PermissionDenied
        result = get_object_or_404(Result.objects.select_related("scorecard__cycle"), scorecard=card)
        row = appealing.file(result=result, text=given["text"], by=self.actor)
        return Response(self.get_serializer(row).data, status=HTTPStatus.CREATED)

    @extend_schema(request=AppealDecisionInput, responses=AppealSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request, pk: str):
        """Uphold or change the grade."""
        row = self.access.get(self.queryset.all(), "decide", pk=pk)
        done = appealing.decide(appeal=row, by=self.actor, **_read(AppealDecisionInput, request))
        return Response(self.get_serializer(done).data)

    @extend_schema(request=None, responses=AppealSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk: str):
        """Take back what one asked for oneself."""
        row = self.access.get(self.queryset.all(), "add", pk=pk)
        return Response(self.get_serializer(appealing.withdraw(appeal=row, by=self.actor)).data)


class GradeInput(ServiceSerializer):
    """``grades`` by scorecard id: set all together or none, under the quota."""

    grades = serializers.DictField(
        child=serializers.ChoiceField(choices=[("", ""), *Rating.choices]), allow_empty=False
    )
    decision = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class PublishInput(ServiceSerializer):
    notice = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ExcellentQuotaSerializer(serializers.Serializer):
    """``unit`` is null for the leaders of all units."""

    unit = serializers.CharField(allow_null=True)
    heads = serializers.IntegerField()
    base = serializers.IntegerField()
    ratio = serializers.DecimalField(max_digits=6, decimal_places=4, allow_null=True)
    places = serializers.IntegerField(allow_null=True)
    excellent = serializers.IntegerField()


class AssessmentYearSerializer(serializers.ModelSerializer):
    """A zone's year as it is judged."""

    holder = serializers.CharField(source="holder.code")

    class Meta:
        model = Cycle
        fields = (
            "id",
            "holder",
            "year",
            "state",
            "published_on",
            "notice",
            "bureau_weight",
            "small_bureau",
            "bonus_cap",
        )


class AssessmentYears(ReadResource):
    """Zones' years as they are judged: quota, grades, who has none, publishing, closing."""

    noun = "zone_cycle"
    queryset = Cycle.objects.select_related("holder")
    serializer_class = AssessmentYearSerializer
    filterset_fields = ("year", "state")
    rights = {"grade": "view", "determine": "change", "publish": "publish", "close": "close"}

    def get_queryset(self):
        rows = self.queryset.all()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return self.access.scope(rows, noun="zone_cycle").filter(year__lte=self.request.on.year)

    def _year(self, pk: str, right: str = "view") -> Cycle:
        return self.access.get(self.queryset.all(), right, "zone_cycle", pk=pk)

    @extend_schema(responses=ExcellentQuotaSerializer(many=True))
    @action(detail=True, methods=["get"])
    def quota(self, request, pk: str):
        """The quota of 优秀 by unit, as PostgreSQL holds it."""
        cycle = self._year(pk)
        if not self.access.can_in(cycle.holder_id, "rate", "person_card"):
            raise exceptions.PermissionDenied
        units = dict(cycle.scorecards.filter(kind="person").order_by().values_list("unit", "unit__code").distinct())
        found = quotas(cycle, [*units, None])
        rows = [{**vars(quota), "unit": units.get(key) if key else None} for key, quota in found.items()]
        return Response(ExcellentQuotaSerializer(rows, many=True).data)

    @extend_schema(request=GradeInput, responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["post"])
    def grade(self, request, pk: str):
        """Set the grades of many cards, all or none."""
        cycle = self._year(pk)
        if not self.access.can_in(cycle.holder_id, "rate", "person_card"):
            raise exceptions.PermissionDenied
        given = _read(GradeInput, request)
        keys = given["grades"]
        if not all(key.isascii() and key.isdigit() and len(key) < 18 for key in keys):
            raise ValidationError({"grades": _("须以评分卡的编号为键")})
        wanted = {int(key): grading.Grade(rating) for key, rating in keys.items()}
        cards = self.access.scope(cycle.scorecards.filter(pk__in=wanted), "rate")
        if cards.count() != len(wanted):
            raise ValidationError({"grades": _("有不能评定的评分卡")}, code="unknown")
        done = grading.set_ratings(cycle=cycle, wanted=wanted, by=self.actor, decision=given["decision"])
        return Response({str(key): result.rating for key, result in done.items()})

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["post"])
    def determine(self, request, pk: str):
        """Leave without a grade whom the facts on file say so; open again whom they no longer do."""
        done = determining.determine(cycle=self._year(pk, "change"), by=self.actor)
        return Response({str(each.card.pk): each.bar.rule if each.bar else "" for each in done})

    @extend_schema(request=PublishInput, responses=AssessmentYearSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request, pk: str):
        """Publish the grades, once nothing is open."""
        cycle = self._year(pk, "publish")
        done = years.publish(cycle=cycle, by=self.actor, **_read(PublishInput, request))
        return Response(self.get_serializer(done).data)

    @extend_schema(request=None, responses=AssessmentYearSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request, pk: str):
        """Close the year, once nothing is open."""
        return Response(self.get_serializer(years.close_cycle(cycle=self._year(pk, "close"), by=self.actor)).data)


ROUTES: list[tuple[str, type]] = [
    ("adjustments", Adjustments),
    ("appeals", Appeals),
    ("assessment-years", AssessmentYears),
]
