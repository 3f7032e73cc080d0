"""The roster's import over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from common.imports.api import ImportResource
from staffing.imports import RosterImporter


@extend_schema(tags=["people"])
class RosterImports(ImportResource):
    """A roster (XLSX or CSV), in the units whose people the caller may import."""

    noun = "person"

    def importer(self, source: str) -> RosterImporter:
        return RosterImporter(self.reach(self.noun), self.actor, self.request._request.on, source)


ROUTES: list[tuple[str, type]] = [("roster-imports", RosterImports)]
