"""Simulations that somebody asked to keep."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PlainJSON
from zones.models import Unit


class Scenario(models.Model):
    """A user's saved simulation of a unit's year: its parameters, and the totals that they gave then."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="scenarios", verbose_name=_("单位"))
    year = models.PositiveSmallIntegerField(_("年度"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="scenarios", verbose_name=_("用户"))
    name = models.CharField(_("名称"), max_length=60)
    parameters = models.JSONField(_("参数"), default=dict, encoder=PlainJSON)
    outcome = models.JSONField(_("结果"), default=dict, encoder=PlainJSON)
    saved_at = models.DateTimeField(_("保存时间"), auto_now=True)

    class Meta:
        verbose_name = _("测算方案")
        verbose_name_plural = _("测算方案")
        ordering = ["unit", "year", "pk"]
        constraints = [models.UniqueConstraint(fields=["unit", "year", "user", "name"], name="pay_scenario_once")]

    def __str__(self) -> str:
        return self.name
