"""The territory: units and who they report to, what each is for, their figures, and roles given on them."""

from zones.models.figures import Figure, Metric
from zones.models.grants import Grant
from zones.models.shared import Bilingual, Example, Instrument
from zones.models.territory import Industry, Positioning, Project, ProjectStage
from zones.models.units import Unit, UnitVersion

__all__ = [
    "Bilingual",
    "Example",
    "Figure",
    "Grant",
    "Industry",
    "Instrument",
    "Metric",
    "Positioning",
    "Project",
    "ProjectStage",
    "Unit",
    "UnitVersion",
]
