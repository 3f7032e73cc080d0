"""Cells that only a structure has: lists of codes, several of a few words, decimals."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.cells import text_of
from common.imports.columns import Cell, Choice, Plain

_PARTED = re.compile(r"[、，,；;\s]+")
_CODE = re.compile(r"[A-Za-z0-9_-]+")


class CodeCell(Cell):
    """The code of something: letters, digits, hyphens."""

    def read(self, value: Any) -> str:
        text = super().read(value)
        if text and not _CODE.fullmatch(text):
            raise ValidationError(_("代码只能用字母、数字、连字符和下划线"))
        return text


class ListCell(Cell):
    """Several words parted by 、; their order says nothing, and each counts once."""

    def read(self, value: Any) -> tuple[str, ...]:
        text = super().read(value)
        return tuple(sorted({each for each in _PARTED.split(text) if each}))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return super().render("、".join(sorted(value or ())))


class ChoicesCell(Choice):
    """Several of a few words, parted by 、."""

    def read(self, value: Any) -> tuple[str, ...]:
        read = super().read
        return tuple(sorted({read(each) for each in _PARTED.split(text_of(value)) if each}))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "、".join(word for word, code in self.codes.items() if code in (value or ()))


class NumberCell(Plain):
    """A number that is not negative, exactly as it is written."""

    def read(self, value: Any) -> Decimal:
        text = text_of(value)
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValidationError(_("须为数字")) from None
        if not number.is_finite() or number < 0:
            raise ValidationError(_("须为不小于 0 的数字"))
        return number.normalize()
