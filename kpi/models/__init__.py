"""What was promised and what was delivered: scorecards of units, bureaus and people."""

from kpi.models.cards import Evidence, Line, Scorecard, Signature, TargetChange
from kpi.models.cycles import Cycle, QuotaRaise
from kpi.models.grades import GradeRule
from kpi.models.hooks import Delivery, Webhook
from kpi.models.library import Indicator, Template, TemplateLine
from kpi.models.panels import Panel, PanelGroup, PanelLine, PanelRating, Rater, Reminder
from kpi.models.results import Adjustment, Appeal, Rating, Result, Undetermined

__all__ = [
    "Adjustment",
    "Appeal",
    "Cycle",
    "Delivery",
    "Evidence",
    "GradeRule",
    "Indicator",
    "Line",
    "Panel",
    "PanelGroup",
    "PanelLine",
    "PanelRating",
    "QuotaRaise",
    "Rater",
    "Rating",
    "Reminder",
    "Result",
    "Scorecard",
    "Signature",
    "TargetChange",
    "Template",
    "TemplateLine",
    "Undetermined",
    "Webhook",
]
