"""Numbers as people read them, exactly: no value here ever becomes a float.

Pure: imports nothing of Django. Page filters and pictures share these.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

#: What stands where there is no number.
NOTHING = "—"

WAN = 10**4
YI = 10**8

#: Numbers beyond 10^60 are nobody's money: writing one out would only eat memory.
LARGEST = 60


def exact(value: object) -> Fraction | None:
    """``value`` as an exact fraction, or None when it is no finite number.

    A trace read back from JSON holds its numbers as text, so text counts too.
    """
    if isinstance(value, bool) or value is None or value == "":
        return None
    if isinstance(value, int | Fraction):
        return Fraction(value)
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() > LARGEST:
        return None
    return Fraction(number)


def rounded(value: Fraction, places: int) -> int:
    """``value`` × 10^places as a whole number, halves away from zero."""
    scaled = abs(value) * 10**places
    whole: int = (scaled.numerator * 2 + scaled.denominator) // (scaled.denominator * 2)
    return -whole if value < 0 else whole


def grouped(value: object, places: int = 2, *, per: int = 1, signed: bool = False) -> str:
    """``12,345.67``: in thousands, with ``places`` decimals, counted in ``per`` (10,000 for 万)."""
    number = exact(value)
    if number is None:
        return NOTHING
    units = rounded(number / per, places)
    digits = f"{abs(units):0{places + 1}d}"
    whole, tail = (digits[:-places], digits[-places:]) if places else (digits, "")
    sign = "-" if units < 0 else "+" if signed and units > 0 else ""
    return f"{sign}{int(whole):,}{'.' if tail else ''}{tail}"


def plain(value: object) -> str:
    """``1,234.5``: in thousands, with as many decimals as the value has, at most ten."""
    shown = grouped(value, 10)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def in_percent(value: object, places: int = 1, *, signed: bool = False) -> str:
    """A ratio in percent: 0.6 is ``60.0%``; signed, 0.035 is ``+3.5%``."""
    number = exact(value)
    return NOTHING if number is None else f"{grouped(number * 100, places, signed=signed)}%"
