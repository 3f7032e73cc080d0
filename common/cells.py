"""What a cell of an uploaded table says: text or a day; and how text is written so that no spreadsheet runs it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.periods import in_reach

#: A date that Excel left as a bare number: 1954 to 2119.
SERIAL_DAYS = range(20_000, 80_001)
#: Digits that a floating-point number holds for sure; more were lost when Excel took them for a number.
SURE_DIGITS = 10**15
#: What a spreadsheet takes for the beginning of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula or its failure; what it shows depends on who opens it."""

    text: str


@dataclass(frozen=True)
class Merged:
    """A cell inside a merged range; ``value`` is what the range shows, kept in its first cell."""

    area: str
    value: Any = None


@dataclass(frozen=True)
class SerialNumber:
    """A whole number that a date column may read as an Excel date."""

    number: int
    day: dt.date

    def __str__(self) -> str:
        return str(self.number)


def refusal(cell: Any) -> str:
    """Why a cell is not read, whatever column it stands in; "" when it is."""
    if isinstance(cell, Formula):
        return _("单元格里是公式或错误值，请粘贴为数值")
    if isinstance(cell, Merged):
        return _("单元格被合并（%(area)s），请取消合并并逐行填写") % {"area": cell.area}
    return ""


def text_of(cell: Any) -> str:
    """A cell as text; a whole number without its ``.0``. Raises ValidationError where it is not to be relied on."""
    if cell is None:
        return ""
    if isinstance(cell, Formula | Merged):
        raise ValidationError(refusal(cell))
    if isinstance(cell, bool):
        return _("是") if cell else _("否")
    if isinstance(cell, int | float):
        if abs(cell) >= SURE_DIGITS:
            raise ValidationError(_("被 Excel 存成了数字，末几位已失真；请把该列设为文本后重新填写"))
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    if isinstance(cell, dt.datetime | dt.date):
        return cell.strftime("%Y-%m-%d")
    return unescaped(str(cell)).strip()


_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?")


def day_of(cell: Any) -> dt.date | None:
    """A cell as a day: an Excel date, its number, or 2020-09-01, 2020/9/1, 2020.9.1, 2020年9月1日, 20200901."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, dt.datetime):
        if cell.time() != dt.time():
            raise ValidationError(_("日期里带有时刻"))
        return cell.date()
    if isinstance(cell, SerialNumber):
        return cell.day
    text = text_of(cell)
    if not text:
        return None
    found = _DAY.fullmatch(re.sub(r"\s", "", text)) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    if not found:
        raise ValidationError(_("无法识别为日期，请按 2020-09-01 填写"))
    try:
        day = dt.date(*map(int, found.groups()))
    except ValueError:
        raise ValidationError(_("没有这一天")) from None
    if not in_reach(day):
        raise ValidationError(_("年份须在 1900 至 2200 之间"))
    return day


def escaped(text: str) -> str:
    """Text that a spreadsheet will show and not run: an apostrophe stands before it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def unescaped(text: str) -> str:
    """What ``escaped`` was given: so that a file which we wrote reads back as it was."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
