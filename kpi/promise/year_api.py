"""REST resources of a holder's years as they are promised, and of the cascade of a unit's year."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from common.api import ON, ReadResource, Resource, ServiceSerializer
from kpi.models import Cycle, Scorecard
from kpi.promise import cascade, years
from kpi.promise.holders import holders
from zones.models import Unit


class PromiseYearSerializer(serializers.ModelSerializer):
    """A year of a city or a zone: its rules, and how many cards it has, signed and with a score."""

    holder = serializers.CharField(source="holder.code")
    cards = serializers.IntegerField(default=0)
    signed = serializers.IntegerField(default=0)
    scored = serializers.IntegerField(default=0)
    stamp = serializers.SerializerMethodField()

    class Meta:
        model = Cycle
        fields = ("id", "holder", "year", "state", "published_on", *years.RULES, "cards", "signed", "scored", "stamp")

    def get_stamp(self, cycle: Cycle) -> str:
        """What changing the rules hands back as ``seen``."""
        return years.stamp(cycle)


class PromiseYearInput(ServiceSerializer):
    """The next year as a copy of the last; a target is last year's actual raised by so many percent, or empty."""

    holder = serializers.CharField(max_length=20)
    year = serializers.IntegerField(min_value=1978, max_value=2200)
    raise_percent = serializers.DecimalField(max_digits=6, decimal_places=2, required=False, allow_null=True)


class PromiseYearRules(ServiceSerializer):
    """The rules of an open year, all of them; null where the year has no such rule."""

    bureau_weight = serializers.DecimalField(max_digits=4, decimal_places=3, min_value=0, max_value=1, allow_null=True)
    bonus_cap = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0, allow_null=True)
    small_bureau = serializers.IntegerField(min_value=1, max_value=1000, allow_null=True)
    seen = serializers.CharField(max_length=16, required=False, default=None, allow_null=True)


class PromiseYears(ReadResource):
    """Years of cities and zones as they are promised: opening the next, and the rules of one."""

    nouns = Cycle.nouns
    queryset = Cycle.objects.select_related("holder")
    serializer_class = PromiseYearSerializer
    filterset_fields = ("year", "state", "holder__code")

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        if self.action == "list":
            rows = rows.filter(year__lte=self.request.on.year + 1)
        return rows.annotate(
            cards=Count("scorecards"),
            signed=Count("scorecards", filter=Q(scorecards__frozen_at__isnull=False)),
            scored=Count("scorecards", filter=Q(scorecards__result__score__isnull=False)),
        )

    def _shown(self, pk: int, status: int = HTTPStatus.OK) -> Response:
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=pk)).data, status=status)

    @extend_schema(request=PromiseYearInput, responses={201: PromiseYearSerializer})
    def create(self, request):
        """Open a holder's next year; one that no year comes before begins empty."""
        own = Unit.objects.filter(holders(self.access, "add", "cycle"))
        if not own.exists():
            raise exceptions.PermissionDenied
        given = PromiseYearInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        holder, year = get_object_or_404(own, code=data["holder"]), data["year"]
        if Cycle.objects.filter(holder=holder, year__lt=year).exists():
            percent = data.get("raise_percent")
            cycle = years.open_year(holder=holder, year=year, raise_percent=percent, by=self.actor).cycle
        else:
            cycle = years.start_year(holder=holder, year=year, by=self.actor)
        return self._shown(cycle.pk, HTTPStatus.CREATED)

    @extend_schema(request=PromiseYearRules, responses=PromiseYearSerializer)
    def update(self, request, pk: str):
        """Change the rules of an open year; scores follow at once."""
        row = self.access.get(Cycle.objects.select_related("holder"), "change", pk=pk)
        given = PromiseYearRules(data=request.data)
        given.is_valid(raise_exception=True)
        return self._shown(years.change_year(cycle=row, by=self.actor, **given.validated_data).pk)


