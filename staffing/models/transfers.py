"""The people and posts that go with a handover of duties."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orgchart.models import DutyTransfer
from staffing.models.people import Person
from staffing.models.posts import Post


class TransferStaff(models.Model):
    """A person, or a post with its seats, handed over with duties; frozen with the first signature."""

    transfer = models.ForeignKey(DutyTransfer, models.PROTECT, related_name="staff", verbose_name=_("职责移交"))
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="transfers", verbose_name=_("人员"), null=True, blank=True
    )
    post = models.ForeignKey(
        Post, models.PROTECT, related_name="transfers", verbose_name=_("岗位"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("移交人员")
        verbose_name_plural = _("移交人员")
        ordering = ["transfer", "pk"]
        constraints = [
            models.CheckConstraint(
                name="staffing_transfer_person_or_post",
                condition=Q(person__isnull=True) ^ Q(post__isnull=True),
                violation_error_message=_("每行须且只能是一名人员或一个岗位"),
            ),
            models.UniqueConstraint(
                fields=["transfer", "person"],
                name="staffing_transfer_person_once",
                violation_error_message=_("同一人员只能列一次"),
            ),
            models.UniqueConstraint(
                fields=["transfer", "post"],
                name="staffing_transfer_post_once",
                violation_error_message=_("同一岗位只能列一次"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id} {self.person_id or self.post_id}"
