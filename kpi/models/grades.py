"""By which rule a year's units get their grades (等次): published before anybody is graded."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kpi.models.cycles import Cycle
from kpi.models.results import Rating
from zones.models import Example, Unit


class GradeRule(Example):
    """What a unit of a sort needs for a grade: a place among its own sort, a score, or both.

    ``top_share`` is the part, as a ratio, of the sort's units that may have this
    grade or a better one; it is cut down to whole units. ``least_score`` is in
    points. Whoever meets neither the rule of 第一等次 nor that of 第二等次 is in the third.
    """

    class Sort(models.TextChoices):
        ZONE = Unit.Kind.ZONE.value, _("开发区")
        PARK = Unit.Kind.PARK.value, _("功能园区")
        TOWN = Unit.Kind.TOWN.value, _("属地镇")

    class Join(models.TextChoices):
        ANY = "any", _("满足其一")
        ALL = "all", _("同时满足")

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="grade_rules", verbose_name=_("考核年度"))
    sort = models.CharField(_("类别"), max_length=4, choices=Sort.choices)
    rating = models.CharField(_("等次"), max_length=12, choices=Rating.choices)
    top_share = models.DecimalField(_("名次在前"), max_digits=5, decimal_places=4, null=True, blank=True)
    least_score = models.DecimalField(_("得分不低于"), max_digits=6, decimal_places=2, null=True, blank=True)
    join = models.CharField(_("两项条件"), max_length=3, choices=Join.choices, default=Join.ANY)

    class Meta:
        verbose_name = _("等次规则")
        verbose_name_plural = _("等次规则")
        ordering = ["cycle", "sort", "rating"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "sort", "rating"], name="kpi_grade_rule_once"),
            models.CheckConstraint(
                name="kpi_grade_rule_rating",
                condition=Q(rating__in=["first", "second"]),
                violation_error_message=_("等次规则只为第一、第二等次设"),
            ),
            models.CheckConstraint(
                name="kpi_grade_rule_says",
                condition=Q(top_share__isnull=False) | Q(least_score__isnull=False),
                violation_error_message=_("等次规则须有名次或得分条件"),
            ),
            models.CheckConstraint(
                name="kpi_grade_rule_share",
                condition=Q(top_share__isnull=True) | Q(top_share__gt=0, top_share__lte=1),
                violation_error_message=_("名次比例须大于 0 且不超过百分之百"),
            ),
            models.CheckConstraint(
                name="kpi_grade_rule_score",
                condition=Q(least_score__isnull=True) | Q(least_score__range=(0, 200)),
                violation_error_message=_("得分条件须在 0 与 200 之间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id} {self.sort} {self.rating}"
