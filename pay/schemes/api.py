"""REST resource of schemes: versions in force on the day, and a new one."""

from __future__ import annotations

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from pay.models import PoolRule, Scheme
from pay.schemes import services
from zones.models import Instrument, Unit


class PoolRuleSerializer(serializers.ModelSerializer):
    unit = serializers.SlugRelatedField("code", read_only=True, allow_null=True)

    class Meta:
        model = PoolRule
        fields = ("unit", "role", "method", "sequence", "parameters")


class SchemeSerializer(serializers.ModelSerializer):
    zone = serializers.SlugRelatedField("code", read_only=True)
    starts = serializers.DateField(read_only=True)
    last_day = serializers.DateField(read_only=True, allow_null=True)
    instrument = serializers.SlugRelatedField("code", read_only=True)
    rules = PoolRuleSerializer(many=True, read_only=True)

    class Meta:
        model = Scheme
        fields = (
            *("id", "zone", "name", "version", "starts", "last_day", "instrument", "is_example"),
            *("rules", "rating_factors", "bureau_floor", "bureau_cap", "grade_factors", "settings"),
            *("cutoff_day", "current_ratio"),
        )


class NewRuleSerializer(ServiceSerializer):
    """One formula: its parameters as text, by the names that ``GET`` shows."""

    unit = serializers.SlugRelatedField("code", queryset=Unit.objects.filter(kind__in=["zone", "park"]), required=False)
    role = serializers.ChoiceField(PoolRule.Role.choices)
    method = serializers.ChoiceField(PoolRule.Method.choices)
    parameters = serializers.DictField(child=serializers.CharField(max_length=60))


class NewSchemeSerializer(ServiceSerializer):
    zone = serializers.SlugField(help_text="The code of a zone.")
    starts = serializers.DateField(help_text="The first day; the version in force ends the day before.")
    instrument = serializers.SlugRelatedField("code", queryset=Instrument.objects.all())
    name = serializers.CharField(max_length=100)
    name_en = serializers.CharField(max_length=200, required=False, default="")
    rules = NewRuleSerializer(many=True)
    rating_factors = serializers.DictField(child=serializers.CharField(max_length=20))
    grade_factors = serializers.DictField(child=serializers.CharField(max_length=20))
    settings = serializers.DictField()
    bureau_floor = serializers.DecimalField(6, 4)
    bureau_cap = serializers.DecimalField(6, 4)
    cutoff_day = serializers.IntegerField(min_value=1, max_value=28)
    current_ratio = serializers.DecimalField(5, 4)


class SchemeFilter(filters.FilterSet):
    zone = filters.CharFilter("zone__code")

    class Meta:
        model = Scheme
        fields = ("zone", "version")


class SchemeResource(ReadResource):
    """Pay schemes in force on the day; a new version is put in force by its instrument."""

    noun = "scheme"
    rights = {"create": "add"}
    queryset = Scheme.objects.select_related("zone", "instrument").prefetch_related("rules__unit")
    serializer_class = SchemeSerializer
    filterset_class = SchemeFilter

    def get_queryset(self):
        return super().get_queryset().on(self.request.on)

    @extend_schema(request=NewSchemeSerializer, responses={201: SchemeSerializer})
    def create(self, request):
        asked = NewSchemeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = dict(asked.validated_data)
        # A zone of others and one that is not there answer alike.
        zone = self.access.get(Unit.objects.filter(kind="zone"), "add", "scheme", code=data.pop("zone"))
        own = self.access.units("add", "scheme")
        version = {key: data.pop(key) for key in ("starts", "instrument", "name", "name_en")}
        rules = [{**row, "unit": row["unit"].pk if row.get("unit") else None} for row in data.pop("rules")]
        if any(row["unit"] and row["unit"] not in own for row in rules):
            self.permission_denied(request)
        made = services.new_version(zone=zone, terms=services.Terms(rules=rules, **data), by=self.actor, **version)
        return Response(SchemeSerializer(made).data, status=status.HTTP_201_CREATED)
