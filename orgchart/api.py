"""REST resources of this room; config/urls.py puts ``ROUTES`` under /api/v1/."""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from orgchart import services
from orgchart.lawgiving import ExceptionTerms, TierTerms, record_charter
from orgchart.models import (
    Bureau,
    Charter,
    CharterParameter,
    Duty,
    DutyAssignment,
    Function,
    Nature,
    Quota,
    QuotaKind,
    RuleException,
    Tier,
)
from zones.api import FirstDay, LastDay
from zones.models import Instrument, Unit, UnitVersion


class TierSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tier
        fields = ("number", "kind", "name", "name_en", "is_example")


class QuotaSerializer(serializers.ModelSerializer):
    unit = serializers.SlugRelatedField("code", read_only=True)
    instrument = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Quota
        fields = ("unit", "kind", "limit", "instrument", "is_example")


class ParameterSerializer(serializers.ModelSerializer):
    """A value that the charter states for a rule: a count, a ratio (0.6 = 60 %), or 1 and 0 for yes and no."""

    class Meta:
        model = CharterParameter
        fields = ("rule", "name", "value")


class ExceptionSerializer(serializers.ModelSerializer):
    """By how much a unit may break a rule, and by which instrument."""

    unit = serializers.SlugRelatedField("code", read_only=True)
    instrument = serializers.SlugRelatedField("code", read_only=True)
    starts = FirstDay(source="period")
    ends = LastDay(source="period")

    class Meta:
        model = RuleException
        fields = ("unit", "rule", "measure", "allowed", "instrument", "note", "starts", "ends", "is_example")


class CharterSerializer(serializers.ModelSerializer):
    """A zone's limits in force on the day, with its management tiers and the quotas of zone and parks."""

    zone = serializers.SlugRelatedField("code", read_only=True)
    instrument = serializers.SlugRelatedField("code", read_only=True)
    starts = FirstDay(source="period")
    ends = LastDay(source="period")
    parameters = ParameterSerializer(many=True)
    exceptions = ExceptionSerializer(many=True, source="zone.exceptions_then")
    tiers = TierSerializer(many=True, source="zone.tiers_then")
    quotas = serializers.SerializerMethodField()

    class Meta:
        model = Charter
        fields = (
            "id",
            "zone",
            "name",
            "limited_kinds",
            "parameters",
            "instrument",
            "starts",
            "ends",
            "is_example",
            "exceptions",
            "tiers",
            "quotas",
        )

    @extend_schema_field(QuotaSerializer(many=True))
    def get_quotas(self, charter: Charter):
        units = [charter.zone, *(version.unit for version in charter.zone.parks_then)]
        return QuotaSerializer([quota for unit in units for quota in unit.quotas_then], many=True).data


class ParameterInput(ServiceSerializer):
    rule = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=40)
    value = serializers.DecimalField(max_digits=12, decimal_places=4)


class LimitInput(ServiceSerializer):
    """A quota of a unit; ``limit`` null takes it away."""

    unit = serializers.SlugField(max_length=20)
    kind = serializers.ChoiceField(QuotaKind.choices)
    limit = serializers.IntegerField(min_value=0, max_value=9999, allow_null=True)


class TierInput(ServiceSerializer):
    number = serializers.IntegerField(min_value=1, max_value=9)
    kind = serializers.ChoiceField(Tier.Kind.choices)
    name = serializers.CharField(max_length=100)
    name_en = serializers.CharField(max_length=200, default="", allow_blank=True)


class ExceptionInput(ServiceSerializer):
    unit = serializers.SlugField(max_length=20)
    rule = serializers.CharField(max_length=20)
    measure = serializers.CharField(max_length=40)
    allowed = serializers.IntegerField(min_value=1, max_value=9999)
    ends = serializers.DateField(default=None, allow_null=True)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class CharterInput(ServiceSerializer):
    """A zone's law from ``starts`` on; ``replacing`` is the id of the charter in force that day, null for the first.

    ``tiers`` left out stay as they are; quotas that are not in ``limits`` too.
    """

    zone = serializers.SlugField(max_length=20)
    name = serializers.CharField(max_length=100)
    instrument = serializers.SlugRelatedField("code", queryset=Instrument.objects.all())
    starts = serializers.DateField()
    replacing = serializers.IntegerField(default=None, allow_null=True)
    parameters = ParameterInput(many=True)
    limited_kinds = serializers.ListField(child=serializers.ChoiceField(QuotaKind.choices), default=list)
    limits = LimitInput(many=True, default=list)
    tiers = TierInput(many=True, default=None, allow_null=True)
    exceptions = ExceptionInput(many=True, default=list)
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class CharterFilters(filters.FilterSet):
    zone = filters.CharFilter("zone__code")


