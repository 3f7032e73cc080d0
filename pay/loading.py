"""Loading pay schemes: ``scheme.yaml``."""

from __future__ import annotations

from typing import Any

from common.files import Folder, Row
from common.loading import Index, Tally, add_missing, add_missing_dated, span
from pay.formulas import BadParameter, Rule
from pay.models import PoolRule, Scheme
from pay.settings import Settings
from zones.models import Instrument, Unit

SCHEME = "scheme.yaml"
NUMBERS = "bureau_floor bureau_cap current_ratio"


def load(folder: Folder, tally: Tally) -> None:
    folder.sections(SCHEME, "schemes")
    units, instruments = Index(Unit), Index(Instrument)
    needed = f"zone starts version name instrument rating_factors grade_factors settings pool cutoff_day {NUMBERS}"
    wanted = [
        (
            row,
            Scheme(
                zone_id=units.find(row, "zone"),
                period=span(row),
                version=row.whole("version"),
                name=row.text("name"),
                name_en=row.text("name_en"),
                instrument_id=instruments.find(row, "instrument"),
                rating_factors=_factors(row, "rating_factors"),
                grade_factors=_factors(row, "grade_factors"),
                settings=_settings(row),
                cutoff_day=row.whole("cutoff_day"),
                is_example=row.flag("example"),
                **{name: row.number(name) for name in NUMBERS.split()},
            ),
        )
        for row in folder.section(SCHEME, "schemes", needed, "ends name_en example")
    ]
    rules = {id(scheme): _rules(row, units) for row, scheme in wanted}
    made = add_missing_dated(Scheme, wanted, lambda scheme: [scheme.zone_id], tally)
    fresh = [(row, (scheme.pk, rule.role, rule.method), rule) for scheme in made for row, rule in rules[id(scheme)]]
    for scheme in made:
        for _row, rule in rules[id(scheme)]:
            rule.scheme = scheme
    add_missing(PoolRule, fresh, (), tally)


def _rules(row: Row, units: Index) -> list[tuple[Row, PoolRule]]:
    """The formulas of a scheme's pools, in the file's order; without a term the file is refused."""
    found = []
    for at, each in enumerate(row.rows("pool", "role method parameters", "unit"), start=1):
        given = {name: str(value) for name, value in each.mapping("parameters").items()}
        raw = {"role": each.text("role"), "method": each.text("method"), "parameters": given}
        try:
            rule = Rule.read(raw).as_json()
        except BadParameter as error:
            raise each.error(f"{error.field}: {error.reason}", "parameters") from error
        found.append((each, PoolRule(unit_id=units.maybe(each, "unit"), sequence=at, **rule)))
    if not any(rule.role == PoolRule.Role.TERM and rule.unit_id is None for _row, rule in found):
        raise row.error("needs a term", "pool")
    return found


def _factors(row: Row, field: str) -> dict[str, str]:
    """Ratios by grade, kept as text: JSON's own numbers would come back as floats."""
    factors = {grade: Row({grade: value}, row.place).number(grade) for grade, value in row.mapping(field).items()}
    if not factors or any(value < 0 for value in factors.values()):
        raise row.error("every grade needs a factor, and none below zero", field)
    return {grade: f"{value:f}" for grade, value in factors.items()}


def _settings(row: Row) -> dict[str, Any]:
    """How the scheme decides each edge case: all of them, or the file is refused."""
    given = {name: value if isinstance(value, list) else str(value) for name, value in row.mapping("settings").items()}
    try:
        return Settings.read(given).as_json()
    except BadParameter as error:
        raise row.error(f"{error.field}: {error.reason}", "settings") from error
