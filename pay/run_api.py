"""REST of runs on their way: how far the computing of a year has come."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from pay.models import Run
from pay.progress import progress
from pay.years import asked_year


class ProgressSerializer(serializers.Serializer):
    """Units that were asked for together; ``seconds_left`` is null while none is done. All null: nothing is at work."""

    since = serializers.DateTimeField(allow_null=True)
    total = serializers.IntegerField()
    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    seconds_left = serializers.IntegerField(allow_null=True)


IDLE = {"since": None, "total": 0, "queued": 0, "running": 0, "done": 0, "failed": 0, "seconds_left": None}


class RunProgress:
    """Mixed into the resource of runs: its ``progress`` counts those that the caller may see."""

    @extend_schema(parameters=[OpenApiParameter("year", int)], responses=ProgressSerializer)
    @action(detail=False, methods=["get"])
    def progress(self, request):
        """How far the computing of a year's pools (the newest year's) has come, and how long it will still take."""
        visible = request.access.scope(Run.objects.all())
        if text := request.query_params.get("year", ""):
            year = asked_year(text)
            if year is None:
                raise ValidationError({"year": ["?year=2020"]})
        else:
            year = visible.order_by("-year").values_list("year", flat=True).first()
        found = progress(visible, year) if year else None
        if found is None:
            return Response(IDLE, status=status.HTTP_200_OK)
        told = {name: getattr(found, name) for name in IDLE if name != "seconds_left"}
        left = None if found.left is None else round(found.left.total_seconds())
        return Response(ProgressSerializer(told | {"seconds_left": left}).data)
