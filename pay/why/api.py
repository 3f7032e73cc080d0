"""REST of why: a pool, a bureau's share or a person's amount explained, to whoever may see the amount itself."""

from __future__ import annotations

from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ReadResource
from pay.models import Allocation, BureauShare, Run
from pay.why import explanations


class BothLanguagesSerializer(serializers.Serializer):
    zh = serializers.CharField()
    en = serializers.CharField()


class TraceInputSerializer(serializers.Serializer):
    """One input: its value as stored, where it was read, when it was recorded, and the row that it is.

    ``page`` is the address of that row's page; empty where the caller may not open it or it has none.
    """

    key = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="In the language of the request."
    )
    value = serializers.CharField(source="raw")
    unit = serializers.CharField(source="measure", help_text="yuan, ratio, points, months, or empty.")
    source = serializers.CharField()  # type: ignore[assignment]
    vintage = serializers.CharField(help_text="The day it was recorded (YYYY-MM-DD), or empty.")
    reference = serializers.CharField(source="ref", help_text="Such as zones.figure:12, or empty.")
    is_example = serializers.BooleanField(source="example")
    page = serializers.CharField(source="href")


class OtherGradeSerializer(serializers.Serializer):
    """The amount with another grade, the bureau's share and everybody else as they are."""

    grade = serializers.CharField()
    word = serializers.CharField(help_text="In the language of the request.")
    factor = serializers.DecimalField(6, 4)
    amount = serializers.DecimalField(16, 2, help_text="Yuan.")
    difference = serializers.DecimalField(16, 2, help_text="From the amount that stands, in yuan.")
    now = serializers.BooleanField(help_text="This is the grade that stands.")


class OtherScoreSerializer(serializers.Serializer):
    """The share with another score of the bureau, all other bureaus as they are."""

    score = serializers.DecimalField(7, 2)
    amount = serializers.DecimalField(16, 2, help_text="Yuan.")
    difference = serializers.DecimalField(16, 2, help_text="From the amount that stands, in yuan.")
    now = serializers.BooleanField(source="stands", help_text="This is the score that stands.")


class PoolExplanationSerializer(serializers.Serializer):
    amount = serializers.DecimalField(16, 2, help_text="Yuan.")
    sentence = BothLanguagesSerializer()
    inputs = TraceInputSerializer(many=True)
    trace = serializers.DictField()


class ShareExplanationSerializer(PoolExplanationSerializer):
    what_if = OtherScoreSerializer(many=True, source="scores")


class AllocationExplanationSerializer(PoolExplanationSerializer):
    share_trace = serializers.DictField(help_text="Of the bureau's share that the amount is part of.")
    what_if = OtherGradeSerializer(many=True, source="grades")


class PoolExplained:
    """Mixed into the resource of runs."""

    @extend_schema(responses=PoolExplanationSerializer)
    @action(detail=True, methods=["get"])
    def explanation(self, request, pk=None):
        """Why the unit's pool is what it is; 404 of a run that has not come to one."""
        rows = Run.objects.select_related("unit", "scheme").defer("inputs")
        run = request.access.get(rows, pk=pk)
        if not run.trace:
            raise Http404
        return Response(PoolExplanationSerializer(explanations.of_pool(run, request.access)).data)


class AllocationExplained:
    """Mixed into the resource of allocations."""

    @extend_schema(responses=AllocationExplanationSerializer)
    @action(detail=True, methods=["get"])
    def explanation(self, request, pk=None):
        """Why the person's amount is what it is, and what it would be with another grade."""
        rows = Allocation.objects.select_related("person", "run__unit", "run__scheme", "share")
        found = request.access.get(rows.defer("run__inputs", "run__trace"), pk=pk)
        return Response(AllocationExplanationSerializer(explanations.of_allocation(found, request.access)).data)


class BureauShareSerializer(serializers.ModelSerializer):
    unit = serializers.SlugRelatedField("code", source="run.unit", read_only=True)
    year = serializers.IntegerField(source="run.year", read_only=True)
    bureau = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = BureauShare
        fields = (
            *("id", "run", "unit", "year", "bureau", "score", "coefficient", "weight", "amount", "difference"),
            "trace",
        )


class ShareFilter(filters.FilterSet):
    run = filters.NumberFilter("run_id")
    unit = filters.CharFilter("run__unit__code")
    year = filters.NumberFilter("run__year")
    bureau = filters.CharFilter("bureau__code")

    class Meta:
        model = BureauShare
        fields = ("run", "unit", "year", "bureau")


class ShareResource(ReadResource):
    """What each bureau got of a pool, with the trace of why."""

    noun = "share"
    rights = {"explanation": "view"}
    queryset = BureauShare.objects.select_related("run__unit", "run__scheme", "bureau").defer(
        "run__inputs", "run__trace"
    )
    serializer_class = BureauShareSerializer
    filterset_class = ShareFilter

    def get_queryset(self):
        return super().get_queryset().filter(run__requested_at__date__lte=self.request.on)

    @extend_schema(responses=ShareExplanationSerializer)
    @action(detail=True, methods=["get"])
    def explanation(self, request, pk=None):
        """Why the bureau's share is what it is, and what a few points more or less would have brought."""
        found = self.get_object()
        return Response(ShareExplanationSerializer(explanations.of_share(found, request.access)).data)