class Charters(ReadResource):
    """The law of each zone, as data: the charter in force on the day."""

    noun = "charter"
    queryset = Charter.objects.all()
    serializer_class = CharterSerializer
    filterset_class = CharterFilters

    def get_queryset(self):
        charters = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return charters
        day = self.request.on
        quotas = Quota.objects.on(day).select_related("unit", "instrument")
        exceptions = RuleException.objects.on(day).select_related("unit", "instrument")
        parks = UnitVersion.objects.on(day).filter(unit__kind=Unit.Kind.PARK).order_by("unit__sequence", "unit__code")
        return (
            charters.on(day)
            .select_related("zone", "instrument")
            .prefetch_related(
                "parameters",
                Prefetch("zone__zone_exceptions", exceptions, to_attr="exceptions_then"),
                Prefetch("zone__tiers", Tier.objects.on(day), to_attr="tiers_then"),
                Prefetch("zone__quotas", quotas, to_attr="quotas_then"),
                Prefetch("zone__child_versions", parks.select_related("unit"), to_attr="parks_then"),
                Prefetch("zone__parks_then__unit__quotas", quotas, to_attr="quotas_then"),
            )
        )

    @extend_schema(request=CharterInput, responses={201: CharterSerializer})
    def create(self, request):
        """Record a charter. What stands and would break it answers 400, with the rule's id."""
        given = CharterInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        zone = self.access.get(Unit.objects.all(), code=data.pop("zone"))
        if not self.access.can_in(zone.pk, "add", self.noun):
            raise PermissionDenied
        names = {each["unit"] for each in (*data["limits"], *data["exceptions"])}
        units = {unit.code: unit for unit in self.access.scope(Unit.objects.filter(code__in=names))}
        if unknown := sorted(names - units.keys()):
            raise ValidationError({"limits": _("没有单位“%(code)s”") % {"code": unknown[0]}})
        data |= {
            "parameters": {(each["rule"], each["name"]): each["value"] for each in data["parameters"]},
            "limits": {(units[each["unit"]], each["kind"]): each["limit"] for each in data["limits"]},
            "tiers": None if data["tiers"] is None else [TierTerms(**each) for each in data["tiers"]],
            "exceptions": [ExceptionTerms(**{**each, "unit": units[each["unit"]]}) for each in data["exceptions"]],
            "replacing": Charter.objects.filter(pk=data["replacing"], zone=zone).first(),
        }
        charter = record_charter(zone=zone, by=self.actor, **data)
        self.request._request.on = charter.starts
        saved = get_object_or_404(self.get_queryset(), pk=charter.pk)
        return Response(self.get_serializer(saved).data, status=HTTPStatus.CREATED)


class BureauSerializer(serializers.ModelSerializer):
    """A bureau as it stands on the day, with the codes of its functions."""

    unit = serializers.CharField(source="unit_code")
    name = serializers.CharField()
    name_en = serializers.CharField()
    nature = serializers.ChoiceField(Nature.choices)
    rank = serializers.CharField(allow_blank=True)
    parent = serializers.CharField(source="parent_code", allow_null=True)  # type: ignore[assignment]
    sequence = serializers.IntegerField()
    functions = serializers.ListField(child=serializers.CharField(), source="function_codes")
    instrument = serializers.CharField(source="instrument_code")
    starts = FirstDay(source="period")
    ends = LastDay(source="period")
    is_example = serializers.BooleanField()

    class Meta:
        model = Bureau
        fields = (
            "code",
            "unit",
            "name",
            "name_en",
            "nature",
            "rank",
            "parent",
            "sequence",
            "functions",
            "instrument",
            "starts",
            "ends",
            "is_example",
        )


