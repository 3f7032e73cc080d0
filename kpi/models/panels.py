"""Who rates what cannot be counted (民主测评): panels of groups of raters, and their ratings."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.rights import Reach
from kpi.models.cards import Line
from kpi.models.cycles import Cycle


class Panel(models.Model):
    """Groups of raters for lines of a year; of each group the ``trim`` highest and lowest ratings are left out."""

    noun = "panel"

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="panels", verbose_name=_("考核年度"))
    name = models.CharField(_("名称"), max_length=100)
    trim = models.PositiveSmallIntegerField(_("去掉最高、最低分各几个"), default=0)
    closes_on = models.DateField(_("截止日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("测评组")
        verbose_name_plural = _("测评组")
        ordering = ["cycle", "name"]
        constraints = [models.UniqueConstraint(fields=["cycle", "name"], name="kpi_panel_once")]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(cycle__holder__in=ids) if reach is Reach.UNITS else Q(pk__in=[])


class PanelGroup(models.Model):
    """Raters of one kind (leaders, peers, those served); the weights of a panel's groups sum to 100 at COMMIT."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="groups", verbose_name=_("测评组"))
    name = models.CharField(_("评价主体"), max_length=60)
    weight = models.DecimalField(_("权重"), max_digits=5, decimal_places=2)
    sequence = models.PositiveSmallIntegerField(_("序号"), default=0)

    class Meta:
        verbose_name = _("评价主体")
        verbose_name_plural = _("评价主体")
        ordering = ["panel", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "name"], name="kpi_panel_group_once"),
            models.CheckConstraint(
                name="kpi_panel_group_weight",
                condition=Q(weight__gt=0, weight__lte=100),
                violation_error_message=_("权重须大于 0 且不超过 100"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Rater(models.Model):
    """A user who rates in a group. One who is rated never learns which rating was whose."""

    group = models.ForeignKey(PanelGroup, models.CASCADE, related_name="raters", verbose_name=_("评价主体"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="rater_in", verbose_name=_("用户"))

    class Meta:
        verbose_name = _("评价人")
        verbose_name_plural = _("评价人")
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="kpi_rater_once")]

    def __str__(self) -> str:
        return f"{self.group_id}/{self.pk}"


class PanelLine(models.Model):
    """A line that a panel rates; the line's actual is then the panel's score."""

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="lines", verbose_name=_("测评组"))
    line = models.OneToOneField(Line, models.CASCADE, related_name="panel_line", verbose_name=_("指标行"))

    class Meta:
        verbose_name = _("测评指标")
        verbose_name_plural = _("测评指标")

    def __str__(self) -> str:
        return f"{self.panel_id}/{self.line_id}"


class PanelRating(models.Model):
    """One rater's rating of one line, 0–100 points."""

    line = models.ForeignKey(PanelLine, models.CASCADE, related_name="ratings", verbose_name=_("测评指标"))
    rater = models.ForeignKey(Rater, models.PROTECT, related_name="ratings", verbose_name=_("评价人"))
    points = models.DecimalField(_("测评分"), max_digits=5, decimal_places=2)
    version = models.PositiveIntegerField(_("版本"), default=1)
    rated_at = models.DateTimeField(_("评价时间"), auto_now=True)

    class Meta:
        verbose_name = _("测评分")
        verbose_name_plural = _("测评分")
        constraints = [
            models.UniqueConstraint(fields=["line", "rater"], name="kpi_rating_once"),
            models.CheckConstraint(
                name="kpi_rating_points",
                condition=Q(points__range=(0, 100)),
                violation_error_message=_("测评分须在 0 与 100 之间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.points}"
