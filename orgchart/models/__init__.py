"""The structure of a zone and the law it is held to, both dated."""

from orgchart.models.duties import Duty, DutyAssignment
from orgchart.models.law import Charter, CharterParameter, Quota, QuotaKind, RuleException, Tier
from orgchart.models.plans import Plan, PlanChange, PlanStep, Stage, StructureRevision
from orgchart.models.structure import Bureau, BureauFunction, BureauVersion, Function, Nature

__all__ = [
    "Bureau",
    "BureauFunction",
    "BureauVersion",
    "Charter",
    "CharterParameter",
    "Duty",
    "DutyAssignment",
    "Function",
    "Nature",
    "Plan",
    "PlanChange",
    "PlanStep",
    "Quota",
    "QuotaKind",
    "RuleException",
    "Stage",
    "StructureRevision",
    "Tier",
]
