"""The roster as a REST resource: a day's lines with all its choices, and what changed between two days."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ON, Resource
from staffing.forms import RosterFilters
from staffing.models import Appointment, Person
from staffing.roster import changes, listing
from staffing.serializers import AppointmentSerializer
from zones.models import Unit

CHOICES = [OpenApiParameter(name, str) for name in RosterFilters.base_fields]
DAYS = [
    OpenApiParameter("since", str, description="The first day (YYYY-MM-DD); default the last day of the year before."),
    OpenApiParameter("until", str, description="The second day (YYYY-MM-DD); default the day of `on`."),
    *(OpenApiParameter(name, str) for name in ("q", "unit", "kind")),
]


class RosterLineSerializer(AppointmentSerializer):
    """A line of the roster: an appointment with what it says of the person; numbers of identity are left out."""

    tier = serializers.CharField(source="tier_kind", allow_null=True)
    post_category = serializers.CharField(allow_null=True)
    level = serializers.CharField(source="post_level", allow_null=True)
    category = serializers.ChoiceField(Person.Category.choices, source="person.category")
    identity = serializers.ChoiceField(Person.Identity.choices, source="person.identity")
    original_rank = serializers.CharField(source="person.original_rank")

    class Meta(AppointmentSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *AppointmentSerializer.Meta.fields, "tier", "post_category", "level", "category", "identity",
            "original_rank",
        )  # fmt: skip


class StandingSerializer(serializers.Serializer):
    post = serializers.CharField()
    post_name = serializers.CharField()
    unit = serializers.CharField()
    unit_name = serializers.CharField()
    bureau = serializers.CharField()
    bureau_name = serializers.CharField()
    grade = serializers.CharField()
    coefficient = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    term_ends = serializers.DateField(allow_null=True)


class ChangeSerializer(serializers.Serializer):
    """A person who stands otherwise on the second day; ``before`` or ``after`` is null when he was not in post."""

    person = serializers.CharField(source="staff_no")
    person_name = serializers.CharField(source="name")
    kinds = serializers.ListField(child=serializers.ChoiceField(changes.Kind.choices))
    before = StandingSerializer(allow_null=True)
    after = StandingSerializer(allow_null=True)
    reason = serializers.CharField()
    last_day = serializers.DateField(allow_null=True)


class ChangesSerializer(serializers.Serializer):
    since = serializers.DateField()
    until = serializers.DateField()
    people = serializers.IntegerField()
    net = serializers.IntegerField()
    totals = serializers.DictField(child=serializers.IntegerField())
    results = ChangeSerializer(many=True)


@extend_schema(tags=["roster"])
class RosterResource(mixins.ListModelMixin, Resource):
    """The roster (花名册) of the day, by the same choices as its page."""

    noun = "appointment"
    queryset = Appointment.objects.all()
    serializer_class = RosterLineSerializer
    filter_backends: list[type] = []

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Appointment.objects.none()
        query = self.request.query_params.copy()
        query.pop("state", None)
        day = self.request._request.on
        return listing.rows(self.access, query, day).with_paid(day).order_by("pk")

    @extend_schema(parameters=[ON, *CHOICES])
    def list(self, request, *args, **kwargs):
        """The lines of the day. A choice that does not exist is refused, and named."""
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[ON, *DAYS], responses=ChangesSerializer)
    @action(detail=False, methods=["get"])
    def changes(self, request):
        """What changed between two days: who joined, left, moved, rose, was renewed; what was renamed."""
        units = Unit.objects.filter(pk__in=self.access.units("view", "appointment")).named_on(request._request.on)
        named = [(unit.code, unit.name) for unit in units]
        found = changes.read(self.access, request.query_params, request._request.on, named)
        if found.form.errors:
            raise ValidationError(dict(found.form.errors.as_data()))
        told = {"since": found.since, "until": found.until, "people": len(found.rows), "net": found.net}
        told |= {"totals": {key: n for key, _label, n in found.totals}, "results": found.rows}
        return Response(ChangesSerializer(told).data)
