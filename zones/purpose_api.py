"""REST resources of what parks are for; config/urls.py puts ``ROUTES`` under /api/v1/."""

from __future__ import annotations

from http import HTTPStatus

from django.db.models import Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from zones import purpose
from zones.api import FirstDay, LastDay
from zones.models import Industry, Positioning, Project, ProjectStage, Unit


class PositioningSerializer(serializers.ModelSerializer):
    """A leading industry of a park, with the days on which it is one."""

    unit = serializers.SlugRelatedField("code", read_only=True)
    industry = serializers.SlugRelatedField("code", read_only=True)
    industry_name = serializers.CharField(source="industry.shown_name")
    starts = FirstDay(source="period")
    ends = LastDay(source="period")

    class Meta:
        model = Positioning
        fields = ("id", "unit", "industry", "industry_name", "starts", "ends", "is_example")


class PositioningInput(ServiceSerializer):
    unit = serializers.SlugField(max_length=20)
    industry = serializers.SlugRelatedField("code", queryset=Industry.objects.all())
    starts = serializers.DateField()
    ends = serializers.DateField(allow_null=True, default=None)
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class ClosePositioningInput(ServiceSerializer):
    """``ends`` is the last day."""

    ends = serializers.DateField()
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class PositioningFilters(filters.FilterSet):
    unit = filters.CharFilter("unit__code")
    industry = filters.CharFilter("industry__code")


class Positionings(ReadResource):
    """Leading industries of parks, as of a day."""

    noun = "positioning"
    queryset = Positioning.objects.all()
    serializer_class = PositioningSerializer
    filterset_class = PositioningFilters
    rights = {"create": "change", "close": "change"}

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.on(self.request.on).select_related("unit", "industry")

    @extend_schema(request=PositioningInput, responses={201: PositioningSerializer})
    def create(self, request):
        """Position a park on an industry."""
        given = PositioningInput(data=request.data)
        given.is_valid(raise_exception=True)
        unit = self.access.get(Unit.objects.all(), "change", self.noun, code=given.validated_data["unit"])
        row = purpose.set_positioning(by=self.actor, **{**given.validated_data, "unit": unit})
        return Response(self.get_serializer(row).data, status=HTTPStatus.CREATED)

    @extend_schema(request=ClosePositioningInput, responses=PositioningSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request, pk: str):
        """The industry ceases to be one of the park's."""
        row = self.access.get(Positioning.objects.select_related("unit", "industry"), "change", pk=pk)
        given = ClosePositioningInput(data=request.data)
        given.is_valid(raise_exception=True)
        closed = purpose.close_positioning(positioning=row, by=self.actor, **given.validated_data)
        return Response(self.get_serializer(closed).data)


class ProjectStageSerializer(serializers.ModelSerializer):
    class Meta:
        model = ProjectStage
        fields = ("stage", "as_of", "note", "source", "is_example")


class ProjectSerializer(serializers.ModelSerializer):
    """A project as known on the day; ``investment`` in yuan, null where it was not published."""

    unit = serializers.SlugRelatedField("code", read_only=True)
    town = serializers.SlugRelatedField("code", read_only=True)
    stage = serializers.ChoiceField(ProjectStage.Stage.choices, source="stage_then")
    stages = ProjectStageSerializer(many=True, source="stages_then")

    class Meta:
        model = Project
        fields = (
            "code",
            "unit",
            "town",
            "name",
            "name_en",
            "partner",
            "investment",
            "stage",
            "stages",
            "note",
            "source",
            "is_example",
        )


class StageInput(ServiceSerializer):
    stage = serializers.ChoiceField(ProjectStage.Stage.choices)
    as_of = serializers.DateField()
    note = serializers.CharField(max_length=200, default="", allow_blank=True)
    source = serializers.CharField(max_length=200, default="", allow_blank=True)  # type: ignore[assignment]


class ProjectInput(StageInput):
    """A project with the stage it is known to be at."""

    unit = serializers.SlugField(max_length=20)
    town = serializers.SlugRelatedField(
        "code", queryset=Unit.objects.filter(kind=Unit.Kind.TOWN), allow_null=True, default=None
    )
    code = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=100)
    name_en = serializers.CharField(max_length=200, default="", allow_blank=True)
    partner = serializers.CharField(max_length=200, default="", allow_blank=True)
    investment = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True, default=None)


class ProjectFilters(filters.FilterSet):
    unit = filters.CharFilter("unit__code")
    town = filters.CharFilter("town__code")
    stage = filters.ChoiceFilter("stage_then", choices=ProjectStage.Stage.choices)


class Projects(ReadResource):
    """Projects with the stages they went through up to the day."""

    noun = "project"
    queryset = Project.objects.all()
    serializer_class = ProjectSerializer
    filterset_class = ProjectFilters
    lookup_field = "code"
    rights = {"advance": "change"}

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        stages = ProjectStage.objects.filter(as_of__lte=self.request.on).order_by("as_of")
        known = rows.on(self.request.on).select_related("unit", "town")
        return known.prefetch_related(Prefetch("stages", stages, to_attr="stages_then"))

    def _shown(self, row: Project, status: int = HTTPStatus.OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=status)

    @extend_schema(request=ProjectInput, responses={201: ProjectSerializer})
    def create(self, request):
        """Enter a project."""
        given = ProjectInput(data=request.data)
        given.is_valid(raise_exception=True)
        unit = self.access.get(Unit.objects.all(), "add", self.noun, code=given.validated_data["unit"])
        row = purpose.record_project(by=self.actor, **{**given.validated_data, "unit": unit})
        return self._shown(row, HTTPStatus.CREATED)

    @extend_schema(request=StageInput, responses=ProjectSerializer)
    @action(detail=True, methods=["post"])
    def advance(self, request, code: str):
        """Say that the project has reached a later stage."""
        row = self.access.get(Project.objects.all(), "change", code=code)
        given = StageInput(data=request.data)
        given.is_valid(raise_exception=True)
        purpose.advance_project(project=row, by=self.actor, **given.validated_data)
        return self._shown(row)


ROUTES: list[tuple[str, type]] = [("positionings", Positionings), ("projects", Projects)]
