"""How a scheme decides the edge cases that touch money: every one named, none assumed. Pure: no Django.

A scheme keeps them as JSON (``Scheme.settings``), numbers as text. What each
choice means in words is in ``pay/schemes/words.py``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from pay.formulas import BadParameter

#: Leave that may cost months. Annual, maternity and injury leave never do (PAY-10).
CUTTING = ("sick", "personal", "unexcused")
PROTECTED = ("annual", "maternity", "injury")

#: Field → the answers that it may have.
CHOICES: dict[str, tuple[str, ...]] = {
    "post_change": ("by_month", "last_post"),
    "concurrent": ("higher", "primary"),
    "secondment": ("home", "host"),
    "long_leave": ("months", "zero_year"),
    "leaver_month": ("through", "cutoff"),
    "sanction": ("zero_year", "by_grade"),
    "open_case": ("hold", "zero"),
    "incompetent": ("bureau", "pool"),
    "new_bureau": ("own", "mean"),
    "perimeter": ("like_for_like", "as_reported"),
    "figures": ("latest", "frozen"),
    "negative_growth": ("clamp", "pass_through"),
    "undefined_growth": ("refuse", "completion"),
    "missing": ("block", "provisional"),
    "nobody": ("refuse", "return"),
    "over_establishment": ("flag", "exclude"),
    "appeal_reserve": ("none", "ratio", "difference"),
}
#: Factors that stand in for a grade: at least 0, with the four places that an allocation keeps.
FACTORS = (
    "probation_factor",
    "seconded_factor",
    "long_leave_factor",
    "open_case_factor",
    "newcomer_factor",
    "leaver_factor",
)
#: Ratios of 0 to 1.
RATIOS = ("acting_share", "reserve_ratio")
#: What a document that was read says; all other answers are customary, and shown as examples.
STORED: dict[str, str] = {"secondment": "home", "concurrent": "higher"}


@dataclass(frozen=True)
class Settings:
    """The named decisions of a scheme; made by ``read``, which refuses what is missing or unknown.

    ``acting_share`` is the part of the way from his own coefficient to that of
    the post that somebody acts in (0.5: between 1.4 and 1.6 gives 1.5).
    ``cutting_leave`` are the kinds of leave that cost a month when they take
    more than half of its days. ``frozen_day`` is the month and day of the next
    year ("03-31") on which figures are taken as known.
    """

    post_change: str
    concurrent: str
    acting_share: Decimal
    secondment: str
    seconded_factor: Decimal
    probation_factor: Decimal
    newcomer_factor: Decimal
    leaver_factor: Decimal
    leaver_month: str
    cutting_leave: tuple[str, ...]
    long_leave: str
    long_leave_factor: Decimal
    sanction: str
    open_case: str
    open_case_factor: Decimal
    incompetent: str
    over_establishment: str
    new_bureau: str
    missing: str
    nobody: str
    perimeter: str
    figures: str
    frozen_day: str
    negative_growth: str
    undefined_growth: str
    appeal_reserve: str
    reserve_ratio: Decimal

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Settings:
        """The settings as stored; BadParameter names the first that is missing, unknown or impossible."""
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                raise BadParameter(name, "unknown")
        for name in known:
            if name not in given:
                raise BadParameter(name, "missing")
        return cls(**{name: _reader(name)(name, given[name]) for name in known})

    def as_json(self) -> dict[str, Any]:
        """As a scheme keeps them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in values.items()}

    def figures_known_on(self, year: int, today: dt.date) -> dt.date:
        """The day whose figures count for ``year``: the freeze, once it is past (edge case "restated tax")."""
        if self.figures == "latest":
            return today
        month, day = (int(part) for part in self.frozen_day.split("-"))
        return min(today, dt.date(year + 1, month, day))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return list(value) if isinstance(value, tuple) else value


def _reader(name: str) -> Callable[[str, Any], Any]:
    if name in CHOICES:
        return _choice
    if name in FACTORS or name in RATIOS:
        return _ratio
    return _day if name == "frozen_day" else _kinds


def _choice(name: str, value: Any) -> str:
    if value not in CHOICES[name]:
        raise BadParameter(name, "not_offered")
    return str(value)


def _ratio(name: str, value: Any) -> Decimal:
    try:
        # A float is refused: 0.1 is not one tenth.
        number = Decimal(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise BadParameter(name, "not_exact")
    if number < 0:
        raise BadParameter(name, "negative")
    if name in RATIOS and number > 1:
        raise BadParameter(name, "above_one")
    if number >= 100 or number != number.quantize(Decimal("0.0001")):
        raise BadParameter(name, "four_places")
    return number


def _day(name: str, value: Any) -> str:
    # ISO dates have other spellings too ("W01-1"): only this one is read again.
    if not isinstance(value, str) or not re.fullmatch("[0-9]{2}-[0-9]{2}", value):
        raise BadParameter(name, "no_day")
    try:
        # Of a year without a 29th of February, so that the day exists in each.
        dt.date.fromisoformat(f"2001-{value}")
    except ValueError:
        raise BadParameter(name, "no_day") from None
    return value


def _kinds(name: str, value: Any) -> tuple[str, ...]:
    kinds = list(value) if isinstance(value, list | tuple) else [None]
    if not all(isinstance(kind, str) for kind in kinds):
        raise BadParameter(name, "not_offered")
    if any(kind in PROTECTED for kind in kinds):
        raise BadParameter(name, "protected_leave")
    if len(set(kinds)) != len(kinds) or not set(kinds) <= set(CUTTING):
        raise BadParameter(name, "not_offered")
    return tuple(kind for kind in CUTTING if kind in kinds)


#: What a form for a new scheme offers to begin with: customary answers, to be confirmed by the zone.
EXAMPLE: dict[str, Any] = {
    "post_change": "by_month",
    "concurrent": "higher",
    "acting_share": "0.5",
    "secondment": "home",
    "seconded_factor": "1",
    "probation_factor": "1",
    "newcomer_factor": "1",
    "leaver_factor": "1",
    "leaver_month": "through",
    "cutting_leave": ["unexcused"],
    "long_leave": "months",
    "long_leave_factor": "1",
    "sanction": "zero_year",
    "open_case": "hold",
    "open_case_factor": "1",
    "incompetent": "bureau",
    "over_establishment": "flag",
    "new_bureau": "own",
    "missing": "block",
    "nobody": "return",
    "perimeter": "like_for_like",
    "figures": "latest",
    "frozen_day": "03-31",
    "negative_growth": "clamp",
    "undefined_growth": "refuse",
    "appeal_reserve": "none",
    "reserve_ratio": "0.05",
}
