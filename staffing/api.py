"""REST resources of this room; config/urls.py puts ``ROUTES`` under /api/v1/."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from staffing import serializers as shapes
from staffing import services
from staffing.appointing import tenure
from staffing.models import Appointment, Person, Post
from staffing.personnel.people import record_reading
from staffing.plans.plan_api import Plans
from staffing.posting.post_api import GradeResource, PostResource, one
from staffing.recording import fact_api, fact_shapes
from staffing.roster.roster_api import RosterResource
from zones.models import Unit


class PersonFilter(filters.FilterSet):
    name = filters.CharFilter(lookup_expr="icontains")
    category = filters.ChoiceFilter(choices=Person.Category.choices)
    unit = filters.CharFilter(field_name="home_unit__code")

    class Meta:
        model = Person
        fields: list[str] = []


@extend_schema(tags=["people"])
class PersonResource(ReadResource):
    """People. What identifies them is masked in lists, and in detail unless the caller may read it."""

    noun = "person"
    queryset = Person.objects.select_related("home_unit").order_by("pk")
    serializer_class = shapes.PersonSerializer
    filterset_class = PersonFilter
    lookup_field = "staff_no"
    lookup_value_regex = "[^/]+"

    def _readable(self, person: Person) -> bool:
        readable = self.access.scope(Person.objects.filter(pk=person.pk), "view", "identity").exists()
        if readable:
            record_reading([person], by=self.actor, place="api")
        return readable

    def _shown(self, person: Person) -> dict:
        return self.get_serializer(
            person, context={**self.get_serializer_context(), "readable": self._readable(person)}
        ).data

    def retrieve(self, request, *args, **kwargs):
        return Response(self._shown(self.get_object()))

    @extend_schema(request=shapes.NewPersonSerializer, responses={201: shapes.PersonSerializer})
    def create(self, request):
        """Enter a person. Without ``staff_no`` he gets the unit's next number."""
        told = shapes.NewPersonSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        unit = one(self.access.scope(Unit.objects.all()), "home_unit", code=data.pop("home_unit"))
        if not self.access.can_in(unit.pk, "add", "person"):
            raise exceptions.PermissionDenied
        made = services.add_person(by=self.actor, home_unit=unit, **data)
        return Response(self._shown(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.CorrectPersonSerializer, responses=shapes.PersonSerializer)
    def partial_update(self, request, staff_no=None):
        """Correct what is on file; ``stamp`` must be that of the person as last fetched."""
        person = self.access.get(Person.objects.all(), "change", staff_no=staff_no)
        told = shapes.CorrectPersonSerializer(data=request.data, partial=True)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        seen = data.pop("stamp", "")
        changed = services.correct_person(person=person, by=self.actor, seen=seen, **data)
        return Response(self._shown(changed))


class AppointmentFilter(filters.FilterSet):
    person = filters.CharFilter(field_name="person__staff_no")
    post = filters.CharFilter(field_name="post__code")
    unit = filters.CharFilter(field_name="unit_code")
    bureau = filters.CharFilter(field_name="bureau_code")
    kind = filters.ChoiceFilter(choices=Appointment.Kind.choices)

    class Meta:
        model = Appointment
        fields: list[str] = []


@extend_schema(tags=["appointments"])
class AppointmentResource(ReadResource):
    """Appointments. A list holds those in force on the day; POST appoints, PATCH mends what was entered wrongly.

    ``end`` ends one, ``transfer`` moves to another post, ``renew`` begins a new term, ``probation`` and ``step``
    record what happened within one.
    """

    noun = "appointment"
    rights = dict.fromkeys(("end", "transfer", "renew", "probation", "step"), "change")
    queryset = Appointment.objects.all()
    serializer_class = shapes.AppointmentSerializer
    filterset_class = AppointmentFilter

    def get_queryset(self):
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        day = self.request._request.on
        queryset = queryset.on(day) if self.action == "list" else queryset
        return queryset.placed(day).with_paid(day).order_by("pk")

    def _shown(self, row: Appointment) -> dict:
        day = max(self.request._request.on, row.starts)
        return self.get_serializer(Appointment.objects.placed(day).with_paid(day).get(pk=row.pk)).data

    def _post(self, code: str, day) -> Post:
        """The post of that code, for a caller who may fill it on that day."""
        post = one(self.access.scope(Post.objects.all()), "post", code=code)
        version = post.versions.on(day).first() or post.versions.order_by("-period").first()
        if not self.access.can_in(version.unit_id, "add", "appointment"):
            raise exceptions.PermissionDenied
        return post

    @extend_schema(request=shapes.AppointSerializer, responses={201: shapes.AppointmentSerializer})
    def create(self, request):
        """Appoint a person to a post; without ``seat`` to the lowest free one."""
        told = shapes.AppointSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        person = one(self.access.scope(Person.objects.all()), "person", staff_no=data.pop("person"))
        post = self._post(data.pop("post"), data["starts"])
        row = services.appoint(person=person, post=post, by=self.actor, **data)
        return Response(self._shown(row), status=status.HTTP_201_CREATED)

    def _mine(self) -> Appointment:
        rows = Appointment.objects.select_related("person", "post")
        return self.access.get(rows, "change", pk=self.kwargs["pk"])

    @extend_schema(request=shapes.EndSerializer, responses=shapes.AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request, pk=None):
        """End an appointment: ``on`` is the last day in the post."""
        row = self._mine()
        told = shapes.EndSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        return Response(self._shown(services.end_appointment(appointment=row, by=self.actor, **told.validated_data)))

    @extend_schema(request=shapes.TransferSerializer, responses={201: shapes.AppointmentSerializer})
    @action(detail=True, methods=["post"])
    def transfer(self, request, pk=None):
        """Move a person to another post; the appointment ends the day before the new one begins."""
        row = self._mine()
        told = shapes.TransferSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        post = self._post(data.pop("post"), data["starts"])
        made = services.transfer(appointment=row, post=post, by=self.actor, **data)
        return Response(self._shown(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.RenewSerializer, responses={201: shapes.AppointmentSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request, pk=None):
        """Begin a new term on the same seat; the old one ends the day before."""
        row = self._mine()
        made = services.renew(appointment=row, by=self.actor, **_told(request, shapes.RenewSerializer))
        return Response(self._shown(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.CorrectAppointmentSerializer, responses=shapes.AppointmentSerializer)
    def partial_update(self, request, pk=None):
        """Mend what was entered wrongly: days, document and terms. Who and which post are never corrected."""
        row = self._mine()
        data = _told(request, shapes.CorrectAppointmentSerializer)
        return Response(self._shown(services.correct_appointment(appointment=row, by=self.actor, **data)))

    @extend_schema(request=fact_shapes.NewTrialSerializer, responses={201: fact_shapes.TrialSerializer})
    @action(detail=True, methods=["post"])
    def probation(self, request, pk=None):
        """Decide on the probation: passed, extended, or failed, which ends the appointment that day."""
        row = self._mine()
        made = tenure.settle_probation(appointment=row, by=self.actor, **_told(request, fact_shapes.NewTrialSerializer))
        return Response(fact_shapes.TrialSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=fact_shapes.NewStepSerializer, responses={201: fact_shapes.StepChangeSerializer})
    @action(detail=True, methods=["post"])
    def step(self, request, pk=None):
        """Change the pay step from a day on; what it was before stays on file."""
        row = self._mine()
        made = tenure.change_step(appointment=row, by=self.actor, **_told(request, fact_shapes.NewStepSerializer))
        return Response(fact_shapes.StepChangeSerializer(made).data, status=status.HTTP_201_CREATED)


def _told(request, shape: type[ServiceSerializer]) -> dict[str, Any]:
    """What the caller sent, checked."""
    told = shape(data=request.data)
    told.is_valid(raise_exception=True)
    return dict(told.validated_data)


ROUTES: list[tuple[str, type]] = [
    ("plans", Plans),
    ("posts", PostResource),
    ("grades", GradeResource),
    ("people", PersonResource),
    ("appointments", AppointmentResource),
    ("roster", RosterResource),
    *fact_api.ROUTES,
]
