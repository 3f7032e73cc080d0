"""Files that OneZone handed out, so that a file in hand can be told from a made-up one (design 11)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import PlainJSON
from common.rights import Reach
from zones.models import Unit


class IssuedReport(models.Model):
    """One file as issued: its checksum, and what it was computed from."""

    noun = "report"

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel 工作簿")
        PDF = "pdf", _("PDF 文件")
        CSV = "csv", _("CSV 文件")
        ZIP = "zip", _("压缩包")

    code = models.CharField(_("出具编号"), max_length=20, unique=True)
    kind = models.SlugField(_("报表"), max_length=40)
    title = models.CharField(_("名称"), max_length=200)
    format = models.CharField(_("格式"), max_length=4, choices=Format.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reports", verbose_name=_("单位"))
    as_of = models.DateField(_("截至日期"))
    basis = models.JSONField(_("依据"), default=dict, encoder=PlainJSON)
    sha256 = models.CharField(_("校验码"), max_length=64, db_index=True)
    size = models.PositiveIntegerField(_("字节数"))
    issued_at = models.DateTimeField(_("出具时间"), auto_now_add=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("出具人"))

    class Meta:
        verbose_name = _("已出具报表")
        verbose_name_plural = _("已出具报表")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])