class CascadeLineSerializer(serializers.Serializer):
    """A line in the tree: ``serves`` leads up and ``served_by`` down, among the lines that the caller may see.

    ``serves_name`` is there where what it serves lies on a card that he does not see.
    """

    id = serializers.IntegerField(source="line.pk")
    scorecard = serializers.IntegerField(source="card.pk")
    kind = serializers.CharField(source="card.kind")
    subject = serializers.CharField()
    indicator = serializers.CharField(source="line.indicator.code")
    name = serializers.CharField(source="line.indicator.shown_name")
    weight = serializers.DecimalField(source="line.weight", max_digits=6, decimal_places=2)
    points = serializers.DecimalField(source="line.points", max_digits=8, decimal_places=4, allow_null=True)
    serves = serializers.SerializerMethodField()
    served_by = serializers.SerializerMethodField()
    serves_name = serializers.CharField(source="serves_unseen")

    def get_serves(self, node: cascade.Node) -> int | None:
        return None if node.above_unseen else node.line.serves_id

    def get_served_by(self, node: cascade.Node) -> list[int]:
        return [each.line.pk for each in node.below]


class CascadeSerializer(serializers.Serializer):
    """A unit's year: ``results`` from the top down, ``up`` the way above ``line``, ``idle`` what serves nothing."""

    unit = serializers.CharField(allow_null=True)
    year = serializers.IntegerField(allow_null=True)
    serving = serializers.IntegerField()
    lines = serializers.IntegerField()
    up = CascadeLineSerializer(many=True)
    results = CascadeLineSerializer(many=True)
    idle = serializers.ListField(child=serializers.IntegerField())
    unserved = serializers.ListField(child=serializers.IntegerField())


class CascadeAsked(ServiceSerializer):
    """Which unit's year, and from which line on; all of it optional."""

    unit = serializers.CharField(max_length=20, required=False)
    year = serializers.IntegerField(min_value=1978, max_value=2200, required=False)
    line = serializers.IntegerField(required=False, min_value=1)


class Cascades(Resource):
    """Which line serves which in a unit's year, walked both ways; as far as the caller may see the cards."""

    nouns = Scorecard.nouns
    queryset = Scorecard.objects.all()
    serializer_class = CascadeSerializer
    pagination_class = None

    @extend_schema(
        responses=CascadeSerializer,
        parameters=[
            ON,
            OpenApiParameter("unit", str, description="The unit's code; default the first in reach."),
            OpenApiParameter("year", int, description="Default: the latest up to the day."),
            OpenApiParameter("line", int, description="Begin at this line; ``up`` then leads to it from the top."),
        ],
    )
    def list(self, request):
        """The tree of a unit's year."""
        given = CascadeAsked(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked: dict[str, Any] = given.validated_data
        cards = self.get_queryset().filter(cycle__year__lte=request.on.year)
        for name, field in (("unit", "unit__code"), ("year", "cycle__year"), ("line", "lines")):
            if name in asked:
                cards = cards.filter(**{field: asked[name]})
        first = cards.select_related("unit", "cycle").order_by("-cycle__year", "unit__sequence", "unit__code").first()
        if first is None and asked:
            raise Http404
        found = cascade.Cascade([], [], [], [], 0, 0)
        if first:
            found = cascade.read(self.access, first.unit_id, first.cycle.year, request.on, focus=asked.get("line"))
        body = {
            "unit": first.unit.code if first else None,
            "year": first.cycle.year if first else None,
            "serving": found.serving,
            "lines": found.lines,
            "up": found.up,
            "results": list(_walked(found.roots)),
            "idle": [line.pk for each in found.idle for line in each.lines],
            "unserved": [node.line.pk for node in found.unserved],
        }
        return Response(CascadeSerializer(body).data)


def _walked(nodes: list[cascade.Node]) -> Iterator[cascade.Node]:
    """From the top down, each line before those that serve it."""
    for node in nodes:
        yield node
        yield from _walked(node.below)


ROUTES: list[tuple[str, type]] = [("years", PromiseYears), ("cascade", Cascades)]
