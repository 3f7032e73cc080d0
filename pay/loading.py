"""Loading pay schemes: ``scheme.yaml``."""

from __future__ import annotations

from typing import Any

from common.files import Folder, Row
from common.loading import Index, Tally, add_missing_dated, span
from pay.formulas import BadParameter
from pay.models import Scheme
from pay.settings import Settings
from zones.models import Instrument, Unit

SCHEME = "scheme.yaml"
NUMBERS = "alpha weight_tax weight_budget weight_gdp floor cap reference_multiple bureau_floor bureau_cap current_ratio"


def load(folder: Folder, tally: Tally) -> None:
    folder.sections(SCHEME, "schemes")
    units, instruments = Index(Unit), Index(Instrument)
    needed = f"zone starts version name instrument rating_factors grade_factors settings cutoff_day {NUMBERS}"
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
    add_missing_dated(Scheme, wanted, lambda scheme: [scheme.zone_id], tally)


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
