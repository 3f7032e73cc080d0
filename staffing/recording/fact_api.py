"""Dated facts about people as REST resources: recorded, corrected, closed, annulled by the services of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions, mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ON, ReadResource, Resource
from staffing.models import Absence, Inquiry, Kinship, Person, Sanction, Secondment, StepChange, Trial
from staffing.posting.post_api import one
from staffing.recording import fact_services as services
from staffing.recording import fact_shapes as shapes
from zones.models import Unit


class FactFilter(filters.FilterSet):
    person = filters.CharFilter(field_name="person__staff_no")


class KinshipFilter(filters.FilterSet):
    person = filters.CharFilter(method="either", help_text="either of the two")

    def either(self, queryset, name, value):
        return queryset.filter(Q(person__staff_no=value) | Q(relative__staff_no=value))


class FactResource(ReadResource):
    """A kind of fact. A list holds those in force on the day; annulled ones are only for whoever keeps them.

    POST records, PATCH mends what was entered wrongly, ``close`` ends an open one, ``annul`` takes one back.
    """

    rights = {"close": "change", "annul": "change"}
    filterset_class: type[filters.FilterSet] = FactFilter
    #: The service that records one, and what the verbs take.
    record: Callable[..., Any]
    new: type[shapes.ServiceSerializer]
    correct: type[shapes.CorrectSerializer]
    closing: type[shapes.CloseSerializer] = shapes.CloseSerializer

    def get_queryset(self) -> QuerySet:
        found = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return found
        if self.action == "list":
            return found.standing().on(self.request._request.on).order_by("pk")
        kept = self.access.scope(found.model.objects.all(), "change")
        return found.filter(Q(annulled=False) | Q(pk__in=kept.values("pk")))

    def _told(self, shape: type[shapes.ServiceSerializer]) -> dict[str, Any]:
        """What the caller sent, with rows for the codes of it."""
        told = shape(data=self.request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        if "host_unit" in data:
            code = data["host_unit"]
            data["host_unit"] = one(self.access.scope(Unit.objects.all()), "host_unit", code=code) if code else None
        for name in ("person", "relative"):
            if name in data:
                data[name] = one(self.access.scope(Person.objects.all()), name, staff_no=data[name])
        return data

    def _mine(self) -> Any:
        return self.access.get(super().get_queryset(), "change", pk=self.kwargs["pk"])

    def create(self, request):
        """Record one. Nobody does it about himself."""
        data = self._told(self.new)
        if not self.access.can_in(data["person"].home_unit_id, "add", self.noun):
            raise exceptions.PermissionDenied
        made = type(self).record(by=self.actor, **data)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        """Mend what was entered wrongly; ``stamp`` must be that of the fact as last fetched."""
        row = self._mine()
        data = self._told(self.correct)
        data["seen"] = data.pop("stamp")
        data.setdefault("starts", row.starts)
        data.setdefault("ends", row.last_day)
        return Response(self.get_serializer(services.correct_fact(fact=row, by=self.actor, **data)).data)

    @action(detail=True, methods=["post"])
    def close(self, request, pk=None):
        """End an open one: ``on`` is its last day."""
        row = self._mine()
        return Response(
            self.get_serializer(services.close_fact(fact=row, by=self.actor, **self._told(self.closing))).data
        )

    @action(detail=True, methods=["post"])
    def annul(self, request, pk=None):
        """Take back what never was so; it stays on file and counts no more."""
        row = self._mine()
        data = self._told(shapes.AnnulSerializer)
        data["seen"] = data.pop("stamp")
        return Response(self.get_serializer(services.annul_fact(fact=row, by=self.actor, **data)).data)


def described(resource: type[FactResource]) -> type[FactResource]:
    """With its verbs in the schema, by what they take and give."""
    given = resource.serializer_class
    return extend_schema(tags=["facts"])(
        extend_schema_view(
            create=extend_schema(request=resource.new, responses={201: given}),
            partial_update=extend_schema(request=resource.correct, responses=given),
            close=extend_schema(request=resource.closing, responses=given),
            annul=extend_schema(request=shapes.AnnulSerializer, responses=given),
        )(resource)
    )


@described
class AbsenceResource(FactResource):
    """Leave, and absence without it."""

    noun = "absence"
    queryset = Absence.objects.select_related("person")
    serializer_class = shapes.AbsenceSerializer
    record = services.record_absence
    new, correct = shapes.NewAbsenceSerializer, shapes.CorrectAbsenceSerializer


@described
class SecondmentResource(FactResource):
    """Work for another unit while the personnel relation stays (APT-16)."""

    noun = "secondment"
    queryset = Secondment.objects.select_related("person", "home_unit", "host_unit")
    serializer_class = shapes.SecondmentSerializer
    record = services.record_secondment
    new, correct = shapes.NewSecondmentSerializer, shapes.CorrectSecondmentSerializer


@described
class SanctionResource(FactResource):
    """Sanctions during their effect."""

    noun = "sanction"
    queryset = Sanction.objects.select_related("person")
    serializer_class = shapes.SanctionSerializer
    record = services.record_sanction
    new, correct = shapes.NewSanctionSerializer, shapes.CorrectSanctionSerializer


@described
class InquiryResource(FactResource):
    """Cases under investigation."""

    noun = "inquiry"
    queryset = Inquiry.objects.select_related("person")
    serializer_class = shapes.InquirySerializer
    record = services.open_inquiry
    new, correct = shapes.NewInquirySerializer, shapes.CorrectInquirySerializer
    closing = shapes.CloseInquirySerializer


@described
class KinshipResource(FactResource):
    """Who is whose kin; each pair once."""

    noun = "kinship"
    queryset = Kinship.objects.select_related("person", "relative")
    serializer_class = shapes.KinshipSerializer
    filterset_class = KinshipFilter
    record = services.record_kinship
    new, correct = shapes.NewKinshipSerializer, shapes.CorrectKinshipSerializer


class TermFilter(filters.FilterSet):
    person = filters.CharFilter(field_name="appointment__person__staff_no")
    appointment = filters.NumberFilter(field_name="appointment")


class TermResource(mixins.ListModelMixin, Resource):
    """What happened within terms, up to the day; it is recorded at its appointment."""

    noun = "appointment"
    filterset_class = TermFilter
    #: The column of the day on which it happened.
    dated = ""

    def get_queryset(self) -> QuerySet:
        found = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return found
        return found.filter(**{f"{self.dated}__lte": self.request._request.on}).order_by("pk")


@extend_schema(tags=["appointments"], parameters=[ON])
class ProbationResource(TermResource):
    """What came of probations; a new one by ``appointments/<id>/probation/``."""

    dated = "decided_on"
    queryset = Trial.objects.select_related("appointment__person", "appointment__post")
    serializer_class = shapes.TrialSerializer


@extend_schema(tags=["appointments"], parameters=[ON])
class StepChangeResource(TermResource):
    """Changes of the pay step; a new one by ``appointments/<id>/step/``."""

    dated = "starts"
    queryset = StepChange.objects.select_related("appointment__person", "appointment__post")
    serializer_class = shapes.StepChangeSerializer


ROUTES: list[tuple[str, type]] = [
    ("absences", AbsenceResource),
    ("secondments", SecondmentResource),
    ("sanctions", SanctionResource),
    ("inquiries", InquiryResource),
    ("kinships", KinshipResource),
    ("probations", ProbationResource),
    ("step-changes", StepChangeResource),
]
