"""REST: plans with their changes and steps, drafted, checked and decided by the same services as on the pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from orgchart import plans
from orgchart.models import Plan, PlanChange, PlanStep, Stage
from staffing.plans.plan_views import RIGHTS
from staffing.plans.reorganising import approve_plan, site_of
from staffing.plans.trials import check_plan
from zones.models import Unit


class PlanChangeSerializer(serializers.ModelSerializer):
    class Meta:
        model = PlanChange
        fields = ("id", "order", "kind", "payload")


class PlanStepSerializer(serializers.ModelSerializer):
    by = serializers.CharField(source="by.username")
    instrument = serializers.SlugRelatedField("number", read_only=True)

    class Meta:
        model = PlanStep
        fields = ("stage", "by", "at", "decided_on", "opinion", "document", "instrument", "version")


class PlanSerializer(serializers.ModelSerializer):
    """A plan; ``state`` is its stage, or ``in_force`` when it is approved and its day has come by ``on``."""

    zone = serializers.SlugRelatedField("code", read_only=True)
    drafted_by = serializers.CharField(source="drafted_by.username")
    instrument = serializers.SlugRelatedField("number", read_only=True)
    state = serializers.SerializerMethodField()
    changes = PlanChangeSerializer(many=True)
    steps = PlanStepSerializer(many=True)

    class Meta:
        model = Plan
        fields = (
            "id",
            "code",
            "zone",
            "title",
            "reason",
            "effective_on",
            "drafted_by",
            "drafted_at",
            "stage",
            "state",
            "version",
            "instrument",
            "checked_version",
            "checked_ok",
            "checked_at",
            "findings",
            "changes",
            "steps",
        )

    def get_state(self, plan: Plan) -> str:
        return plan.state(self.context["request"].on)


class ChangeInput(ServiceSerializer):
    """A change: its kind, and what it needs as codes."""

    kind = serializers.CharField(max_length=12)
    payload = serializers.DictField()


class PlanInput(ServiceSerializer):
    """A plan to draft, its changes with it: all of them, or nothing."""

    zone = serializers.SlugField(max_length=20)
    title = serializers.CharField(max_length=100)
    reason = serializers.CharField(max_length=2000)
    effective_on = serializers.DateField()
    changes = ChangeInput(many=True, required=False)


class VersionInput(ServiceSerializer):
    """The version that was looked at."""

    version = serializers.IntegerField(min_value=1)


class VersionedChangeInput(VersionInput, ChangeInput):
    pass


class PlanEdit(VersionInput):
    """What a draft says of itself; what is left out stays."""

    title = serializers.CharField(max_length=100, required=False)
    reason = serializers.CharField(max_length=2000, required=False)
    effective_on = serializers.DateField(required=False)


class PayloadInput(VersionInput):
    """What a change needs, as codes."""

    payload = serializers.DictField()


class MoveInput(VersionInput):
    """One place earlier, or one later."""

    up = serializers.BooleanField()


class CopyInput(ServiceSerializer):
    """The day of the new draft."""

    effective_on = serializers.DateField()


class StepInput(VersionInput):
    """A step: when it was decided, with what opinion, on what paper."""

    stage = serializers.ChoiceField(Stage.choices)
    decided_on = serializers.DateField()
    opinion = serializers.CharField(max_length=1000, default="", allow_blank=True)
    document = serializers.CharField(max_length=100, default="", allow_blank=True)

    def validate_stage(self, stage: str) -> str:
        if stage in (Stage.DRAFT, Stage.APPROVED):
            raise serializers.ValidationError(_("该环节不在此办理"))
        return stage


class ApprovalInput(VersionInput):
    """The instrument of the approval."""

    number = serializers.CharField(max_length=100)
    issued_on = serializers.DateField()
    issuer = serializers.CharField(max_length=100)
    opinion = serializers.CharField(max_length=1000, default="", allow_blank=True)


class PlanFilters(filters.FilterSet):
    zone = filters.CharFilter("zone__code")
    stage = filters.ChoiceFilter(choices=Stage.choices)


class Plans(ReadResource):
    """Reorganisation plans of the zones that the reader may see; ``on`` says by which day one is in force."""

    noun = "plan"
    queryset = Plan.objects.select_related("zone", "drafted_by", "instrument").prefetch_related(
        "changes", "steps__by", "steps__instrument"
    )
    serializer_class = PlanSerializer
    filterset_class = PlanFilters
    lookup_field = "code"
    rights = {
        "change": "change",
        "edit_change": "change",
        "remove_change": "change",
        "move_change": "change",
        "copy": "add",
        "check": "check",
        "approve": "approve",
        "step": "view",
    }

    def _found(self, code: str, right: str) -> Plan:
        return self.access.get(Plan.objects.select_related("zone"), right, code=code)

    def _answer(self, plan: Plan, status: HTTPStatus = HTTPStatus.OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=plan.pk)).data, status=status)

    def _given(self, serializer: type[ServiceSerializer]) -> dict[str, Any]:
        given = serializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    @extend_schema(request=PlanInput, responses={201: PlanSerializer})
    def create(self, request):
        """Draft a plan."""
        given = self._given(PlanInput)
        zone = self.access.get(Unit.objects.filter(kind=Unit.Kind.ZONE), "view", code=given.pop("zone"))
        if not self.access.can_in(zone.pk, "add", self.noun):
            self.permission_denied(request)
        planned = given.pop("changes", [])
        with transaction.atomic():
            plan = plans.draft_plan(zone=zone, by=self.actor, **given)
            for change in planned:
                plans.add_change(plan=plan, version=plan.version, site=site_of(plan), by=self.actor, **change)
                plan.refresh_from_db()
        return self._answer(plan, HTTPStatus.CREATED)

    @extend_schema(request=VersionedChangeInput, responses={200: PlanSerializer})
    @action(detail=True, methods=["post"], url_path="changes")
    def change(self, request, code: str):
        """Add a change."""
        plan = self._found(code, "change")
        plans.add_change(plan=plan, site=site_of(plan), by=self.actor, **self._given(VersionedChangeInput))
        return self._answer(plan)

    @extend_schema(request=PlanEdit, responses={200: PlanSerializer})
    def partial_update(self, request, code: str):
        """Change a draft's title, reason or day."""
        plan = self._found(code, "change")
        kept = {name: getattr(plan, name) for name in ("title", "reason", "effective_on")}
        return self._answer(plans.edit_plan(plan=plan, by=self.actor, **{**kept, **self._given(PlanEdit)}))

    def _change(self, code: str, pk: str) -> PlanChange:
        return get_object_or_404(self._found(code, "change").changes, pk=pk)

    @extend_schema(request=PayloadInput, responses={200: PlanSerializer})
    @action(detail=True, methods=["patch"], url_path=r"changes/(?P<pk>[0-9]{1,18})")
    def edit_change(self, request, code: str, pk: str):
        """Say anew what a change needs."""
        change = self._change(code, pk)
        plans.edit_change(change=change, site=site_of(change.plan), by=self.actor, **self._given(PayloadInput))
        return self._answer(change.plan)

    @extend_schema(request=VersionInput, responses={200: PlanSerializer})
    @edit_change.mapping.delete
    def remove_change(self, request, code: str, pk: str):
        """Take a change off the plan."""
        change = self._change(code, pk)
        return self._answer(plans.remove_change(change=change, by=self.actor, **self._given(VersionInput)))

    @extend_schema(request=MoveInput, responses={200: PlanSerializer})
    @action(detail=True, methods=["post"], url_path=r"changes/(?P<pk>[0-9]{1,18})/move")
    def move_change(self, request, code: str, pk: str):
        """Carry a change out one place earlier or later."""
        change = self._change(code, pk)
        return self._answer(plans.move_change(change=change, by=self.actor, **self._given(MoveInput)))

    @extend_schema(request=CopyInput, responses={201: PlanSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request, code: str):
        """A new draft with the same changes."""
        plan = self._found(code, "add")
        return self._answer(plans.copy_plan(plan=plan, by=self.actor, **self._given(CopyInput)), HTTPStatus.CREATED)

    @extend_schema(request=VersionInput, responses={200: PlanSerializer})
    @action(detail=True, methods=["post"])
    def check(self, request, code: str):
        """Check the plan against structure and rules as they are now; ``findings`` say what stands in its way."""
        plan = self._found(code, "check")
        check_plan(plan=plan, by=self.actor, **self._given(VersionInput))
        return self._answer(plan)

    @extend_schema(request=StepInput, responses={200: PlanSerializer})
    @action(detail=True, methods=["post"], url_path="steps")
    def step(self, request, code: str):
        """Take a step: review, decision, refusal, withdrawal."""
        self._found(code, "view")
        given = self._given(StepInput)
        plan = self._found(code, RIGHTS[Stage(given["stage"])])
        return self._answer(plans.take_step(plan=plan, by=self.actor, **given))

    @extend_schema(request=ApprovalInput, responses={200: PlanSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request, code: str):
        """Approve the plan by an instrument: what it orders is in force from its day on."""
        plan = self._found(code, "approve")
        return self._answer(approve_plan(plan=plan, by=self.actor, **self._given(ApprovalInput)))
