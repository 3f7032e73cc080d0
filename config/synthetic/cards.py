"""Scorecards: 2020 complete and graded, 2026 under way. Points are what ``kpi/scoring.py`` makes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from config.synthetic.careers import Careers, Stint
from config.synthetic.city import (
    BOUND,
    GROUPS,
    NOT_APPLICABLE,
    TARGETS_2019,
    TOWN_LINES,
    TOWN_RATINGS,
    TOWNS,
    UNIT_RATINGS_2019,
    UNIT_RATINGS_LATER,
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
from kpi.judgement import Weighted, effective_weights
from kpi.points import Delivered

#: Hand-picked by year: who did badly.
BASIC = {
    2020: {
        *(("AUTO-UTIL-S2", 2), ("AUTO-INVEST-S2", 3), ("CHEM-OFFICE-S2", 4)),
        *(("YZ-SOCIAL-S2", 2), ("DATA-INVEST-S2", 2)),
    },
    2025: {("YZ-BUILD-S2", 2), ("YZ-SOCIAL-S2", 3), ("CHEM-OFFICE-S2", 2), ("AUTO-INDUSTRY-S2", 2)},
}
INCOMPETENT = {2020: {("AUTO-OFFICE-S2", 3)}, 2025: set()}


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
                "not_applicable": "",
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
        whole = [row for row in figures if not row["through"]]
        self.figures = {(row["unit"], row["metric"], int(row["year"])): Decimal(row["value"]) for row in whole}
        self.told = told

    def score(self, card: Card) -> Decimal:
        """What the card comes to, as the loader will compute it."""
        steps = []
        spread = effective_weights(
            [Weighted(Decimal(line["weight"]), line["group"], not line["not_applicable"]) for line in card.lines]
        )
        for line, weight in zip(card.lines, spread, strict=True):
            if line["not_applicable"]:
                continue
            known = self.library[line["indicator"]]
            target = Decimal(str(line["target"])) if line["target"] != "" else None
            parameters = {
                key: value if isinstance(value, bool) else str(value)
                for key, value in known.get("parameters", {}).items()
            }
            actual = Decimal(str(line["actual"]))
            steps.append(points.score_line(known["method"], weight, Delivered(actual, target), parameters))
        return points.final_score(points.total(steps).value)

    def of_2019(self) -> list[Card]:
        """The city's over its units alone: there were no posts and people on file yet."""
        return [self._unit_2019(unit) for unit in UNIT_RATINGS_2019] + _towns(2019)

    def of_2020(self) -> list[Card]:
        units = [self._unit_2020(unit) for unit in SIZE]
        return units + _towns(2020) + self._of_zone(2020)

    def of_2024(self) -> list[Card]:
        """The city's alone: what 2025 is compared with."""
        return [self._unit_later(unit, 2024) for unit in SIZE] + _towns(2024)

    def of_2025(self) -> list[Card]:
        """The year published last. Lines that a figure fills are empty here; one here and there does not apply."""
        cards = [self._unit_later(unit, 2025) for unit in SIZE] + _towns(2025)
        for card in cards:
            _leave_out(card)
        return cards + self._of_zone(2025)

    def _of_zone(self, year: int) -> list[Card]:
        """A whole year of bureaus and people, scored and graded."""
        dice = Dice(f"cards {year}")
        bureaus = [self._bureau(row, dice, FORM[row["unit"]]) for row in self.bureaus]
        if year == 2025:
            for card in bureaus:
                _leave_out(card)
        scores = {card.bureau: self.score(card) for card in bureaus}
        for unit in SIZE:
            _rank_bureaus([card for card in bureaus if card.unit == unit], scores)
        last = self._last_stints(dt.date(year, 1, 1), dt.date(year, 12, 31))
        people = [self._person_of(year, stint, scores, dice) for stint in last]
        for unit in SIZE:
            self._grade(year, [(stint, card) for stint, card in zip(last, people, strict=True) if card.unit == unit])
        return bureaus + people

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

    def _unit_later(self, unit: str, year: int) -> Card:
        """2024 and 2025: goals a little under those of the year after; what a figure tells follows it."""
        card = Card("unit", unit, rating=UNIT_RATINGS_LATER[year][unit])
        dice = Dice(f"unit {unit} {year}")
        for indicator, weight, source in UNIT_LINES:
            metric = source.partition(" ")[2]
            before, now = (self.figures.get((unit, metric, of)) for of in (year - 1, year))
            if indicator in BOUND and now:
                goal = ((before * 104 / 100 if before else now) / Decimal(10) ** 8).quantize(Decimal("0.1"))
                card.line(indicator, weight, goal, "", _plain(before / Decimal(10) ** 8) if before else "")
            elif before and now:
                card.line(indicator, weight, "6", ((now / before - 1) * 100).quantize(Decimal("0.01")))
            else:
                card.line(indicator, weight, *self._by_chance(indicator, unit, 2026 - year, dice))
        return card

    def _by_chance(self, indicator: str, unit: str, years: int, dice: Dice) -> tuple[str, str]:
        """(goal, actual) of a line that no figure tells, so many years before 2026."""
        goal = UNIT_2026.get(indicator, {}).get(unit, ("", ""))[0]
        if self.library[indicator]["method"] == "rating":
            return "", str(88 + dice.between(0, 6))
        if self.library[indicator]["method"] == "deduction":
            return "", str(int(indicator == "u-environment" and dice.chance(40)))
        if self.library[indicator]["method"] == "efficacy":
            return "6", f"{Decimal(dice.between(42, 68)) / 10}"
        whole = Decimal(goal) == int(Decimal(goal))
        wanted = (Decimal(goal) * (100 - 6 * years) / 100).quantize(Decimal(1) if whole else Decimal("0.1"))
        done = (wanted * dice.between(93, 108) / 100).quantize(Decimal(1) if whole else Decimal("0.1"))
        return str(wanted), str(done)

    def _unit_2026(self, unit: str) -> Card:
        card = Card("unit", unit)
        before = {line["indicator"]: line["actual"] for line in self._unit_later(unit, 2025).lines}
        for indicator, weight, source in UNIT_LINES:
            target, actual = UNIT_2026.get(indicator, {}).get(unit, ("", ""))
            if indicator in BOUND:
                before[indicator] = _plain(self.figures[unit, source.split()[1], 2025] / Decimal(10) ** 8)
            card.line(indicator, weight, target, actual, before[indicator])
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

    def _person_of(self, year: int, stint: Stint, scores: dict[str, Decimal], dice: Dice) -> Card:
        at = (stint.post.code, stint.seat)
        low = 62 if at in INCOMPETENT[year] else 78 if at in BASIC[year] else 0
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

    def _grade(self, year: int, cards: list[tuple[Stint, Card]]) -> None:
        """Grades of a unit's people: at most a fifth excellent, by score, of those who stayed the year out.

        Whoever was on probation at the end of the year has none (ASM-05).
        """
        last = dt.date(year, 12, 31)
        for stint, card in cards:
            at = (stint.post.code, stint.seat)
            on_probation = stint.probation is not None and stint.probation > last and stint.start <= last
            card.rating = (
                "undetermined"
                if on_probation
                else "incompetent"
                if at in INCOMPETENT[year]
                else "basic"
                if at in BASIC[year]
                else "competent"
            )
        eligible = [
            card
            for stint, card in cards
            if card.rating == "competent"
            and stint.start <= dt.date(year, 6, 30)
            and (stint.end is None or stint.end > last)
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


def _leave_out(card: Card) -> None:
    """What does not apply to the card has no result and says why."""
    for line in card.lines:
        if reason := NOT_APPLICABLE.get((card.subject, line["indicator"])):
            line["actual"], line["not_applicable"] = "", reason


def _rank_bureaus(cards: list[Card], scores: dict[str, Decimal]) -> None:
    """The best fifth of a unit's bureaus first class, the last one third, the others second."""
    ranked = sorted(cards, key=lambda card: (-scores[card.bureau], card.bureau))
    for place, card in enumerate(ranked):
        first, last = place < max(1, len(ranked) // 5), place == len(ranked) - 1
        card.rating = "first" if first else "third" if last else "second"


def lines(cards: Iterable[Card]) -> list[dict[str, Any]]:
    """A year's lines; the reason why one does not apply has a column in the years that know such a line."""
    found = [line for card in cards for line in card.lines]
    if not any(line["not_applicable"] for line in found):
        for line in found:
            del line["not_applicable"]
    return found
