"""The cells of declared columns: each is read strictly, and written so that it reads back as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.encoding import force_str
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import override
from import_export import widgets

from common.cells import day_of, escaped, text_of


def said(error: ValidationError) -> str:
    return " ".join(error.messages)


class Cell(widgets.Widget):
    """A cell as text. The library collects ValueErrors by column, so ours become those."""

    def __init__(self, limit: int = 100, *, needed: bool = False) -> None:
        super().__init__()
        self.limit, self.needed = limit, needed

    def clean(self, value: Any, row: Mapping | None = None, **kwargs: Any) -> Any:
        try:
            return self.read(value)
        except ValidationError as error:
            raise ValueError(said(error)) from error

    def read(self, value: Any) -> Any:
        text = text_of(value)
        if self.needed and not text:
            raise ValidationError(_("须填写"))
        if len(text) > self.limit:
            raise ValidationError(_("超过 %(n)s 个字") % {"n": self.limit})
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else escaped(force_str(value))


class Choice(Cell):
    """One of a few words; ``empty`` is what a blank cell stands for.

    A file is in the words of the form, Chinese, whatever language the page is in.
    """

    def __init__(self, choices: type, empty: str | None = None) -> None:
        super().__init__()
        self.choices, self.empty = choices, empty

    @cached_property
    def codes(self) -> dict[str, str]:
        with override("zh-hans"):
            return {force_str(label): code for code, label in self.choices.choices if code}

    def read(self, value: Any) -> Any:
        text = text_of(value)
        if not text and self.empty is not None:
            return self.empty
        if text in self.codes:
            return self.codes[text]
        raise ValidationError(_("须为：%(words)s") % {"words": "、".join(self.codes)})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        shown = "" if value == self.empty else value
        return next((word for word, code in self.codes.items() if code == shown), "")


class Plain(Cell):
    """A value that is written as it is: a number stays a number."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class DayCell(Plain):
    """A day, however people write it."""

    def read(self, value: Any) -> dt.date | None:
        day = day_of(value)
        if self.needed and day is None:
            raise ValidationError(_("须填写"))
        return day


class WholeCell(Plain):
    """A whole number from ``low`` to ``high``; ``empty`` is what a blank cell stands for."""

    def __init__(self, low: int, high: int, empty: int | None = None, says: Any = None) -> None:
        super().__init__()
        self.low, self.high, self.empty, self.says = low, high, empty, says

    def read(self, value: Any) -> int:
        text = text_of(value)
        if not text and self.empty is not None:
            return self.empty
        if not text.isascii() or not text.isdecimal() or not self.low <= int(text) <= self.high:
            if self.says:
                raise ValidationError(str(self.says))
            raise ValidationError(_("须为 %(low)s 至 %(high)s 的整数") % {"low": self.low, "high": self.high})
        return int(text)


class FlagCell(Plain):
    """是 or 否; blank is 否."""

    def read(self, value: Any) -> bool:
        text = text_of(value)
        if text not in ("", "是", "否"):
            raise ValidationError(_("须为：是、否"))
        return text == "是"

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "是" if value else ""
