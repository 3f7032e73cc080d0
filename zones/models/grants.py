"""Roles given to users on a unit."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, no_overlap
from common.rights import Role
from zones.models.units import Unit


class Grant(Dated):
    """A role given to a user on a unit, reaching down its tree, for a period."""

    class GrantedRole(models.TextChoices):
        HR = Role.HR.value, Role.HR.label
        ESTABLISHMENT = Role.ESTABLISHMENT.value, Role.ESTABLISHMENT.label
        FINANCE = Role.FINANCE.value, Role.FINANCE.label
        EVALUATOR = Role.EVALUATOR.value, Role.EVALUATOR.label
        AUDITOR = Role.AUDITOR.value, Role.AUDITOR.label

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="grants", verbose_name=_("用户"))
    role = models.CharField(_("角色"), max_length=20, choices=GrantedRole.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants", verbose_name=_("单位"))
    reason = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta(Dated.Meta):
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        ordering = ["user", "role", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("user", "role", "unit", name="zones_grant_once", message=_("该授权在此期间已存在")),
            models.CheckConstraint(
                name="zones_grant_known_role",
                condition=Q(role__in=["hr", "establishment", "finance", "evaluator", "auditor"]),
                violation_error_message=_("该角色由花名册决定，不能授予"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.unit_id}"
