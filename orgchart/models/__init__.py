"""The structure of a zone and the law it is held to, both dated."""

from orgchart.models.duties import Duty, DutyAssignment
from orgchart.models.law import Charter, CharterParameter, Quota, QuotaKind, RuleException, Tier
from orgchart.models.plans import Plan, PlanChange, PlanStep, Stage, StructureRevision
from orgchart.models.structure import Bureau, BureauFunction, BureauVersion, Function, Nature
from orgchart.models.transfers import DutyTransfer, Side, TransferDispute, TransferLine, TransferSignature

__all__ = [
    "Bureau",
    "BureauFunction",
    "BureauVersion",
    "Charter",
    "CharterParameter",
    "Duty",
    "DutyAssignment",
    "DutyTransfer",
    "Function",
    "Nature",
    "Plan",
    "PlanChange",
    "PlanStep",
    "Quota",
    "QuotaKind",
    "RuleException",
    "Side",
    "Stage",
    "StructureRevision",
    "Tier",
    "TransferDispute",
    "TransferLine",
    "TransferSignature",
]
