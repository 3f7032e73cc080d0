"""Who rates what cannot be counted (民主测评): panels of groups of raters, and their ratings."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.rights import Reach
from kpi.models.cards import Line
from kpi.models.cycles import Cycle, held_by, holding
from kpi.raters.querysets import PanelQuerySet
from zones.models import Example


def usual_words() -> list[list[str]]:
    """What a rater may pick instead of typing, each word with its points: examples, which a panel may change."""
    return [["好", "95"], ["较好", "85"], ["一般", "75"], ["差", "60"]]


class Panel(Example):
    """Groups of raters for lines of a year; of each group the ``trim`` highest and lowest ratings are left out.

    Until ``closed_at`` nobody sees a rating but the rater himself, and until
    the first rating everything may still be changed; afterwards raters may join,
    the last day may move and ``shown_from`` may grow. What fewer than
    ``shown_from`` people said is never shown apart, and makes no score.
    A city's panel and a zone's are two nouns: neither keeps the other's.
    """

    nouns = ("city_panel", "zone_panel")

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="panels", verbose_name=_("考核年度"))
    name = models.CharField(_("名称"), max_length=100)
    trim = models.PositiveSmallIntegerField(_("去掉最高、最低分各几个"), default=0)
    closes_on = models.DateField(_("截止日期"), null=True, blank=True)
    shown_from = models.PositiveSmallIntegerField(_("单独列示的最少人数"), default=3)
    words = models.JSONField(_("快捷选项"), default=usual_words, blank=True)
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True, editable=False)

    objects = PanelQuerySet.as_manager()

    # There on a panel that was read with ``counted``.
    rating_count: int

    class Meta:
        verbose_name = _("测评组")
        verbose_name_plural = _("测评组")
        ordering = ["cycle", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "name"],
                name="kpi_panel_once",
                violation_error_message=_("这一年度已有同名的测评组"),
            ),
            models.CheckConstraint(
                name="kpi_panel_shown_from",
                condition=Q(shown_from__gte=2),
                violation_error_message=_("单独列示的最少人数不能少于 2"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def noun(self) -> str:
        return f"{holding(self.cycle.holder)}_panel"

    @staticmethod
    def of_noun(noun: str) -> Q:
        return held_by(noun.removesuffix("_panel"), "cycle__holder")

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
            models.UniqueConstraint(
                fields=["panel", "name"],
                name="kpi_panel_group_once",
                violation_error_message=_("评价主体不能重名"),
            ),
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
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"], name="kpi_rater_once", violation_error_message=_("此人已在该组")
            )
        ]

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
    """One rater's rating of one line, 0–100 points: read by its rater alone, and by nobody else but as sums."""

    line = models.ForeignKey(PanelLine, models.PROTECT, related_name="ratings", verbose_name=_("测评指标"))
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
        return str(self.line_id)


class Reminder(models.Model):
    """Somebody was asked to do what waits for him; shown at his desk while it waits. One a day for one matter."""

    class About(models.TextChoices):
        ENTRY = "entry", _("录入完成值")
        RATING = "rating", _("测评")
        SIGNING = "signing", _("签订责任书")

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="reminders", verbose_name=_("考核年度"))
    panel = models.ForeignKey(
        Panel, models.CASCADE, related_name="reminders", verbose_name=_("测评组"), null=True, blank=True
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="kpi_reminders", verbose_name=_("提醒谁")
    )
    about = models.CharField(_("事项"), max_length=8, choices=About.choices)
    day = models.DateField(_("日期"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提醒人"), null=True
    )
    sent_at = models.DateTimeField(_("提醒时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("提醒")
        verbose_name_plural = _("提醒")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "about", "cycle", "panel", "day"],
                nulls_distinct=False,
                name="kpi_reminder_once_a_day",
                violation_error_message=_("今天已经提醒过"),
            ),
            models.CheckConstraint(
                name="kpi_reminder_panel",
                condition=Q(about="rating", panel__isnull=False) | ~Q(about="rating") & Q(panel__isnull=True),
                violation_error_message=_("测评提醒须写明测评组"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.about} {self.day}"
