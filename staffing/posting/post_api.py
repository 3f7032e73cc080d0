"""REST resources of posts and of post grades."""

from __future__ import annotations

import datetime as dt

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
from staffing import services
from staffing.models import GradeCoefficient, Post, PostGrade, PostVersion
from staffing.posting import levels, posts
from staffing.posting import post_shapes as shapes
from staffing.posting.grades import may_set
from staffing.posting.post_listing import VACANT, narrowed
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
    category = filters.ChoiceFilter(method="at", choices=PostVersion.Category.choices)
    level = filters.ChoiceFilter(method="at", choices=levels.CHOICES)
    seats = filters.ChoiceFilter(method="at", choices=VACANT)
    open = filters.BooleanFilter(method="at")

    class Meta:
        model = Post
        fields: list[str] = []

    def at(self, queryset, name, value):
        rows = PostVersion.objects.placed(self.request._request.on)
        return queryset.filter(pk__in=narrowed(rows, {name: value}).order_by().values("post"))


@extend_schema(tags=["posts"])
class PostResource(ReadResource):
    """Posts, each as it stands on the day (``version``); a list holds those that stand then."""

    noun = "post"
    rights = {"revise": "change", "copy": "add", "close": "change"}
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
        made = services.create_post(by=self.actor, **self._placed(unit, data))
        return Response(self._shown(made), status=status.HTTP_201_CREATED)

    def _placed(self, unit: Unit, data: dict) -> dict:
        """What was told of a post, with rows for the codes that were."""
        if "bureau" in data:
            code = data.pop("bureau")
            data["bureau"] = one(self.access.scope(Bureau.objects.all()), "bureau", code=code) if code else None
        data["unit"] = unit
        return self._read(data, unit)

    def _read(self, data: dict, unit: Unit) -> dict:
        if "tier" in data:
            data["tier"] = posts.tier_of(unit, data["tier"], data["starts"])
        if "grade" in data:
            data["grade"] = one(PostGrade.objects.all(), "grade", code=data["grade"])
        if "instrument" in data:
            number = data["instrument"]
            data["instrument"] = one(Instrument.objects.all(), "instrument", code=number) if number else None
        return data

    def _mine(self, day) -> tuple[Post, PostVersion]:
        """The post, and its version of the day, for a caller who may change it."""
        found = self.access.get(Post.objects.all(), "change", code=self.kwargs["code"])
        version = found.versions.on(day).select_related("unit").first() or found.versions.order_by("-period").first()
        if not self.access.can_in(version.unit_id, "change", "post"):
            raise exceptions.PermissionDenied
        return found, version

    @extend_schema(request=shapes.RevisePostSerializer, responses=shapes.PostSerializer, parameters=[ON])
    @action(detail=True, methods=["post"])
    def revise(self, request, code=None):
        """Change a post from ``starts`` on; what is not named stays. Its place changes only through a plan."""
        found, version = self._mine(request._request.on)
        told = shapes.RevisePostSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        data = self._read(dict(told.validated_data), version.unit)
        services.revise_post(post=found, by=self.actor, seen=data.pop("stamp", None), **data)
        return Response(self._shown(found))

    @extend_schema(request=shapes.CopyPostSerializer, responses={201: shapes.PostSerializer}, parameters=[ON])
    @action(detail=True, methods=["post"])
    def copy(self, request, code=None):
        """Set up another post like this one; what is named differs."""
        found, version = self._mine(request._request.on)
        told = shapes.CopyPostSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        unit = version.unit
        if "unit" in data:
            unit = one(self.access.scope(Unit.objects.all()), "unit", code=data.pop("unit"))
        if not self.access.can_in(unit.pk, "add", "post"):
            raise exceptions.PermissionDenied
        made = services.copy_post(source=found, by=self.actor, **self._placed(unit, data))
        return Response(self._shown(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.ClosePostSerializer, responses=shapes.PostSerializer, parameters=[ON])
    @action(detail=True, methods=["post"])
    def close(self, request, code=None):
        """Close a post: ``on`` is its last day. Refused while people hold a seat after it; they are named."""
        found, _version = self._mine(request._request.on)
        told = shapes.ClosePostSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        services.close_post(post=found, by=self.actor, seen=data.pop("stamp", None), **data)
        return Response(self._shown(found))

    def _shown(self, made: Post) -> dict:
        # A post set up for a later day, or closed, has no version on this one: shown as of its nearest.
        first, last = made.versions.order_by("period").first(), made.versions.order_by("-period").first()
        day = min(max(self.request._request.on, first.starts), last.last_day or dt.date.max)
        made.on_day = list(PostVersion.objects.placed(day).filter(post=made))
        return self.get_serializer(made).data


@extend_schema(tags=["posts"])
class GradeResource(ReadResource):
    """Post grades with their coefficients: that of the day, and the whole history."""

    noun = "grade"
    rights = {"coefficients": "add"}
    queryset = PostGrade.objects.all()
    serializer_class = shapes.GradeSerializer
    lookup_field = "code"

    def get_queryset(self):
        rows = GradeCoefficient.objects.select_related("instrument").order_by("period")
        return super().get_queryset().prefetch_related(Prefetch("coefficients", rows, to_attr="history")).order_by("pk")

    def _shown(self, grade: PostGrade) -> dict:
        return self.get_serializer(self.get_queryset().get(pk=grade.pk)).data

    @extend_schema(request=shapes.NewGradeSerializer, responses={201: shapes.GradeSerializer})
    def create(self, request):
        """Set up a grade with its first coefficient."""
        told = shapes.NewGradeSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        instrument = one(Instrument.objects.all(), "instrument", code=data.pop("instrument"))
        made = services.create_grade(by=self.actor, instrument=instrument, **data)
        return Response(self._shown(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.CoefficientInput, responses={201: shapes.GradeSerializer})
    @action(detail=True, methods=["post"])
    def coefficients(self, request, code=None):
        """A new coefficient from ``starts`` on. Only for who keeps the posts of every unit that uses the grade."""
        grade = self.access.get(PostGrade.objects.all(), "add", code=code)
        told = shapes.CoefficientInput(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        if not may_set(self.access, grade, data["starts"]):
            raise exceptions.PermissionDenied
        data["instrument"] = one(Instrument.objects.all(), "instrument", code=data["instrument"])
        services.set_coefficient(grade=grade, by=self.actor, **data)
        return Response(self._shown(grade), status=status.HTTP_201_CREATED)
