"""REST: panels for whoever keeps them, and one's own ratings for a rater."""

from __future__ import annotations

from http import HTTPStatus

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import exceptions, mixins, serializers
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from common.api import ReadResource, Resource, ServiceSerializer
from common.models import User
from kpi.models import Cycle, Line, Panel, PanelLine, PanelRating, Rater
from kpi.raters import closing, pages, rating, reminding, services
from kpi.raters.querysets import own_cases
from kpi.raters.results import shown
from kpi.raters.services import GroupPlan
from kpi.rights import holders


class PanelGroupSerializer(serializers.Serializer):
    """A group: how many raters it has, and how many of them have finished. Never who rated what."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    weight = serializers.DecimalField(max_digits=5, decimal_places=2)
    raters = serializers.IntegerField()
    finished = serializers.IntegerField()


class SaidSerializer(serializers.Serializer):
    """What a group said of a line; ``share`` is the percentage with which it counted."""

    name = serializers.CharField()
    share = serializers.SerializerMethodField()
    mean = serializers.SerializerMethodField()
    least = serializers.SerializerMethodField()
    most = serializers.SerializerMethodField()
    count = serializers.IntegerField()

    def get_share(self, said) -> str:
        return shown(said.share)

    def get_mean(self, said) -> str | None:
        return shown(said.mean) or None

    def get_least(self, said) -> str:
        return shown(said.least)

    def get_most(self, said) -> str:
        return shown(said.most)


class PanelLineSerializer(serializers.Serializer):
    """A line that the panel rates; the result is there once the panel is closed."""

    id = serializers.IntegerField(source="line.pk")
    scorecard = serializers.IntegerField(source="card_id")
    line = serializers.IntegerField(source="line.line_id")
    subject = serializers.CharField()
    indicator = serializers.CharField(source="line.line.indicator.code")
    score = serializers.SerializerMethodField()
    count = serializers.SerializerMethodField()
    groups = serializers.SerializerMethodField()
    notes = serializers.SerializerMethodField()

    def get_score(self, row) -> str | None:
        return row.score or None

    def get_count(self, row) -> int | None:
        return row.result.count if row.result else None

    @extend_schema_field(SaidSerializer(many=True))
    def get_groups(self, row):
        return SaidSerializer(row.result.groups if row.result else (), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_notes(self, row):
        return list(row.result.notes) if row.result else []


class PanelSerializer(serializers.ModelSerializer):
    year = serializers.IntegerField(source="cycle.year")
    holder = serializers.CharField(source="cycle.holder.code")

    class Meta:
        model = Panel
        fields = [
            "id",
            "holder",
            "year",
            "name",
            "trim",
            "closes_on",
            "shown_from",
            "words",
            "closed_at",
            "is_example",
        ]


class PanelDetailSerializer(PanelSerializer):
    groups = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()

    class Meta(PanelSerializer.Meta):
        fields = [*PanelSerializer.Meta.fields, "groups", "lines"]

    @extend_schema_field(PanelGroupSerializer(many=True))
    def get_groups(self, panel: Panel):
        return PanelGroupSerializer(pages.group_rows(panel, timezone.localdate()), many=True).data

    @extend_schema_field(PanelLineSerializer(many=True))
    def get_lines(self, panel: Panel):
        return PanelLineSerializer(pages.subject_rows(panel, self.context["request"].on), many=True).data


class PanelFilters(filters.FilterSet):
    year = filters.NumberFilter("cycle__year")
    holder = filters.CharFilter("cycle__holder__code")


class GroupInput(ServiceSerializer):
    name = serializers.CharField(max_length=60)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2)


class PanelInput(ServiceSerializer):
    """``year`` of ``holder`` (its code); the groups' weights sum to 100."""

    holder = serializers.CharField(max_length=40)
    year = serializers.IntegerField(min_value=1900, max_value=2200)
    name = serializers.CharField(max_length=100)
    groups = GroupInput(many=True)
    trim = serializers.IntegerField(min_value=0, max_value=20, required=False)
    closes_on = serializers.DateField(required=False, allow_null=True)
    shown_from = serializers.IntegerField(min_value=2, max_value=50, required=False)


class LinesInput(ServiceSerializer):
    """Lines of scorecards, by id."""

    lines = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=2000)


class RatersInput(ServiceSerializer):
    """Users by name, for one of the panel's groups."""

    group = serializers.CharField(max_length=60)
    usernames = serializers.ListField(child=serializers.CharField(max_length=150), max_length=500)


class CountSerializer(serializers.Serializer):
    """How many rows the deed was about."""

    count = serializers.IntegerField()


