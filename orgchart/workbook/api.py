"""A whole structure over REST: the workbook out, as of a day, and in."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from common.api import ON, Resource
from common.books import XLSX
from common.imports.api import ImportResource
from orgchart.import_views import exportable
from orgchart.workbook.exporting import file_name, structure_book
from orgchart.workbook.importing import StructureImporter
from zones.models import Unit


@extend_schema(tags=["structures"])
class StructureImports(ImportResource):
    """A structure workbook, in the units that the caller's establishment office reaches."""

    noun = "unit"

    def importer(self, source: str) -> StructureImporter:
        return StructureImporter(self.reach(self.noun), self.access.units("view", self.noun), self.actor, source)


@extend_schema(tags=["structures"])
class Structures(Resource):
    """The structure of a zone, or of a park that stands by itself, as the workbook that is imported."""

    noun = "unit"
    queryset = Unit.objects.all()
    rights = {"retrieve": "export"}
    lookup_field = "code"

    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY}, parameters=[ON])
    def retrieve(self, request, code: str):
        """The workbook as of the day."""
        zone, day = exportable(self.access, code), request._request.on
        answer = HttpResponse(structure_book(zone, day, self.access.units("export", self.noun)), content_type=XLSX)
        answer["Content-Disposition"] = content_disposition_header(True, file_name(zone, day))
        return answer


ROUTES: list[tuple[str, type]] = [("structures", Structures), ("structure-imports", StructureImports)]