class BureauInput(ServiceSerializer):
    """A bureau to set up from ``starts`` on; the rules of the charter in force then are told at once."""

    unit = serializers.SlugField(max_length=20)
    code = serializers.SlugField(max_length=30)
    name = serializers.CharField(max_length=100)
    name_en = serializers.CharField(max_length=200, default="", allow_blank=True)
    functions = serializers.SlugRelatedField("code", queryset=Function.objects.all(), many=True)
    nature = serializers.ChoiceField(Nature.choices)
    rank = serializers.CharField(max_length=40, default="", allow_blank=True)
    instrument = serializers.SlugRelatedField("code", queryset=Instrument.objects.all())
    starts = serializers.DateField()
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class BureauFilters(filters.FilterSet):
    unit = filters.CharFilter("unit_code")
    nature = filters.ChoiceFilter(choices=Nature.choices)


class Bureaus(ReadResource):
    """Functional bureaus of zones and parks, as of a day."""

    noun = "bureau"
    queryset = Bureau.objects.all()
    serializer_class = BureauSerializer
    filterset_class = BureauFilters
    lookup_field = "code"

    def get_queryset(self):
        bureaus = super().get_queryset()
        return bureaus if getattr(self, "swagger_fake_view", False) else bureaus.standing(self.request.on)

    @extend_schema(request=BureauInput, responses={201: BureauSerializer})
    def create(self, request):
        """Set up a bureau. A rule that forbids it answers 400, in the rule's words and with its id."""
        given = BureauInput(data=request.data)
        given.is_valid(raise_exception=True)
        unit = self.access.get(Unit.objects.all(), "add", self.noun, code=given.validated_data["unit"])
        bureau = services.set_up_bureau(by=self.actor, **{**given.validated_data, "unit": unit})
        saved = get_object_or_404(Bureau.objects.standing(given.validated_data["starts"]), pk=bureau.pk)
        return Response(self.get_serializer(saved).data, status=HTTPStatus.CREATED)


class AssignmentSerializer(serializers.ModelSerializer):
    """Who bears a duty in an area: a bureau, or a unit as a whole."""

    area = serializers.SlugRelatedField("code", read_only=True)
    bureau = serializers.SlugRelatedField("code", read_only=True)
    unit = serializers.SlugRelatedField("code", read_only=True)
    instrument = serializers.SlugRelatedField("code", read_only=True)
    starts = FirstDay(source="period")
    ends = LastDay(source="period")

    class Meta:
        model = DutyAssignment
        fields = ("area", "bureau", "unit", "note", "instrument", "starts", "ends", "is_example")


class DutySerializer(serializers.ModelSerializer):
    """Something that has to be borne in each area, and by whom it is on the day."""

    assignments = AssignmentSerializer(many=True, source="assignments_then")

    class Meta:
        model = Duty
        fields = ("code", "name", "name_en", "kind", "is_example", "assignments")


class DutyFilters(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=Duty.Kind.choices)
    area = filters.CharFilter(method="borne_in", label="code of the area")

    def borne_in(self, duties, _name: str, code: str):
        borne = DutyAssignment.objects.on(self.request.on).filter(area__code=code)
        return duties.filter(pk__in=borne.values("duty"))


class Duties(ReadResource):
    """Duties, with who bears each in the areas that the reader may see."""

    noun = "duty"
    queryset = Duty.objects.all()
    serializer_class = DutySerializer
    filterset_class = DutyFilters
    lookup_field = "code"

    def get_queryset(self):
        duties = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return duties
        seen = DutyAssignment.objects.on(self.request.on).filter(area__in=self.access.units("view", self.noun))
        rows = seen.select_related("area", "bureau", "unit", "instrument").order_by("area__sequence", "area__code")
        return duties.prefetch_related(Prefetch("assignments", rows, to_attr="assignments_then"))


ROUTES: list[tuple[str, type]] = [("charters", Charters), ("bureaus", Bureaus), ("duties", Duties)]
