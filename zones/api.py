"""REST resources of this room; config/urls.py puts ``ROUTES`` under /api/v1/."""

from __future__ import annotations

from http import HTTPStatus

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from common.periods import last_day
from zones import services
from zones.models import Figure, Metric, Unit, UnitVersion
from zones.querysets import WHOLE_YEAR


class FirstDay(serializers.DateField):
    """The first day of a ``period``."""

    def to_representation(self, value):
        return super().to_representation(value.lower)


class LastDay(serializers.DateField):
    """The inclusive last day of a ``period``; null while it is open."""

    def __init__(self, **kwargs):
        super().__init__(allow_null=True, **kwargs)

    def to_representation(self, value):
        day = last_day(value)
        return day and super().to_representation(day)


class UnitSerializer(serializers.ModelSerializer):
    """A city, zone, park or town as it stands on the day: its name, rank, superior and who dispatches it."""

    name = serializers.CharField()
    name_en = serializers.CharField()
    short_name = serializers.CharField()
    rank = serializers.ChoiceField(UnitVersion.Rank.choices, allow_blank=True)
    parent = serializers.CharField(source="parent_code", allow_null=True)  # type: ignore[assignment]
    dispatched_by = serializers.CharField(allow_blank=True)
    instrument = serializers.CharField(source="instrument_code", allow_null=True)
    starts = FirstDay(source="period")
    ends = LastDay(source="period")
    is_example = serializers.BooleanField()

    class Meta:
        model = Unit
        fields = (
            "code",
            "kind",
            "name",
            "name_en",
            "short_name",
            "rank",
            "parent",
            "dispatched_by",
            "instrument",
            "starts",
            "ends",
            "is_example",
        )


class UnitFilters(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=Unit.Kind.choices)
    parent = filters.CharFilter("parent_code")


class Units(ReadResource):
    """The territory: who reports to whom on a day."""

    noun = "unit"
    queryset = Unit.objects.all()
    serializer_class = UnitSerializer
    filterset_class = UnitFilters
    lookup_field = "code"

    def get_queryset(self):
        units = super().get_queryset()
        return units if getattr(self, "swagger_fake_view", False) else units.standing(self.request.on)


class FigureSerializer(serializers.ModelSerializer):
    """A unit's figure for January to ``through`` of a year (12: all of it); the latest vintage known on the day."""

    unit = serializers.SlugRelatedField("code", read_only=True)
    metric = serializers.SlugRelatedField("code", read_only=True)
    metric_name = serializers.CharField(source="metric.shown_name")
    measure = serializers.ChoiceField(Metric.Measure.choices, source="metric.measure")

    class Meta:
        model = Figure
        fields = (
            "id",
            "unit",
            "metric",
            "metric_name",
            "measure",
            "year",
            "through",
            "value",
            "scope",
            "source",
            "vintage",
            "is_example",
        )


class FigureInput(ServiceSerializer):
    """``value`` in the metric's measure; ``scope`` names its perimeter; ``vintage`` the day it was published."""

    unit = serializers.SlugField(max_length=20)
    metric = serializers.SlugRelatedField("code", queryset=Metric.objects.all())
    year = serializers.IntegerField(min_value=1978, max_value=2200)
    through = serializers.IntegerField(min_value=1, max_value=WHOLE_YEAR, default=WHOLE_YEAR)
    value = serializers.DecimalField(max_digits=20, decimal_places=4)
    scope = serializers.CharField(max_length=60, default="全口径")
    source = serializers.CharField(max_length=200)  # type: ignore[assignment]
    vintage = serializers.DateField()


class FigureFilters(filters.FilterSet):
    unit = filters.CharFilter("unit__code")
    year = filters.NumberFilter("year")
    through = filters.NumberFilter("through")
    metric = filters.CharFilter("metric__code")


class Figures(ReadResource):
    """Figures by unit, metric and year; a restated one stands beside the first, by its vintage."""

    noun = "figure"
    queryset = Figure.objects.all()
    serializer_class = FigureSerializer
    filterset_class = FigureFilters

    def get_queryset(self):
        figures = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return figures
        known = Figure.objects.known_on(self.request.on)
        return figures.filter(pk__in=known.values("pk")).select_related("unit", "metric")

    @extend_schema(request=FigureInput, responses={201: FigureSerializer})
    def create(self, request):
        """Enter a figure. An earlier vintage of it stays on record."""
        given = FigureInput(data=request.data)
        given.is_valid(raise_exception=True)
        unit = self.access.get(Unit.objects.all(), "add", self.noun, code=given.validated_data["unit"])
        figure = services.record_figure(by=self.actor, **{**given.validated_data, "unit": unit})
        return Response(self.get_serializer(figure).data, status=HTTPStatus.CREATED)


ROUTES: list[tuple[str, type]] = [("units", Units), ("figures", Figures)]
