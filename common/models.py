"""What every app shares as rows: users, API tokens, the audit trail."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.backends.postgresql.psycopg_any import Range
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken


class PlainJSON(DjangoJSONEncoder):
    """JSON for rows as they are: dates, decimals, and periods as [first day, end]."""

    def default(self, value):
        if isinstance(value, Range):
            return [value.lower, value.upper]
        return super().default(value)


class User(AbstractUser):
    """Somebody who may sign in; what he may do follows from grants and the roster."""

    class Meta(AbstractUser.Meta):
        verbose_name = _("用户")  # type: ignore[assignment]
        verbose_name_plural = _("用户")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        return f"{self.last_name}{self.first_name}".strip()


class ApiToken(AbstractAuthToken):
    """A REST token: only its digest is stored; ``scopes`` narrow what its owner may do.

    A scope is ``noun:read`` or ``noun:write``; ``*`` stands for every noun.
    """

    name = models.CharField(_("用途"), max_length=100, blank=True)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name=_("范围"), default=list)

    class Meta:
        verbose_name = _("访问令牌")
        verbose_name_plural = _("访问令牌")

    def allows(self, noun: str, *, write: bool) -> bool:
        mode = "write" if write else "read"
        return bool({f"{noun}:{mode}", f"*:{mode}"} & set(self.scopes))


class AuditEntry(models.Model):
    """Who did what to which row: written in the transaction of the deed, never changed.

    Sealed into a hash chain by a deferred trigger (``migrations/sql/audit.sql``);
    ``manage.py audit_verify`` checks the chain.
    """

    at = models.DateTimeField(_("时间"), auto_now_add=True)
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("用户"), null=True)
    door = models.CharField(_("途径"), max_length=10)
    address = models.CharField(_("来源"), max_length=100, blank=True)
    verb = models.CharField(_("操作"), max_length=60)
    noun = models.CharField(_("对象类型"), max_length=60)
    key = models.CharField(_("对象"), max_length=120)
    label = models.CharField(_("名称"), max_length=200, blank=True)
    before = models.JSONField(_("之前"), null=True, encoder=PlainJSON)
    after = models.JSONField(_("之后"), null=True, encoder=PlainJSON)
    reason = models.TextField(_("理由"), blank=True)

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["noun", "key"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.label or self.key}"


class AuditSeal(models.Model):
    """An entry's place in the chain; written at COMMIT by the database, never by us."""

    position = models.BigIntegerField(_("序位"), primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="seal", verbose_name=_("操作记录"))
    hash = models.CharField(_("指纹"), max_length=64)

    class Meta:
        verbose_name = _("封存")
        verbose_name_plural = _("封存")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position} {self.hash[:12]}"
