"""Simulations that somebody asked to keep."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PlainJSON
from zones.models import Unit


class Scenario(models.Model):
    """A user's saved simulation of a unit's year: what he changed, and what that gave then.

    ``slot`` is its place of three: no more are kept, so that they can be seen
    side by side. ``outcome`` holds the fingerprint of the inputs that it was
    made from, so that a later reader is told when they have changed.
    """

    SLOTS = (1, 2, 3)

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="scenarios", verbose_name=_("单位"))
    year = models.PositiveSmallIntegerField(_("年度"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="scenarios", verbose_name=_("用户"))
    slot = models.PositiveSmallIntegerField(_("位置"))
    name = models.CharField(_("名称"), max_length=60)
    parameters = models.JSONField(_("参数"), default=dict, encoder=PlainJSON)
    outcome = models.JSONField(_("结果"), default=dict, encoder=PlainJSON)
    saved_at = models.DateTimeField(_("保存时间"), auto_now=True)

    class Meta:
        verbose_name = _("测算方案")
        verbose_name_plural = _("测算方案")
        ordering = ["unit", "year", "slot"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "user", "name"], name="pay_scenario_once"),
            models.UniqueConstraint(fields=["unit", "year", "user", "slot"], name="pay_scenario_slot"),
            models.CheckConstraint(
                name="pay_scenario_three",
                condition=models.Q(slot__in=[1, 2, 3]),
                violation_error_message=_("最多保存三个测算方案"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
