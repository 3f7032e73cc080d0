"""What a user keeps for himself: the columns of his roster, and the feed that his calendar reads."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class ColumnChoice(models.Model):
    """The columns of the roster that a user chose, by key and in his order."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="column_choice", verbose_name=_("用户")
    )
    columns = ArrayField(models.CharField(max_length=30), verbose_name=_("列"), default=list)

    class Meta:
        verbose_name = _("花名册列")
        verbose_name_plural = _("花名册列")

    def __str__(self) -> str:
        return "、".join(self.columns)


class CalendarFeed(models.Model):
    """A secret address that a calendar program reads without signing in; only its digest is stored.

    It shows what its owner may see at the time of reading, and nothing once it is revoked.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="calendar_feeds", verbose_name=_("用户")
    )
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("开通时间"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    read_on = models.DateField(_("最近读取"), null=True, blank=True)

    class Meta:
        verbose_name = _("日历订阅")
        verbose_name_plural = _("日历订阅")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(revoked_at__isnull=True),
                name="staffing_feed_one",
                violation_error_message=_("您已有一个有效的订阅地址"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"
