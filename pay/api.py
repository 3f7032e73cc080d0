"""REST resources of pay: schemes, runs (each with its pool and shares), allocations (each with its trace)."""

from __future__ import annotations

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from pay import services
from pay.life.api import ROUTES as LIFE
from pay.life.api import RunActs
from pay.life.services import stamp
from pay.models import Allocation, BureauShare, Run
from pay.run_api import RunProgress
from pay.schemes.api import SchemeResource
from pay.why.api import AllocationExplained, PoolExplained, ShareResource
from zones.models import Unit


class ShareSerializer(serializers.ModelSerializer):
    bureau = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = BureauShare
        fields = ("id", "bureau", "score", "coefficient", "weight", "amount", "trace")


class RunSerializer(serializers.ModelSerializer):
    unit = serializers.SlugRelatedField("code", read_only=True)
    shares = serializers.SerializerMethodField()
    requested_by = serializers.SlugRelatedField("username", read_only=True)
    checked_by = serializers.SlugRelatedField("username", read_only=True)
    approved_by = serializers.SlugRelatedField("username", read_only=True)
    instrument = serializers.SlugRelatedField("code", read_only=True)
    stamp = serializers.SerializerMethodField()

    class Meta:
        model = Run
        fields = (
            *("id", "unit", "year", "state", "scheme", "pool", "uncapped", "lapsed", "reserve", "returned"),
            *("corrects", "difference", "provisional", "remarks", "input_hash"),
            *("error", "error_details", "requested_by", "requested_at", "finished_at", "confirmed_at"),
            *("checked_by", "checked_at", "approved_by", "approved_at", "instrument", "stamp", "shares"),
        )

    def get_stamp(self, run: Run) -> str:
        """What an act on the run must bear, so that it is about what was read."""
        return stamp(run)

    @extend_schema_field(ShareSerializer(many=True))
    def get_shares(self, run: Run):
        """The shares that the caller may see, in roster order."""
        return ShareSerializer(self.context["shares"].get(run.pk, []), many=True).data


class RunDetailSerializer(RunSerializer):
    class Meta:
        model = Run
        fields = (*RunSerializer.Meta.fields, "trace")


class RunRequestSerializer(ServiceSerializer):
    unit = serializers.SlugField(help_text="The code of a zone or park.")
    year = serializers.IntegerField(min_value=1978, max_value=2200)


class AllocationSerializer(serializers.ModelSerializer):
    unit = serializers.SlugRelatedField("code", source="run.unit", read_only=True)
    year = serializers.IntegerField(source="run.year", read_only=True)
    bureau = serializers.SlugRelatedField("code", source="share.bureau", read_only=True)
    person = serializers.SlugRelatedField("staff_no", read_only=True)
    name = serializers.CharField(source="person.name", read_only=True)

    class Meta:
        model = Allocation
        fields = (
            *("id", "run", "unit", "year", "bureau", "person", "name", "post_name", "post_coefficient"),
            *("rating", "grade_factor", "months", "amount", "trace"),
        )


class RunFilter(filters.FilterSet):
    unit = filters.CharFilter("unit__code")

    class Meta:
        model = Run
        fields = ("unit", "year", "state")


class AllocationFilter(filters.FilterSet):
    run = filters.NumberFilter("run_id")
    unit = filters.CharFilter("run__unit__code")
    year = filters.NumberFilter("run__year")
    bureau = filters.CharFilter("share__bureau__code")
    person = filters.CharFilter("person__staff_no")

    class Meta:
        model = Allocation
        fields = ("run", "unit", "year", "bureau", "person", "rating")


class RunResource(RunProgress, PoolExplained, RunActs, ReadResource):
    """Runs that were asked for by the day, each with its pool and shares; asking for one queues it for the worker."""

    noun = "run"
    rights = {"create": "compute", "progress": "view", "explanation": "view", **RunActs.ACTS}
    # The snapshot is as large as the unit; whoever wants a figure's source finds it in the trace.
    queryset = Run.objects.with_signers().select_related("unit").defer("inputs")
    serializer_class = RunSerializer
    filterset_class = RunFilter

    def get_serializer_class(self):
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer

    def get_queryset(self):
        queryset = super().get_queryset().filter(requested_at__date__lte=self.request.on)
        return queryset if self.action == "retrieve" else queryset.defer("inputs", "trace")

    def _with_shares(self, runs) -> dict:
        shares: dict[int, list[BureauShare]] = {}
        visible = self.access.scope(BureauShare.objects.filter(run__in=[run.pk for run in runs]))
        for share in visible.select_related("bureau").order_by("sequence"):
            shares.setdefault(share.run_id, []).append(share)
        return {**self.get_serializer_context(), "shares": shares}

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        data = RunSerializer(page, many=True, context=self._with_shares(page)).data
        return self.get_paginated_response(data)

    def retrieve(self, request, *args, **kwargs):
        run = self.get_object()
        return Response(RunDetailSerializer(run, context=self._with_shares([run])).data)

    @extend_schema(request=RunRequestSerializer, responses={202: RunSerializer, 200: RunSerializer})
    def create(self, request):
        """Queue a run (202); 200 with the one that is at work where somebody had asked before: nothing is changed."""
        asked = RunRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        year = asked.validated_data["year"]
        # A unit of others and one that is not there answer alike.
        unit = self.access.get(Unit.objects.filter(kind__in=["zone", "park"]), code=asked.validated_data["unit"])
        if not self.access.can_in(unit.pk, "compute", "run"):
            self.permission_denied(request)
        (run,) = services.request_runs(units=[unit], year=year, by=self.actor)
        body = RunSerializer(run, context=self._with_shares([run])).data
        return Response(body, status=status.HTTP_200_OK if run.asked_before else status.HTTP_202_ACCEPTED)


class AllocationResource(AllocationExplained, ReadResource):
    """What each person got, with the trace of why."""

    noun = "allocation"
    rights = {"explanation": "view"}
    queryset = Allocation.objects.select_related("run__unit", "share__bureau", "person").defer(
        "run__inputs", "run__trace"
    )
    serializer_class = AllocationSerializer
    filterset_class = AllocationFilter

    def get_queryset(self):
        return super().get_queryset().filter(run__requested_at__date__lte=self.request.on)


ROUTES = [
    ("schemes", SchemeResource),
    ("runs", RunResource),
    ("shares", ShareResource),
    ("allocations", AllocationResource),
    *LIFE,
]