class Panels(ReadResource):
    """Panels of raters: who rates by which weights, how far they are, and once closed what came out."""

    nouns = Panel.nouns
    rights = {"add_lines": "change", "add_raters": "change", "close": "change", "remind": "change"}
    queryset = Panel.objects.select_related("cycle__holder")
    serializer_class = PanelSerializer
    filterset_class = PanelFilters

    @extend_schema(responses=PanelDetailSerializer)
    def retrieve(self, request, *args, **kwargs):
        """A panel with its groups and lines."""
        return Response(self._detail(self.get_object()))

    def _detail(self, panel: Panel):
        return PanelDetailSerializer(panel, context=self.get_serializer_context()).data

    def _kept(self, pk: str) -> Panel:
        return self.access.get(Panel.objects.select_related("cycle__holder"), "change", pk=pk)

    @extend_schema(request=PanelInput, responses={201: PanelDetailSerializer})
    def create(self, request):
        """Set up a panel with its groups."""
        units = holders(self.access, "add", "panel")
        if not units:
            raise exceptions.PermissionDenied
        given = PanelInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        cycles = Cycle.objects.filter(holder__in=units).select_related("holder")
        cycle = get_object_or_404(cycles, holder__code=data.pop("holder"), year=data.pop("year"))
        groups = [GroupPlan(group["name"], group["weight"]) for group in data.pop("groups")]
        panel = services.create_panel(cycle=cycle, groups=groups, by=self.actor, **data)
        return Response(self._detail(panel), status=HTTPStatus.CREATED)

    @extend_schema(request=LinesInput, responses=CountSerializer)
    @action(detail=True, methods=["post"], url_path="lines")
    def add_lines(self, request, pk: str):
        """Let the panel rate lines of its year."""
        panel = self._kept(pk)
        given = LinesInput(data=request.data)
        given.is_valid(raise_exception=True)
        lines = Line.objects.filter(scorecard__cycle=panel.cycle_id, pk__in=given.validated_data["lines"])
        return Response({"count": services.add_lines(panel=panel, lines=lines, by=self.actor)})

    @extend_schema(request=RatersInput, responses=CountSerializer)
    @action(detail=True, methods=["post"], url_path="raters")
    def add_raters(self, request, pk: str):
        """Let users rate in a group."""
        panel = self._kept(pk)
        given = RatersInput(data=request.data)
        given.is_valid(raise_exception=True)
        group = get_object_or_404(panel.groups, name=given.validated_data["group"])
        names = set(given.validated_data["usernames"])
        users = list(User.objects.filter(username__in=names, is_active=True))
        if missing := names - {user.username for user in users}:
            raise serializers.ValidationError({"usernames": sorted(missing)}, code="unknown")
        return Response({"count": services.add_raters(group=group, users=users, by=self.actor)})

    @extend_schema(request=None, responses=PanelDetailSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request, pk: str):
        """End the panel: its lines get its scores."""
        panel = self._kept(pk)
        closing.close_panel(panel=panel, by=self.actor)
        panel.refresh_from_db()
        return Response(self._detail(panel))

    @extend_schema(request=None, responses=CountSerializer)
    @action(detail=True, methods=["post"])
    def remind(self, request, pk: str):
        """Remind those raters who have not finished; nobody twice a day."""
        panel = self._kept(pk)
        about = reminding.About.RATING
        return Response({"count": reminding.remind(cycle=panel.cycle, about=about, panel=panel, by=self.actor)})


class RatingSerializer(serializers.ModelSerializer):
    """A line that the caller is asked to rate, with his own rating of it (``version`` 0 while there is none)."""

    panel_name = serializers.CharField(source="panel.name")
    closes_on = serializers.DateField(source="panel.closes_on")
    scorecard = serializers.IntegerField(source="line.scorecard_id")
    indicator = serializers.CharField(source="line.indicator.code")
    points = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField()

    class Meta:
        model = PanelLine
        fields = ("id", "panel", "panel_name", "closes_on", "scorecard", "indicator", "points", "version")

    def _own(self, line: PanelLine) -> PanelRating | None:
        return self.context["own"].get(line.pk)

    def get_points(self, line) -> str | None:
        own = self._own(line)
        return str(own.points) if own else None

    def get_version(self, line) -> int:
        own = self._own(line)
        return own.version if own else 0


class RatingInput(ServiceSerializer):
    """``value`` from 0 to 100, empty to take the rating back; ``version`` is the one that the client has seen."""

    value = serializers.CharField(allow_blank=True, max_length=64)
    version = serializers.IntegerField(min_value=0)


class RatedSerializer(serializers.Serializer):
    points = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    version = serializers.IntegerField()
    done = serializers.IntegerField()
    of = serializers.IntegerField()


class MyRatings(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource):
    """What the caller is asked to rate, and his own ratings. Nobody reads another's."""

    permission_classes = [IsAuthenticated]
    queryset = PanelLine.objects.all()
    serializer_class = RatingSerializer
    filterset_fields = ("panel",)

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return PanelLine.objects.none()
        write = self.request.method not in ("GET", "HEAD", "OPTIONS")
        narrowed = self.access.narrowed
        if narrowed and not narrowed("rating", write=write):
            raise exceptions.PermissionDenied
        asked = Rater.objects.filter(user=self.request.user.pk)
        rows = PanelLine.objects.filter(panel__groups__raters__in=asked)
        own = own_cases(self.actor.user.pk, timezone.localdate()) if self.actor.user else []
        return rows.exclude(pk__in=own).select_related("panel", "line__indicator").order_by("pk")

    def get_serializer_context(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_serializer_context()
        rows = PanelRating.objects.filter(rater__user=self.request.user.pk)
        return {**super().get_serializer_context(), "own": {row.line_id: row for row in rows}}

    @extend_schema(
        request=RatingInput,
        responses={200: RatedSerializer, 409: OpenApiResponse(description="Rated meanwhile from elsewhere.")},
    )
    @action(detail=True, methods=["post"])
    def rate(self, request, pk: str):
        """Give, change or take back one's rating of a line."""
        line = get_object_or_404(self.get_queryset(), pk=pk)
        given = RatingInput(data=request.data)
        given.is_valid(raise_exception=True)
        value, version = given.validated_data["value"], given.validated_data["version"]
        try:
            rated = rating.rate(line=line, text=value, version=version, by=self.actor)
        except rating.StaleRating as stale:
            body = {"points": None if stale.points is None else str(stale.points), "version": stale.version}
            return Response(body, status=HTTPStatus.CONFLICT)
        return Response(RatedSerializer(rated).data)


ROUTES: list[tuple[str, type]] = [("panels", Panels), ("my-ratings", MyRatings)]
