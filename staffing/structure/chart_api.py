"""REST: a zone's or park's structure as of a day, whole, and what differs between two days."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ON, Resource
from orgchart import chart, differences
from orgchart.models import Nature
from staffing.structure.chart import manned, staffing_of
from zones.models import Unit


class TierShape(serializers.Serializer):
    number = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()


class BureauShape(serializers.Serializer):
    code = serializers.CharField(source="bureau.code")
    name = serializers.CharField()
    name_en = serializers.CharField()
    nature = serializers.ChoiceField(Nature.choices)
    rank = serializers.CharField()
    parent = serializers.CharField(source="parent_code", allow_null=True, help_text="Set: a second-level unit.")  # type: ignore[assignment]
    functions = serializers.ListField(child=serializers.CharField(), source="function_codes")
    seats = serializers.IntegerField(source="manned.seats")
    filled = serializers.IntegerField(source="manned.filled")
    head_vacant = serializers.BooleanField(source="manned.head_vacant")
    is_example = serializers.BooleanField()


class UnitShape(serializers.Serializer):
    code = serializers.CharField(source="version.unit.code")
    name = serializers.CharField(source="version.name")
    name_en = serializers.CharField(source="version.name_en")
    rank = serializers.CharField(source="version.rank")
    parent = serializers.CharField(source="version.parent.code", default=None, allow_null=True)  # type: ignore[assignment]
    dispatched_by = serializers.CharField(source="version.dispatched_by")
    quotas = serializers.DictField(child=serializers.IntegerField(), source="limits")
    bureau_count = serializers.IntegerField(source="count", help_text="Second-level units do not count.")
    core_count = serializers.IntegerField(source="core")
    seats = serializers.IntegerField(source="manned.seats")
    filled = serializers.IntegerField(source="manned.filled")
    bureaus = BureauShape(many=True)
    is_example = serializers.BooleanField(source="version.is_example")


class StructureShape(serializers.Serializer):
    """A zone with its parks, or a park alone, as it stands on ``day``."""

    zone = serializers.CharField(source="zone.code")
    day = serializers.DateField()
    charter = serializers.CharField(source="charter.name", default=None, allow_null=True)
    tiers = TierShape(many=True)
    units = UnitShape(many=True, source="rows")


class DifferenceShape(serializers.Serializer):
    """One difference; ``ref`` is ``kind:code`` of what it is about (``bureau:YZ-INVEST``)."""

    kind = serializers.ChoiceField(differences.Kind.choices)
    ref = serializers.CharField()
    unit = serializers.CharField(source="unit_code")
    subject = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    sentence = serializers.CharField()


class DaysInput(serializers.Serializer):
    """The two days to compare, the earlier one first."""

    to = serializers.DateField()

    def get_fields(self):
        return {"from": serializers.DateField(), **super().get_fields()}

    def validate(self, attrs):
        if attrs["from"] >= attrs["to"]:
            raise serializers.ValidationError({"from": _("前一个日期须早于后一个日期")})
        return attrs


@extend_schema(tags=["charts"])
class Charts(Resource):
    """Whole structures: what the org chart shows, without names of people."""

    noun = "unit"
    queryset = Unit.objects.filter(kind__in=[Unit.Kind.ZONE, Unit.Kind.PARK])
    serializer_class = StructureShape
    lookup_field = "code"

    @extend_schema(parameters=[ON], responses=StructureShape)
    def retrieve(self, request, code: str):
        """Units, bureaus with functions and seats, quotas and tiers of the day."""
        return Response(StructureShape(self._manned(self.get_object(), request.on)).data)

    def _manned(self, zone: Unit, day: dt.date) -> chart.Structure:
        """The structure with its seats; eight queries and those of the seats."""
        structure = chart.read(zone, day, judged=False)
        found = staffing_of(structure.by_unit, day)
        by_bureau = manned(found, {})
        codes = {pk: bureau.bureau.code for pk, (_row, bureau) in structure.by_bureau.items()}
        for row in structure.rows:
            tally = found.units[row.version.unit_id]
            row.manned = chart.Manned(tally.seats, tally.filled)
            row.limits = {kind: quota.limit for kind, quota in row.quotas.items()}
            for bureau in row.bureaus:
                bureau.function_codes = sorted(function.code for function in bureau.functions.all())
                bureau.manned = by_bureau.get(bureau.bureau_id, chart.Manned())
                bureau.parent_code = codes.get(bureau.parent_id) if bureau.parent_id else None
        return structure

    @extend_schema(
        parameters=[OpenApiParameter("from", dt.date, required=True), OpenApiParameter("to", dt.date, required=True)],
        responses=DifferenceShape(many=True),
    )
    @action(detail=True)
    def differences(self, request, code: str):
        """What differs between the days ``from`` and ``to``, one by one and in words."""
        days = DaysInput(data=request.query_params)
        days.is_valid(raise_exception=True)
        both = chart.together(self.get_object(), days.validated_data["from"], days.validated_data["to"])
        return Response(DifferenceShape(differences.differences(*both), many=True).data)


ROUTES: list[tuple[str, type]] = [("charts", Charts)]
