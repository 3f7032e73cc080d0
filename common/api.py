"""The base of every REST resource.

A resource names its ``noun``; the same table that binds the pages (common/rights.py)
binds it, narrowed by the token's scopes.
"""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from knox.models import get_token_model
from rest_framework import exceptions, mixins, serializers, viewsets

from common.access import Access
from common.actors import Actor
from common.periods import refuse_far

ON = OpenApiParameter("on", str, description="As of this day (YYYY-MM-DD); default today.")


class Resource(viewsets.GenericViewSet):
    """Base of the REST resources: ``on``, ``access`` and ``actor`` are set before anything is read.

    ``rights`` maps a viewset action to an action of the table where the HTTP
    method does not say it (``{"score": "score"}``).
    """

    noun: str = ""
    rights: dict[str, str] = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "lookup_value_regex" not in cls.__dict__:
            # Letters for a number are an address that is none, before they reach a query.
            cls.lookup_value_regex = "[0-9]{1,18}" if cls.lookup_field == "pk" else "[^/.]+"

    def perform_authentication(self, request):
        try:
            super().perform_authentication(request)
        except UnicodeDecodeError as error:  # a token is hexadecimal; knox decodes before it looks
            raise exceptions.AuthenticationFailed from error
        if request.user.is_authenticated:
            token = request.auth if isinstance(request.auth, get_token_model()) else None
            request._request.access = Access(request.user, narrowed=token.allows if token else None)
            request._request.actor = Actor.of(request, "api")

    @property
    def access(self) -> Access:
        return self.request.access

    @property
    def actor(self) -> Actor:
        return self.request.actor

    def get_queryset(self):
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return self.access.scope(queryset)


@extend_schema(parameters=[ON])
class ReadResource(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource):
    """A resource that can be listed and fetched."""


class ServiceSerializer(serializers.Serializer):
    """Input of a service: plain fields, no model writes of its own."""

    def get_fields(self):
        """A day that no record can be about is refused at its field."""
        fields = super().get_fields()
        for field in fields.values():
            if isinstance(field, serializers.DateField):
                field.validators = [*field.validators, refuse_far]
        return fields

    def create(self, validated_data):
        raise TypeError("services write, serializers do not")

    def update(self, instance, validated_data):
        self.create(validated_data)
