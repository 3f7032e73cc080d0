"""Posts and people: what work there is, who was put to it, from when to when, and how he was selected."""

from staffing.models.appointments import Appointment
from staffing.models.candidates import Applicant, Candidate, Score
from staffing.models.desk import CalendarFeed, ColumnChoice
from staffing.models.facts import Absence, Fact, Inquiry, Kinship, Sanction, Secondment, StepChange, Trial
from staffing.models.filings import PostPlanFiling
from staffing.models.outcomes import Notice, Objection, Outcome
from staffing.models.people import Person
from staffing.models.posts import GradeCoefficient, Post, PostGrade, PostVersion
from staffing.models.selections import Selection, SelectionPost, SelectionStep
from staffing.models.status import RetirementAge, StatusCorrection
from staffing.models.transfers import TransferStaff

__all__ = [
    "Absence",
    "Applicant",
    "Appointment",
    "CalendarFeed",
    "Candidate",
    "ColumnChoice",
    "Fact",
    "GradeCoefficient",
    "Inquiry",
    "Kinship",
    "Notice",
    "Objection",
    "Outcome",
    "Person",
    "Post",
    "PostGrade",
    "PostPlanFiling",
    "PostVersion",
    "RetirementAge",
    "Sanction",
    "Score",
    "Secondment",
    "Selection",
    "SelectionPost",
    "SelectionStep",
    "StatusCorrection",
    "StepChange",
    "TransferStaff",
    "Trial",
]
