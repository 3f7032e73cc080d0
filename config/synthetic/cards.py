"""Scorecards: 2020 complete and graded, 2026 under way. Points are what ``kpi/scoring.py`` makes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from config.synthetic.careers import Careers, Stint
from config.synthetic.city import (
    GROUPS,
    TARGETS_2019,
    TOWN_LINES,
    TOWN_RATINGS,
    TOWNS,
    UNIT_RATINGS_2019,
    UNITS_2019,
)
from config.synthetic.dice import Dice
from config.synthetic.events import HORIZON
from config.synthetic.templates import (
    FORM,
    PEOPLE,
    SIZE,
    TEMPLATES,
    UNIT_2020,
    UNIT_2026,
    UNIT_LINES,
    UNIT_RATINGS_2020,
)
from kpi import points
from kpi.points import Delivered

#: Hand-picked in 2020: who did badly, and who was on probation at the end of the year (ASM-05).
BASIC = {("AUTO-UTIL-S2", 2), ("AUTO-INVEST-S2", 3), ("CHEM-OFFICE-S2", 4), ("YZ-SOCIAL-S2", 2), ("DATA-INVEST-S2", 2)}
INCOMPETENT = {("AUTO-OFFICE-S2", 3)}
YEAR_END = dt.date(2020, 12, 31)


@dataclass
class Card:
    """A card with its lines; ``subject`` is the code or staff number it is about."""

    kind: str
    unit: str
    bureau: str = ""
    person: str = ""
    rating: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def subject(self) -> str:
        return self.person or self.bureau or self.unit

    def line(self, indicator: str, weight: int, target: Any = "", actual: Any = "", previous: Any = "") -> None:
        challenge = _stretched(target) if indicator[0] not in "pt" and target not in ("", 100, None) else ""
        self.lines.append(
            {
                "kind": self.kind,
                "subject": self.subject,
                "indicator": indicator,
                "weight": weight,
                "previous": previous,
                "target": "" if target is None else target,
                "challenge": challenge,
                "actual": actual,
                "group": GROUPS.get(indicator, ""),
            }
        )

    @property
    def row(self) -> dict[str, Any]:
        names = ("kind", "unit", "bureau", "person", "rating")
        return {name: getattr(self, name) for name in names} | {"example": "1"}


def _stretched(target: Any) -> str:
    """The challenge: a tenth above the target, to a whole number where the target is one."""
    value = Decimal(str(target)) * 11 / 10
    return f"{value.quantize(Decimal(1) if Decimal(str(target)) == int(Decimal(str(target))) else Decimal('0.1'))}"


class Assessments:
    """The years' cards, over the same people and by the same library of indicators."""

    def __init__(self, structure: dict, indicators: list[dict], figures: list[dict], told: Careers) -> None:
        self.bureaus = structure["bureaus"]
        self.library = {row["code"]: row for row in indicators}
        self.figures = {(row["unit"], row["metric"], int(row["year"])): Decimal(row["value"]) for row in figures}
        self.told = told

    def score(self, card: Card) -> Decimal:
        """What the card comes to, as the loader will compute it."""
        steps = []
        for line in card.lines:
            known = self.library[line["indicator"]]
            target = Decimal(str(line["target"])) if line["target"] != "" else None
            parameters = {
                key: value if isinstance(value, bool) else str(value)
                for key, value in known.get("parameters", {}).items()
            }
            actual = Decimal(str(line["actual"]))
            steps.append(points.score_line(known["method"], line["weight"], Delivered(actual, target), parameters))
        return points.final_score(points.total(steps).value)

    def of_2019(self) -> list[Card]:
        """The city's over its units alone: there were no posts and people on file yet."""
        return [self._unit_2019(unit) for unit in UNIT_RATINGS_2019] + _towns(2019)

    def of_2020(self) -> list[Card]:
        dice = Dice("cards 2020")
        units = [self._unit_2020(unit) for unit in SIZE]
        bureaus = [self._bureau(row, dice, FORM[row["unit"]]) for row in self.bureaus]
        scores = {card.bureau: self.score(card) for card in bureaus}
        for unit in SIZE:
            _rank_bureaus([card for card in bureaus if card.unit == unit], scores)
        last = self._last_stints(dt.date(2020, 1, 1), YEAR_END)
        people = [self._person_2020(stint, scores, dice) for stint in last]
        for unit in SIZE:
            self._grade([(stint, card) for stint, card in zip(last, people, strict=True) if card.unit == unit])
        return units + _towns(2020) + bureaus + people

    def of_2026(self) -> list[Card]:
        """Under way: counts up to now, some bureaus ahead of others, nobody graded."""
        dice = Dice("cards 2026")
        units = [self._unit_2026(unit) for unit in SIZE]
        bureaus = []
        for place, row in enumerate(self.bureaus):
            card = self._bureau(row, dice, 84)
            entered = (3, 6, 2, 0, 4)[place % 5]
            _clear(card, entered)
            bureaus.append(card)
        people = []
        for place, stint in enumerate(self._last_stints(HORIZON, HORIZON)):
            card = self._person(stint, Decimal(90), dice)
            _clear(card, (4, 1, 0)[place % 3] if stint.post.grade != "H1" else 0)
            people.append(card)
        return units + _towns(2026) + bureaus + people

    def _unit_2019(self, unit: str) -> Card:
        card = Card("unit", unit, rating=UNIT_RATINGS_2019[unit])
        for indicator, weight, source in UNIT_LINES:
            if indicator in UNITS_2019:
                actual = UNITS_2019[indicator][unit]
            elif source:
                actual = _plain(self.figures[unit, source.split()[1], 2019] / Decimal(10) ** 8)
            else:
                actual = UNIT_2020[indicator][unit][0]
            card.line(indicator, weight, TARGETS_2019.get(indicator, {}).get(unit, ""), actual)
        return card

    def _unit_2020(self, unit: str) -> Card:
        card = Card("unit", unit, rating=UNIT_RATINGS_2020[unit])
        for indicator, weight, source in UNIT_LINES:
            if source:
                how, metric = source.split()
                before, now = self.figures[unit, metric, 2019], self.figures[unit, metric, 2020]
                if how == "growth":
                    card.line(indicator, weight, "6", ((now / before - 1) * 100).quantize(Decimal("0.01")))
                else:
                    hundred_millions = Decimal(10) ** 8
                    goal = (before * 106 / 100 / hundred_millions).quantize(Decimal("0.01"))
                    card.line(
                        indicator, weight, goal, _plain(now / hundred_millions), _plain(before / hundred_millions)
                    )
            else:
                previous, target, actual = UNIT_2020[indicator][unit]
                card.line(indicator, weight, target, actual, previous)
        return card

    def _unit_2026(self, unit: str) -> Card:
        card = Card("unit", unit)
        for indicator, weight, _ in UNIT_LINES:
            target, actual = UNIT_2026.get(indicator, {}).get(unit, ("", ""))
            card.line(indicator, weight, target, actual)
        return card

    def _bureau(self, row: dict[str, Any], dice: Dice, form: int) -> Card:
        card = Card("bureau", row["unit"], row["code"])
        own = form + dice.between(-11, 7)
        for indicator, weight, target in TEMPLATES[row["code"].split("-")[-1]]:
            known = self.library[indicator]
            if target is None:
                card.line(indicator, weight, "", self._free(indicator, row["unit"], own, dice))
            elif known["measure"] == "%":
                card.line(indicator, weight, target, min(100, own + dice.between(-3, 8)))
            else:
                goal = max(2, target * SIZE[row["unit"]] // 10)
                done = (goal * (own + dice.between(-12, 14)) + 50) // 100
                card.line(indicator, weight, goal, done, max(1, goal * dice.between(88, 98) // 100))
        return card

    def _free(self, indicator: str, unit: str, own: int, dice: Dice) -> Any:
        """The result of a line without a target: a rating, a growth, a time, a count of events."""
        method = self.library[indicator]["method"]
        if method == "rating":
            return min(98, own - 6 + dice.between(-2, 5))
        if indicator == "b-arrival":
            return f"{8 + dice.between(0, 60) / 10:.1f}"
        if method == "efficacy":
            growth = self.figures[unit, "invoiced_sales", 2020] / self.figures[unit, "invoiced_sales", 2019] - 1
            return (growth * 100 + dice.between(-20, 20) / Decimal(10)).quantize(Decimal("0.1"))
        if "veto" in self.library[indicator]["parameters"]:
            return 0
        return (0, 0, 0, 1, 2)[dice.below(5)]

    def _last_stints(self, first: dt.date, last: dt.date) -> list[Stint]:
        """Each person's last primary post in a bureau between the days, in roster order."""
        found: dict[str, Stint] = {}
        for stint in self.told.stints:
            held = stint.start <= last and (stint.end is None or stint.end >= first)
            if held and stint.kind == "primary" and stint.post.bureau:
                known = found.get(stint.person["staff_no"])
                if known is None or known.start < stint.start:
                    found[stint.person["staff_no"]] = stint
        order = {code: place for place, code in enumerate(self.told.posts)}
        return sorted(found.values(), key=lambda stint: (order[stint.post.code], stint.seat, stint.start))

    def _person_2020(self, stint: Stint, scores: dict[str, Decimal], dice: Dice) -> Card:
        at = (stint.post.code, stint.seat)
        low = 62 if at in INCOMPETENT else 78 if at in BASIC else 0
        return self._person(stint, scores[stint.post.bureau], dice, low)

    def _person(self, stint: Stint, bureau_score: Decimal, dice: Dice, low: int = 0) -> Card:
        card = Card("person", stint.post.unit, stint.post.bureau, stint.person["staff_no"])
        own = low or dice.between(86, 99)
        for indicator, weight in PEOPLE[stint.post.grade]:
            if indicator == "p-bureau":
                card.line(indicator, weight, "", min(Decimal(100), bureau_score))
            elif indicator == "p-tasks":
                card.line(indicator, weight, 100, own + dice.between(-3, 5))
            elif self.library[indicator]["method"] == "rating":
                card.line(indicator, weight, "", min(99, own - 4 + dice.between(-3, 4)))
            else:
                card.line(
                    indicator, weight, "", 2 if low else 1 if dice.chance(8) and indicator != "p-integrity" else 0
                )
        return card

    def _grade(self, cards: list[tuple[Stint, Card]]) -> None:
        """Grades of a unit's people: at most a fifth excellent, by score, of those who stayed the year out."""
        for stint, card in cards:
            at = (stint.post.code, stint.seat)
            on_probation = stint.probation is not None and stint.probation > YEAR_END and stint.start <= YEAR_END
            card.rating = (
                "undetermined"
                if on_probation
                else "incompetent"
                if at in INCOMPETENT
                else "basic"
                if at in BASIC
                else "competent"
            )
        eligible = [
            card
            for stint, card in cards
            if card.rating == "competent"
            and stint.start <= dt.date(2020, 6, 30)
            and (stint.end is None or stint.end > YEAR_END)
        ]
        eligible.sort(key=lambda card: (-self.score(card), card.person))
        for card in eligible[: len(cards) // 5]:
            card.rating = "excellent"


def _towns(year: int) -> list[Card]:
    """The towns' cards of a year; what the year before came to stands beside its line."""
    cards = []
    for town, told in TOWNS[year].items():
        card = Card("unit", town, rating=TOWN_RATINGS.get(year, {}).get(town, ""))
        before = TOWNS.get(year - 1, {}).get(town, [("", "")] * len(TOWN_LINES))
        for (indicator, weight), (target, actual), (_goal, previous) in zip(TOWN_LINES, told, before, strict=True):
            card.line(indicator, weight, target, actual, previous)
        cards.append(card)
    return cards


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _clear(card: Card, entered: int) -> None:
    """Leave only the first so many lines with a result."""
    for line in card.lines[entered:]:
        line["actual"] = ""


def _rank_bureaus(cards: list[Card], scores: dict[str, Decimal]) -> None:
    """The best fifth of a unit's bureaus first class, the last one third, the others second."""
    ranked = sorted(cards, key=lambda card: (-scores[card.bureau], card.bureau))
    for place, card in enumerate(ranked):
        first, last = place < max(1, len(ranked) // 5), place == len(ranked) - 1
        card.rating = "first" if first else "third" if last else "second"


def lines(cards: Iterable[Card]) -> list[dict[str, Any]]:
    return [line for card in cards for line in card.lines]
