"""Posts and people: what work there is, who was put to it, from when to when."""

from staffing.models.appointments import Appointment
from staffing.models.desk import CalendarFeed, ColumnChoice
from staffing.models.filings import PostPlanFiling
from staffing.models.people import Person
from staffing.models.posts import GradeCoefficient, Post, PostGrade, PostVersion

__all__ = [
    "Appointment",
    "CalendarFeed",
    "ColumnChoice",
    "GradeCoefficient",
    "Person",
    "Post",
    "PostGrade",
    "PostPlanFiling",
    "PostVersion",
]
