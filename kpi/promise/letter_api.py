"""REST resource of letters: what a card promises, signing it, and changing its targets by an instrument."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from kpi.models import Indicator, Line, Scorecard, Signature, TargetChange
from kpi.promise import letters, reading
from kpi.promise.promising import Wanted, lines_of, promise, stamp
from zones.models import Instrument


class LetterLine(serializers.ModelSerializer):
    indicator = serializers.CharField(source="indicator.code")
    name = serializers.CharField(source="indicator.shown_name")

    class Meta:
        model = Line
        fields = (
            "id",
            "sequence",
            "group",
            "indicator",
            "name",
            "weight",
            "previous",
            "target",
            "challenge",
            "serves",
            "not_applicable",
        )


class SignatureShape(serializers.ModelSerializer):
    who = serializers.CharField(source="user")

    class Meta:
        model = Signature
        fields = ("side", "who", "signed_at")


class TargetChangeShape(serializers.ModelSerializer):
    instrument = serializers.CharField(source="instrument.code")

    class Meta:
        model = TargetChange
        fields = ("line", "before", "after", "reason", "instrument", "made_at")


class LetterSerializer(serializers.ModelSerializer):
    """``id`` is the scorecard's; ``stamp`` is what signing and changing hand back as ``seen``."""

    year = serializers.IntegerField(source="cycle.year")
    unit = serializers.CharField(source="unit.code")
    bureau = serializers.CharField(source="bureau.code", default=None)
    person = serializers.CharField(source="person.staff_no", default=None)
    signatures = SignatureShape(many=True)

    class Meta:
        model = Scorecard
        fields = ["id", "year", "kind", "unit", "bureau", "person", "frozen_at", "signatures", "is_example"]


class LetterDetail(LetterSerializer):
    lines = serializers.SerializerMethodField()
    versions = serializers.SerializerMethodField()
    stamp = serializers.SerializerMethodField()

    class Meta(LetterSerializer.Meta):
        fields = [*LetterSerializer.Meta.fields, "lines", "versions", "stamp"]

    def get_lines(self, card: Scorecard) -> list[dict]:
        return list(LetterLine(lines_of(card), many=True).data)

    def get_versions(self, card: Scorecard) -> list[dict]:
        rows = TargetChange.objects.filter(line__scorecard=card).select_related("instrument").order_by("pk")
        return list(TargetChangeShape(rows, many=True).data)

    def get_stamp(self, card: Scorecard) -> str:
        return stamp(lines_of(card))


def _amount(**more) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=4, **more)


class PromiseLine(ServiceSerializer):
    indicator = serializers.CharField(max_length=40)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=Decimal("0.01"), max_value=Decimal(100))
    group = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    previous = _amount(required=False, default=None, allow_null=True)
    target = _amount(required=False, default=None, allow_null=True)
    challenge = _amount(required=False, default=None, allow_null=True)
    serves = serializers.IntegerField(required=False, default=None, allow_null=True, min_value=1)


class PromiseInput(ServiceSerializer):
    """All lines of the card; ``seen`` is the stamp that the client has read."""

    lines = PromiseLine(many=True, allow_empty=False, max_length=100)  # type: ignore[call-arg]  # of the list
    seen = serializers.CharField(max_length=16)

    def wanted(self, card: Scorecard) -> list[Wanted]:
        """The lines with their indicators and what they serve; ValidationError for what is not there."""
        given = self.validated_data["lines"]
        library = {row.code: row for row in Indicator.objects.filter(code__in=[each["indicator"] for each in given])}
        above = {line.pk for line in reading.above(card)}
        out: dict[str, Wanted] = {}
        for each in given:
            code, serves = each.pop("indicator"), each.pop("serves")
            if code not in library:
                raise ValidationError({"lines": _("指标库中没有「%(text)s」") % {"text": code}}, code="unknown")
            if code in out:
                raise ValidationError({"lines": _("「%(name)s」出现两次") % {"name": code}}, code="repeated")
            if serves is not None and serves not in above:
                raise ValidationError({"lines": _("请从列出的上级指标中选择")}, code="KPI-SERVES")
            out[code] = Wanted(library[code], serves_id=serves, **each)
        return list(out.values())


