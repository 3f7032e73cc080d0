"""The roster's import over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from common.imports.api import ImportResource
from staffing.intake.import_views import post_units
from staffing.intake.imports import RosterImporter


@extend_schema(tags=["people"])
class RosterImports(ImportResource):
    """A roster (XLSX or CSV), with a sheet of posts where wanted, in the units that the caller may import."""

    noun = "person"

    def importer(self, source: str) -> RosterImporter:
        return RosterImporter(
            self.reach(self.noun), self.actor, self.request._request.on, source, post_units(self.access)
        )


ROUTES: list[tuple[str, type]] = [("roster-imports", RosterImports)]
