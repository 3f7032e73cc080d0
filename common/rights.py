"""The one table of rights (design 6): role × noun × action → reach. ``common/access.py`` is the gate that reads it.

``UNITS`` reaches the unit of the role and all below it, ``ZONE`` the whole zone
the role lies in, ``BUREAU`` the head's own bureau, ``SELF`` the person himself,
``ANY`` rows that belong to nobody in particular (the indicator library). What is
not in the table is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    HR = "hr", _("组织人事")
    ESTABLISHMENT = "establishment", _("编办")
    HEAD = "head", _("部门负责人")
    LEADER = "leader", _("园区领导")
    FINANCE = "finance", _("财政")
    EVALUATOR = "evaluator", _("市考核办")
    AUDITOR = "auditor", _("审计")
    STAFF = "staff", _("工作人员")


class Reach(StrEnum):
    UNITS = "units"
    ZONE = "zone"
    BUREAU = "bureau"
    SELF = "self"
    ANY = "any"


HR, ESTABLISHMENT, HEAD, LEADER, FINANCE, EVALUATOR, AUDITOR, STAFF = Role
Rights = dict[Role, Reach]


def _units(*roles: Role) -> Rights:
    return dict.fromkeys(roles, Reach.UNITS)


def _zone(*roles: Role) -> Rights:
    return dict.fromkeys(roles, Reach.ZONE)


def _any(*roles: Role) -> Rights:
    return dict.fromkeys(roles, Reach.ANY)


_OFFICES = (HR, ESTABLISHMENT, LEADER, FINANCE, EVALUATOR, AUDITOR)
_STRUCTURE = _units(*_OFFICES) | _zone(HEAD, LEADER, STAFF)
_BUREAU: Rights = {HEAD: Reach.BUREAU}
_SELF: Rights = {STAFF: Reach.SELF}

#: noun → action → role → reach. The nouns are the REST resources and the pages' subjects.
TABLE: dict[str, dict[str, Rights]] = {
    # A structure is law: whoever approves it may load one, whoever works with it may take it away.
    "unit": {"view": _STRUCTURE, "import": _units(ESTABLISHMENT), "export": _units(*_OFFICES)},
    "figure": {"view": _units(*_OFFICES), "add": _units(FINANCE)},
    "positioning": {"view": _STRUCTURE, "change": _units(HR)},
    "project": {"view": _STRUCTURE, "add": _units(HR, FINANCE), "change": _units(HR, FINANCE)},
    # The law that a zone is held to, its quotas and exceptions: whoever is held to it does not make it.
    "charter": {"view": _STRUCTURE, "add": _units(ESTABLISHMENT)},
    "bureau": {"view": _STRUCTURE, "add": _units(HR)},
    "duty": {"view": _STRUCTURE, "change": _units(HR), "export": _units(*_OFFICES)},
    # Who drafts never decides, who decides never approves: the table gives each to another role,
    # and the database holds it for whoever has two.
    "plan": {
        "view": _units(HR, ESTABLISHMENT, LEADER, AUDITOR),
        "add": _units(HR),
        "change": _units(HR),
        "check": _units(HR, ESTABLISHMENT, LEADER),
        "review": _units(HR),
        "decide": _units(LEADER),
        "approve": _units(ESTABLISHMENT),
        "refuse": _units(ESTABLISHMENT, LEADER),
        "withdraw": _units(HR),
    },
    # A handover is of both sides' units. Each side signs and objects for itself; the office settles.
    "transfer": {
        "view": _units(*_OFFICES),
        "add": _units(HR, ESTABLISHMENT),
        "change": _units(HR, ESTABLISHMENT),
        "sign": _units(HR, LEADER),
        "dispute": _units(HR, LEADER),
        "settle": _units(ESTABLISHMENT),
    },
    "post": {"view": _STRUCTURE, "add": _units(HR), "change": _units(HR)},
    # Grades are shared: who changes one must keep the posts of every unit that uses it (staffing/posting/grades.py).
    "grade": {"view": _any(*Role), "add": _any(HR)},
    "person": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU | _SELF,
        "add": _units(HR),
        "change": _units(HR),
        "import": _units(HR),
        "export": _units(HR, LEADER, AUDITOR),
    },
    # National ID, birth date and telephone: the columns of a person that identify him.
    "identity": {"view": _units(HR) | _SELF, "export": _units(HR)},
    "appointment": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU | _SELF,
        "add": _units(HR),
        "change": _units(HR),
    },
    # A selection round: who runs it, who sees all of it, who decides. Staff see what is published, and nominate
    # themselves; a candidate's own row is all that he sees of the candidates.
    "selection": {
        "view": _units(HR, LEADER, AUDITOR) | _zone(STAFF),
        "oversee": _units(HR, LEADER, AUDITOR),
        "add": _units(HR),
        "change": _units(HR),
        "recommend": _units(HR, LEADER),
        "nominate": _zone(STAFF),
        "decide": _units(LEADER),
        "appoint": _units(HR, LEADER),
    },
    "candidate": {
        "view": _units(HR, LEADER, AUDITOR) | _SELF,
        "change": _units(HR),
        "score": _units(HR),
        "decide": _units(LEADER),
        "withdraw": _units(HR) | _SELF,
    },
    "notice": {
        "view": _units(HR, LEADER, AUDITOR) | _zone(STAFF),
        "add": _units(HR),
        "object": _units(HR) | _zone(STAFF),
    },
    "objection": {"view": _units(HR, LEADER, AUDITOR) | _SELF, "settle": _units(HR, LEADER)},
    # Facts about people. What is grave or private reaches fewer; who is whose kin reaches no superior.
    "absence": {
        "view": _units(HR, LEADER, AUDITOR) | _BUREAU | _SELF,
        "add": _units(HR),
        "change": _units(HR),
    },
    "secondment": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU | _SELF,
        "add": _units(HR),
        "change": _units(HR),
    },
    "sanction": {"view": _units(HR, LEADER, AUDITOR) | _SELF, "add": _units(HR), "change": _units(HR)},
    "inquiry": {"view": _units(HR, LEADER, AUDITOR), "add": _units(HR), "change": _units(HR)},
    "kinship": {"view": _units(HR, AUDITOR) | _SELF, "add": _units(HR), "change": _units(HR)},
    # The library is shared: whoever changes an indicator must keep the cards that stand on it (kpi/promise/).
    "indicator": {"view": _any(*Role), "add": _any(HR, EVALUATOR), "change": _any(HR, EVALUATOR)},
    # A city's year (its units' cards) is the evaluator's to run, a zone's (bureaus and people) its HR's.
    "city_cycle": {
        "view": _units(*_OFFICES),
        "add": _units(EVALUATOR),
        "change": _units(EVALUATOR),
        "publish": _units(EVALUATOR),
        "close": _units(EVALUATOR),
    },
    "zone_cycle": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _zone(HEAD, LEADER, STAFF),
        "add": _units(HR),
        "change": _units(HR),
        "publish": _units(LEADER),
        "close": _units(HR),
    },
    "city_template": {"view": _units(*_OFFICES), "add": _units(EVALUATOR), "change": _units(EVALUATOR)},
    "zone_template": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _zone(HEAD, LEADER, STAFF),
        "add": _units(HR),
        "change": _units(HR),
    },
    # A unit's card is the city's to score, a bureau's and its people's the head's. A leader
    # scores and signs the heads' own cards and no others: kpi/rights.py narrows his reach to those.
    "unit_card": {
        "view": _units(*_OFFICES) | _zone(HEAD),
        "score": _units(EVALUATOR),
        "rate": _units(EVALUATOR),
        "promise": _units(EVALUATOR),
        "sign_assessor": _units(EVALUATOR),
        "sign_assessed": _units(LEADER),
        "retarget": _units(EVALUATOR),
        "adjust": _units(EVALUATOR),
        "approve_adjustment": _units(EVALUATOR),
    },
    "bureau_card": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU,
        "score": _BUREAU,
        "rate": _units(HR, LEADER),
        "promise": _units(HR),
        "sign_assessor": _units(LEADER),
        "sign_assessed": _BUREAU,
        "retarget": _units(HR),
        "adjust": _units(HR),
        "approve_adjustment": _units(LEADER),
    },
    "person_card": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU | _SELF,
        "score": _BUREAU | _units(LEADER),
        "rate": _units(HR, LEADER),
        "promise": _units(HR) | _BUREAU,
        "sign_assessor": _BUREAU | _units(LEADER),
        "sign_assessed": _SELF,
        "retarget": _units(HR),
        "adjust": _units(HR) | _BUREAU,
        "approve_adjustment": _units(LEADER),
    },
    "appeal": {"view": _units(HR, LEADER, AUDITOR) | _SELF, "add": _SELF, "decide": _units(LEADER)},
    # Who is asked to rate has that right by his place in a panel, and whoever keeps the panel never sees a rating of
    # his. The city keeps its own panels and addresses, a zone its own.
    "city_panel": {"view": _units(EVALUATOR, AUDITOR), "add": _units(EVALUATOR), "change": _units(EVALUATOR)},
    "zone_panel": {"view": _units(HR, LEADER, AUDITOR), "add": _units(HR), "change": _units(HR)},
    "city_webhook": {"view": _units(EVALUATOR), "add": _units(EVALUATOR), "change": _units(EVALUATOR)},
    "zone_webhook": {"view": _units(HR), "add": _units(HR), "change": _units(HR)},
    "scheme": {"view": _units(HR, LEADER, FINANCE, EVALUATOR, AUDITOR) | _zone(HEAD, STAFF), "add": _units(FINANCE)},
    # What a unit's pool is and why; what each bureau got of it; what each person got.
    "run": {
        "view": _units(HR, LEADER, FINANCE, EVALUATOR, AUDITOR) | _zone(HEAD),
        "compute": _units(FINANCE),
        # Drafted by one, checked by a second, approved by a third: the table, the services and the database hold it.
        "check": _units(HR, FINANCE),
        "approve": _units(LEADER),
        "cancel": _units(FINANCE),
        "simulate": _units(FINANCE, HR, LEADER),
    },
    "share": {"view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU},
    "allocation": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU | _SELF,
        "export": _units(HR, LEADER, FINANCE, AUDITOR),
    },
    # Money that goes out: drawn up by one, released by another; where it goes is finance's and the person's own.
    "payout": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR),
        "add": _units(FINANCE),
        "release": _units(HR, FINANCE),
    },
    "bank_account": {
        "view": _units(FINANCE) | _SELF,
        "add": _units(FINANCE),
        "change": _units(FINANCE),
        "import": _units(FINANCE),
    },
    # How a unit's term of office was judged: by those who assess, never by those who pay.
    "term_result": {"view": _units(HR, LEADER, FINANCE, EVALUATOR, AUDITOR), "add": _units(HR, EVALUATOR)},
    "report": {"view": _units(HR, LEADER, FINANCE, EVALUATOR, AUDITOR)},
    "audit": {"view": _units(HR, AUDITOR)},
}


def nouns_for(roles: Iterable[Role], action: str) -> set[str]:
    """The nouns on which any of ``roles`` may do ``action``: for documentation and tests."""
    wanted = set(roles)
    return {noun for noun, actions in TABLE.items() if wanted & actions.get(action, {}).keys()}
