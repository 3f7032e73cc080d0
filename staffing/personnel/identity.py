"""The citizen's identity number (GB 11643, 18 digits): read, checked, masked.

Nothing here touches the database; services, import and pages check numbers by it alone.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
#: What stands for hidden digits; a value that holds one was masked by us.
HIDDEN = "*"


@dataclass(frozen=True)
class NationalId:
    """A number that passed every check, with what can be read from it."""

    number: str
    birth_date: dt.date
    gender: str


def check_digit(first17: str) -> str:
    """The 18th digit that belongs to the first seventeen (ISO 7064, MOD 11-2)."""
    return CHECK_DIGITS[sum(int(n) * w for n, w in zip(first17, WEIGHTS, strict=True)) % 11]


def read_national_id(text: str, today: dt.date | None = None) -> NationalId:
    """Read a number as people type it: full-width digits, blanks and a small x are accepted.

    Raises ValidationError saying which check failed; the number is not repeated,
    so that no error page or log holds it.
    """
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(text))).upper()
    if len(number) != 18:
        raise ValidationError(_("身份证号须为 18 位，现为 %(n)s 位") % {"n": len(number)}, code="id_length")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise ValidationError(_("身份证号只能是数字，末位可为 X"), code="id_characters")
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValidationError(_("身份证号第 7 至 14 位不是有效的出生日期"), code="id_birth") from None
    if not dt.date(1900, 1, 1) <= born <= (today or timezone.localdate()):
        raise ValidationError(_("身份证号中的出生日期不合情理"), code="id_birth")
    if check_digit(number[:17]) != number[17]:
        raise ValidationError(_("身份证号校验位不符，请核对是否抄错"), code="id_checksum")
    return NationalId(number, born, "M" if int(number[16]) % 2 else "F")


def _hide(text: str, first: int, last: int) -> str:
    """The text with all hidden but its first and last characters; all of it when it is too short for that."""
    hidden = len(text) - first - last
    return f"{text[:first]}{HIDDEN * hidden}{text[-last:]}" if hidden > 0 else HIDDEN * len(text)


def mask(number: str) -> str:
    """The number as those see it who may not read it: region and birth hidden, the last two digits left."""
    return _hide(number, 2, 2)


def mask_phone(number: str) -> str:
    """A telephone number with all but its first three and last two digits hidden."""
    return _hide(number, 3, 2)


def is_masked(text: str) -> bool:
    return HIDDEN in text