class LetterSignInput(ServiceSerializer):
    side = serializers.ChoiceField(choices=Signature.Side.choices)
    seen = serializers.CharField(max_length=16)


class TargetInput(ServiceSerializer):
    line = serializers.IntegerField(min_value=1)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=Decimal("0.01"), max_value=Decimal(100))
    target = _amount(required=False, default=None, allow_null=True)
    challenge = _amount(required=False, default=None, allow_null=True)
    not_applicable = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class TargetsInput(ServiceSerializer):
    """The lines that change, by which instrument (its code) and why."""

    lines = TargetInput(many=True, allow_empty=False, max_length=100)  # type: ignore[call-arg]  # of the list
    instrument = serializers.CharField(max_length=60)
    reason = serializers.CharField(max_length=300)
    seen = serializers.CharField(max_length=16)


class Letters(ReadResource):
    """Letters of responsibility: promised before they are signed, frozen by both signatures."""

    nouns = Scorecard.nouns
    rights = {"promise": "promise", "sign": "view", "targets": "retarget"}
    queryset = Scorecard.objects.all()
    serializer_class = LetterSerializer
    filterset_fields = ("kind", "cycle__year", "unit__code")

    def get_queryset(self):
        cards = super().get_queryset().select_related("cycle", "unit", "bureau", "person")
        return cards.prefetch_related("signatures__user")

    def _shown(self, pk: int) -> Response:
        card = get_object_or_404(self.get_queryset(), pk=pk)
        return Response(LetterDetail(card, context=self.get_serializer_context()).data)

    @extend_schema(responses=LetterDetail)
    def retrieve(self, request, *args, **kwargs):
        """A letter with its lines, its signatures and every version of its targets."""
        return self._shown(kwargs["pk"])

    @extend_schema(request=PromiseInput, responses=LetterDetail)
    @action(detail=True, methods=["put"])
    def promise(self, request, pk: str):
        """Write all lines of a card that nobody has signed."""
        card = self.access.get(Scorecard.objects.select_related("cycle"), "promise", pk=pk)
        given = PromiseInput(data=request.data)
        given.is_valid(raise_exception=True)
        seen = given.validated_data["seen"]
        promise(scorecard=card, wanted=given.wanted(card), seen=seen, by=self.actor)
        return self._shown(card.pk)

    @extend_schema(request=LetterSignInput, responses=LetterDetail)
    @action(detail=True, methods=["post"])
    def sign(self, request, pk: str):
        """Sign for one side; with the second side's signature the letter is frozen."""
        card = self.access.get(Scorecard.objects.all(), pk=pk)
        given = LetterSignInput(data=request.data)
        given.is_valid(raise_exception=True)
        letters.sign(scorecard=card, by=self.actor, **given.validated_data)
        return self._shown(card.pk)

    @extend_schema(request=TargetsInput, responses=LetterDetail)
    @action(detail=True, methods=["post"])
    def targets(self, request, pk: str):
        """Change targets of a signed letter by an instrument."""
        card = self.access.get(Scorecard.objects.all(), "retarget", pk=pk)
        given = TargetsInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        instrument = Instrument.objects.filter(code=data["instrument"]).first()
        if instrument is None:
            raise ValidationError({"instrument": _("没有这份批文")}, code="unknown")
        letters.retarget(
            scorecard=card,
            changes={each.pop("line"): letters.Retarget(**each) for each in data["lines"]},
            reason=data["reason"],
            instrument=instrument,
            seen=data["seen"],
            by=self.actor,
        )
        return self._shown(card.pk)


ROUTES: list[tuple[str, type]] = [("letters", Letters)]
