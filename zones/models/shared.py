"""What rows of every room lean on: example values, names in two languages, documents."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Example(models.Model):
    """A row that may hold an example value, which every page then marks 示例."""

    is_example = models.BooleanField(_("示例"), default=False)

    class Meta:
        abstract = True


class Bilingual(models.Model):
    """A name in Chinese and, where there is one, in English."""

    name = models.CharField(_("名称"), max_length=100)
    name_en = models.CharField(_("英文名称"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class Instrument(Example):
    """A document that sets something in force (批文): who issued it, its number and date."""

    code = models.SlugField(_("编号"), unique=True, max_length=60)
    title = models.CharField(_("标题"), max_length=200)
    number = models.CharField(_("文号"), max_length=100, blank=True)
    issuer = models.CharField(_("发文机关"), max_length=100)
    issued_on = models.DateField(_("发文日期"))
    source = models.CharField(_("出处"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("批文")
        verbose_name_plural = _("批文")
        ordering = ["issued_on", "code"]

    def __str__(self) -> str:
        return self.number or self.title
