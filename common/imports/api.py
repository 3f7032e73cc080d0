"""Imports over REST: a file in, the report out; a dry run unless the caller says otherwise."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response

from common.api import ON, Resource, ServiceSerializer
from common.imports import deeds
from common.imports.deeds import Importer
from common.imports.report import Report, Summary
from common.sheets import MAX_BYTES


class ImportInput(ServiceSerializer):
    """The file, at most 10 MB, and whether it is only to be looked at (``dry_run``, the default)."""

    file = serializers.FileField()
    dry_run = serializers.BooleanField(default=True)

    def validate_file(self, value: Any) -> Any:
        if value.size > MAX_BYTES:
            raise serializers.ValidationError(f"more than {MAX_BYTES // 1024 // 1024} MB")
        return value


class FaultShape(serializers.Serializer):
    """What is wrong with the file, and where."""

    sheet = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField()
    value = serializers.CharField()
    reason = serializers.CharField()


class ImportReport(serializers.Serializer):
    """What the file would do, or did: lines by kind, rows written, and every fault (the first hundred)."""

    written_for_real = serializers.BooleanField()
    counts = serializers.DictField(child=serializers.IntegerField())
    written = serializers.DictField(child=serializers.IntegerField())
    notes = serializers.ListField(child=serializers.CharField())
    fault_count = serializers.IntegerField()
    faults = FaultShape(many=True)


class ImportResource(Resource):
    """POST a file; a room says which ``importer`` reads it, and asks the caller's rights there."""

    parser_classes = [MultiPartParser, JSONParser]
    rights = {"create": "import"}
    serializer_class = ImportReport

    def importer(self, source: str) -> Importer:
        """The import in the caller's reach."""
        raise NotImplementedError

    @extend_schema(
        request={"multipart/form-data": ImportInput},
        responses={200: ImportReport, 201: ImportReport, 400: ImportReport},
        parameters=[ON],
    )
    def create(self, request):
        """Check the file, or carry it out. 201 when it was written, 400 with its faults when it is bad."""
        told = ImportInput(data=request.data)
        told.is_valid(raise_exception=True)
        file, dry_run = told.validated_data["file"], told.validated_data["dry_run"]
        content = file.read()
        importer = self.importer(file.name)
        report = deeds.preview(content, importer) if dry_run else deeds.carry_out(content, importer)
        return Response(self._shown(report, written=not dry_run and report.clean), status=self._status(report, dry_run))

    def _status(self, report: Report, dry_run: bool) -> int:
        if not report.clean:
            return status.HTTP_400_BAD_REQUEST
        return status.HTTP_200_OK if dry_run else status.HTTP_201_CREATED

    def _shown(self, report: Report, *, written: bool) -> dict:
        return ImportReport({**vars(Summary.of(report)), "written_for_real": written}).data

    def reach(self, noun: str) -> frozenset[int]:
        """The units in which the caller may import; raises PermissionDenied where there is none."""
        if not (units := self.access.units("import", noun)):
            raise exceptions.PermissionDenied
        return units
