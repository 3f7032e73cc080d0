"""What every app shares as rows: users, API tokens, the audit trail."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser, AnonymousUser
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


class JobQuerySet(models.QuerySet):
    def of(self, user: User | AnonymousUser):
        """A user's own jobs, the latest first: nobody sees another's."""
        return self.filter(by=user.pk).order_by("-pk")

    def unfinished(self):
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])


class Job(models.Model):
    """Long work as a row that a page polls (design 9); ``common/jobs.py`` starts it and carries it out.

    ``done`` of ``total`` steps are written outside the work's own transaction,
    so that they can be seen while it runs; ``result`` is written inside it. The
    same owner's ``token`` is the same job: asked for twice, it is done once.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未完成")
        CANCELLED = "cancelled", _("已取消")

    kind = models.CharField(_("种类"), max_length=60)
    token = models.CharField(_("标识"), max_length=100)
    title = models.CharField(_("名称"), max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="jobs", verbose_name=_("发起人"))
    address = models.CharField(_("来源"), max_length=100, blank=True)
    language = models.CharField(_("语言"), max_length=10, default="zh-hans")
    params = models.JSONField(_("参数"), default=dict, encoder=PlainJSON)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(_("已处理"), default=0)
    total = models.PositiveIntegerField(_("总数"), default=0)
    note = models.CharField(_("进展"), max_length=200, blank=True)
    cancel_requested = models.BooleanField(_("要求取消"), default=False)
    attempts = models.PositiveSmallIntegerField(_("执行次数"), default=0)
    created_at = models.DateTimeField(_("提交时间"), auto_now_add=True)
    started_at = models.DateTimeField(_("开始时间"), null=True)
    seen_at = models.DateTimeField(_("最近进展时间"), null=True)
    finished_at = models.DateTimeField(_("结束时间"), null=True)
    result = models.JSONField(_("结果"), default=dict, encoder=PlainJSON)
    url = models.CharField(_("结果页面"), max_length=300, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("任务")
        verbose_name_plural = _("任务")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["by", "kind", "token"],
                name="common_job_once",
                violation_error_message=_("该任务已经提交过"),
            ),
            models.CheckConstraint(
                name="common_job_state",
                condition=models.Q(state__in=["queued", "running", "done", "failed", "cancelled"]),
                violation_error_message=_("任务状态无效"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def running(self) -> bool:
        """Whether it still waits or is at work."""
        return self.state in (Job.State.QUEUED, Job.State.RUNNING)
