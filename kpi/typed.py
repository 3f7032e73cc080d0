"""Numbers as people type and paste them. Pure and exact: no Django, no float."""

from __future__ import annotations

import re
from decimal import Decimal


class NotANumber(ValueError):
    """Typed text that is no number we take; ``code`` says why.

    The codes: empty, not_a_number, not_finite (NaN, infinity), percent, exponent,
    grouping (commas misplaced) and too_long.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text[:40]}")
        self.code = code
        self.text = text


MAX_INTEGER_DIGITS = 18
#: Longer than any number that we take, and short enough to look at with a regular expression.
MAX_TEXT = 64
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，＋－−％\u3000\u00a0", "0123456789.,+--%  ")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([, ])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]*)?")
_EXPONENT = re.compile(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+")
_NOT_FINITE = re.compile(r"[+-]?(?:s?nan[0-9]*|inf|infinity|∞)", re.IGNORECASE)


def parse_number(text: str) -> Decimal:
    """The number somebody typed or pasted, exactly.

    Full-width digits and signs, thousands in commas or spaces, and spaces around
    are taken; a percent sign is not, because 5% could mean 5 or 0.05. Raises
    NotANumber with a code. No exponent: 1.5E+08 is how a sheet shortens a number
    it has more digits of.
    """
    plain = text.translate(_FULL_WIDTH).strip()
    if not plain:
        raise NotANumber("empty", text)
    if len(plain) > MAX_TEXT:
        raise NotANumber("too_long", text)
    if not _PLAIN.fullmatch(plain) and not _GROUPED.fullmatch(plain):
        raise NotANumber(_why_not(plain), text)
    number = plain.replace(",", "").replace(" ", "")
    if len(number.lstrip("+-").split(".")[0].lstrip("0")) > MAX_INTEGER_DIGITS:
        raise NotANumber("too_long", text)
    value = Decimal(number)
    return abs(value) if value == 0 else value  # "-0" is nothing but zero


def _why_not(plain: str) -> str:
    if _NOT_FINITE.fullmatch(plain):
        return "not_finite"
    if plain.endswith("%"):
        return "percent"
    if _EXPONENT.fullmatch(plain):
        return "exponent"
    return "grouping" if re.fullmatch(r"[+-]?[0-9., ]+", plain) and re.search(r"[, ]", plain) else "not_a_number"
