"""REST resources of the library of indicators."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from common.api import ReadResource
from kpi.models import Indicator
from kpi.promise.indicators import create_indicator


class IndicatorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Indicator
        fields = (
            "code",
            "name",
            "name_en",
            "kind",
            "method",
            "measure",
            "data_source",
            "parameters",
            "is_example",
        )


class Indicators(ReadResource):
    """The library of indicators: what is measured, and how points follow from it."""

    noun = "indicator"
    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    lookup_field = "code"
    filterset_fields = ("kind", "method")

    @extend_schema(request=IndicatorSerializer, responses={201: IndicatorSerializer})
    def create(self, request):
        """Add an indicator; its parameters must be those that its method computes with."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = create_indicator(by=self.actor, **given.validated_data)
        return Response(self.get_serializer(row).data, status=HTTPStatus.CREATED)


ROUTES: list[tuple[str, type]] = [("indicators", Indicators)]
