"""REST: a city's year as rankings, sort by sort, as of any day."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from common.api import ON, Resource
from kpi.city import reading
from kpi.models import Cycle, GradeRule, Scorecard


class PastSerializer(serializers.Serializer):
    """What the unit came to the year before."""

    year = serializers.IntegerField()
    score = serializers.DecimalField(max_digits=7, decimal_places=2, allow_null=True)
    rank = serializers.IntegerField(source="standing.rank", default=None, allow_null=True)
    ranked = serializers.IntegerField(source="standing.of", default=None, allow_null=True)
    rating = serializers.CharField()


class EntrantSerializer(serializers.Serializer):
    """A unit among its own sort. ``score`` is null while a line is open; ``rank`` then counts the rate so far."""

    unit = serializers.CharField(source="code")
    unit_name = serializers.CharField(source="name")
    sort = serializers.CharField()
    zone = serializers.CharField(source="zone_code")
    scorecard = serializers.SerializerMethodField()
    score = serializers.DecimalField(max_digits=7, decimal_places=2, allow_null=True)
    rank = serializers.IntegerField(source="standing.rank", default=None, allow_null=True)
    ranked = serializers.IntegerField(source="standing.of", default=None, allow_null=True)
    rating = serializers.CharField()
    line_count = serializers.IntegerField(source="card.line_count")
    scored_count = serializers.IntegerField(source="card.scored_count")
    previous = PastSerializer(source="past", allow_null=True)
    score_change = serializers.DecimalField(max_digits=8, decimal_places=2, allow_null=True)
    rank_change = serializers.IntegerField(allow_null=True)
    is_example = serializers.BooleanField(source="card.is_example")

    def get_scorecard(self, row: reading.Entrant) -> int | None:
        """The card, for whoever may open it."""
        return row.card.pk if row.own else None


class YearSerializer(serializers.Serializer):
    """A year with its units, sort by sort, the best first; ``previous_year`` is null where it is not on file.

    While no year is on file for the caller, everything is null and there are no results.
    """

    city = serializers.CharField(allow_null=True)
    year = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(choices=Cycle.State.choices, allow_null=True)
    previous_year = serializers.IntegerField(allow_null=True)
    results = EntrantSerializer(many=True)


class Asked(serializers.Serializer):
    """What a caller asks for; all of it optional."""

    year = serializers.IntegerField(required=False, min_value=1978, max_value=2200)
    city = serializers.CharField(required=False, max_length=20)
    sort = serializers.ChoiceField(required=False, choices=GradeRule.Sort.choices)


class CityAssessments(Resource):
    """A city's year of assessment as rankings; until it is published, of the caller's own units only."""

    nouns = ("unit_card", "city_cycle")
    queryset = Scorecard.objects.filter(kind=Scorecard.Kind.UNIT)
    serializer_class = YearSerializer
    pagination_class = None

    @extend_schema(
        responses=YearSerializer,
        parameters=[
            ON,
            OpenApiParameter("year", int, description="Default: the latest up to the day."),
            OpenApiParameter("city", str, description="Where more than one city's years are in reach."),
            OpenApiParameter("sort", str, enum=GradeRule.Sort.values),
        ],
    )
    def list(self, request):
        """The ranking of a year: score, place among its own sort, grade, and the year before."""
        told = Asked(data=request.query_params)
        told.is_valid(raise_exception=True)
        asked = told.validated_data
        cycle = next(
            (
                each
                for each in reading.years(self.access, request.on)
                if asked.get("year") in (None, each.year) and asked.get("city") in (None, each.holder.code)
            ),
            None,
        )
        if cycle is None and asked.keys() & {"year", "city"}:
            raise Http404
        if cycle is None:
            nothing = dict.fromkeys(("city", "year", "state", "previous_year"))
            return Response(YearSerializer({**nothing, "results": []}).data)
        last = reading.previous(cycle)
        rows = [
            row
            for ranking in reading.rankings(self.access, cycle, request.on)
            if asked.get("sort") in (None, ranking.sort)
            for row in ranking.rows
        ]
        body = {
            "city": cycle.holder.code,
            "year": cycle.year,
            "state": cycle.state,
            "previous_year": last.year if last else None,
            "results": rows,
        }
        return Response(YearSerializer(body).data)


ROUTES: list[tuple[str, type]] = [("city-assessments", CityAssessments)]
