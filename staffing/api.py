"""REST resources of this room; config/urls.py puts ``ROUTES`` under /api/v1/."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ON, ReadResource
from orgchart.models import Bureau, Tier
from staffing import serializers as shapes
from staffing import services
from staffing.models import Appointment, Person, Post, PostGrade, PostVersion
from staffing.people import record_reading
from zones.models import Instrument, Unit


def one(queryset, field: str, **lookup):
    """The row of a natural key among what the caller may see; else an error at the field that named it."""
    row = queryset.filter(**lookup).first()
    if row is None:
        raise ValidationError({field: _("不存在，或不在您的管理范围")})
    return row


class PostFilter(filters.FilterSet):
    unit = filters.CharFilter(method="at")
    bureau = filters.CharFilter(method="at")
    tier = filters.ChoiceFilter(method="at", choices=Tier.Kind.choices)
    grade = filters.CharFilter(method="at")

    class Meta:
        model = Post
        fields: list[str] = []

    def at(self, queryset, name, value):
        path = {"unit": "unit__code", "bureau": "bureau__code", "tier": "tier__kind", "grade": "grade__code"}[name]
        versions = PostVersion.objects.on(self.request._request.on).filter(**{path: value})
        return queryset.filter(pk__in=versions.values("post"))


@extend_schema(tags=["posts"])
class PostResource(ReadResource):
    """Posts, each as it stands on the day (``version``); a list holds those that stand then."""

    noun = "post"
    queryset = Post.objects.all()
    serializer_class = shapes.PostSerializer
    filterset_class = PostFilter
    lookup_field = "code"

    def get_queryset(self):
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        day = self.request._request.on
        if self.action == "list":
            queryset = queryset.filter(pk__in=PostVersion.objects.on(day).values("post"))
        placed = PostVersion.objects.placed(day).order_by()
        return queryset.prefetch_related(Prefetch("versions", placed, to_attr="on_day")).order_by("pk")

    @extend_schema(request=shapes.NewPostSerializer, responses={201: shapes.PostSerializer}, parameters=[ON])
    def create(self, request):
        """Set up a post: its four mandatory things (PST-01), its place and its seats."""
        told = shapes.NewPostSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        unit = one(self.access.scope(Unit.objects.all()), "unit", code=data.pop("unit"))
        if not self.access.can_in(unit.pk, "add", "post"):
            raise exceptions.PermissionDenied
        bureau, number = data.pop("bureau", ""), data.pop("instrument", "")
        made = services.create_post(
            by=self.actor,
            unit=unit,
            bureau=one(self.access.scope(Bureau.objects.all()), "bureau", code=bureau) if bureau else None,
            tier=self._tier(unit, data.pop("tier"), data["starts"]),
            grade=one(PostGrade.objects.all(), "grade", code=data.pop("grade")),
            instrument=one(Instrument.objects.all(), "instrument", code=number) if number else None,
            **data,
        )
        return Response(self._shown(made), status=status.HTTP_201_CREATED)

    def _tier(self, unit: Unit, kind: str, day) -> Tier:
        zone = Unit.objects.zone_ids(unit.pk, day=day)
        return one(Tier.objects.on(day).filter(zone__in=zone), "tier", kind=kind)

    def _shown(self, made: Post) -> dict:
        # A post set up for a later day has no version on this one: shown as of its first.
        version = made.versions.order_by("period").first()
        day = max(self.request._request.on, version.starts)
        made.on_day = list(PostVersion.objects.placed(day).filter(post=made))
        return self.get_serializer(made).data


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
    """Appointments. A list holds those in force on the day; POST appoints, ``end`` ends, ``transfer`` moves."""

    noun = "appointment"
    rights = {"end": "change", "transfer": "change"}
    queryset = Appointment.objects.all()
    serializer_class = shapes.AppointmentSerializer
    filterset_class = AppointmentFilter

    def get_queryset(self):
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        day = self.request._request.on
        queryset = queryset.on(day) if self.action == "list" else queryset
        return queryset.placed(day).order_by("pk")

    def _shown(self, row: Appointment) -> dict:
        day = max(self.request._request.on, row.starts)
        return self.get_serializer(Appointment.objects.placed(day).get(pk=row.pk)).data

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


ROUTES: list[tuple[str, type]] = [
    ("posts", PostResource),
    ("people", PersonResource),
    ("appointments", AppointmentResource),
]
