"""Programs that are told when a year is published: where to, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField
from common.rights import Reach
from kpi.models.cycles import Cycle, held_by, holding
from zones.models import Unit


class Webhook(models.Model):
    """An address that is told of a holder's published years; each message is signed with ``secret`` (HMAC-SHA256).

    A city's and a zone's are two nouns: neither keeps the other's.
    """

    nouns = ("city_webhook", "zone_webhook")

    holder = models.ForeignKey(Unit, models.PROTECT, related_name="webhooks", verbose_name=_("组织考核的单位"))
    url = models.URLField(_("地址"), max_length=300)
    secret = EncryptedTextField(_("签名密钥"))
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("结果推送")
        verbose_name_plural = _("结果推送")
        ordering = ["holder", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "url"], name="kpi_webhook_once", violation_error_message=_("这个地址已经登记")
            )
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def noun(self) -> str:
        return f"{holding(self.holder)}_webhook"

    @staticmethod
    def of_noun(noun: str) -> Q:
        return held_by(noun.removesuffix("_webhook"))

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(holder__in=ids) if reach is Reach.UNITS else Q(pk__in=[])


class Delivery(models.Model):
    """One message to a webhook: sent again until it is taken, or given up. A year's event is told each address once.

    ``next_at`` is when it is tried next; ``answer`` what the other side said last, or why it was not reached.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        DELIVERED = "delivered", _("已送达")
        GIVEN_UP = "given_up", _("已放弃")

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries", verbose_name=_("结果推送"))
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="deliveries", verbose_name=_("考核年度"))
    event = models.CharField(_("事件"), max_length=40)
    payload = models.JSONField(_("内容"))
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    answer = models.CharField(_("对方答复"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("产生时间"), auto_now_add=True)
    tried_at = models.DateTimeField(_("最近发送"), null=True, blank=True)
    next_at = models.DateTimeField(_("下次发送"), null=True, blank=True)

    class Meta:
        verbose_name = _("推送记录")
        verbose_name_plural = _("推送记录")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "cycle", "event"], name="kpi_delivery_once"),
            models.CheckConstraint(
                name="kpi_delivery_next", condition=Q(state="waiting", next_at__isnull=False) | ~Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.state}"
