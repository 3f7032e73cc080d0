"""Posts and people: what work there is, who was put to it, from when to when, and how he was selected."""

from staffing.models.appointments import Appointment
from staffing.models.candidates import Applicant, Candidate, Score
from staffing.models.desk import CalendarFeed, ColumnChoice
from staffing.models.filings import PostPlanFiling
from staffing.models.outcomes import Notice, Objection, Outcome
from staffing.models.people import Person
from staffing.models.posts import GradeCoefficient, Post, PostGrade, PostVersion
from staffing.models.selections import Selection, SelectionPost, SelectionStep

__all__ = [
    "Applicant",
    "Appointment",
    "CalendarFeed",
    "Candidate",
    "ColumnChoice",
    "GradeCoefficient",
    "Notice",
    "Objection",
    "Outcome",
    "Person",
    "Post",
    "PostGrade",
    "PostPlanFiling",
    "PostVersion",
    "Score",
    "Selection",
    "SelectionPost",
    "SelectionStep",
]
