"""What can be moved in a simulation: every number of the scheme that a pool and its sharing follow from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from kpi.models import Rating
from pay.formulas import METHODS, BadParameter
from pay.labels import STEPS, explain, reason
from pay.models import PoolRule

#: The widest that a slider goes; a number may be typed beyond it.
SLIDER_MOST = Decimal(3)
STEP = Decimal("0.01")


@dataclass(frozen=True)
class Dial:
    """One parameter: its path in the run's inputs (``pay.simulation.model.changed``), its words, its value now."""

    path: str
    label: str
    group: str
    value: str

    @property
    def most(self) -> Decimal:
        """Where its slider ends: twice what stands, at least 1."""
        return max(min(Decimal(self.value) * 2, SLIDER_MOST), Decimal(1), Decimal(self.value))


def dials(values: Mapping[str, Any]) -> list[Dial]:
    """The numbers of the run's scheme, by group, in the order in which a pool is made and shared."""
    scheme = values["scheme"]
    found = []
    methods, roles = dict(PoolRule.Method.choices), dict(PoolRule.Role.choices)
    for place, rule in enumerate(scheme.get("rules", [])):
        # Stored as JSON they have lost their order; the formula's own is the one that people know.
        for name in (each.name for each in fields(METHODS[rule["method"]].parameters)):
            value = rule["parameters"].get(name)
            if _is_number(value):
                path, label = f"rules.{place}.{name}", str(STEPS.get(name, name))
                # One formula may add and hold down: its two sets of dials stand apart.
                group = f"{roles.get(rule['role'], '')} · {methods.get(rule['method'], rule['method'])}"
                found.append(Dial(path, label, group, str(value)))
    for grade, factor in scheme["rating_factors"].items():
        found.append(Dial(f"rating_factors.{grade}", _word(grade), _("考核等次系数"), str(factor)))
    bounds = ("bureau_floor", "bureau_cap")
    found += [Dial(name, str(STEPS[name]), _("部门系数"), str(scheme[name])) for name in bounds]
    for grade, factor in scheme["grade_factors"].items():
        found.append(Dial(f"grade_factors.{grade}", _word(grade), _("等次系数"), str(factor)))
    return found


def _is_number(value: Any) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _word(grade: str) -> str:
    return str(Rating(grade).label) if grade in Rating.values else grade


class SimulationForm(forms.Form):
    """The dials as number fields, and the city's grade. ``changes`` is what differs from the run."""

    def __init__(self, *args: Any, values: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.values = values
        self.dials = dials(values)
        rating = values["rating"]
        grades = values["scheme"]["rating_factors"]
        if rating:
            self.fields["rating"] = forms.ChoiceField(
                label=_("市考核等次"),
                choices=[(grade, _word(grade)) for grade in grades],
                initial=rating["value"],
                required=False,
            )
        for dial in self.dials:
            self.fields[dial.path] = forms.DecimalField(
                label=dial.label,
                initial=Decimal(dial.value),
                min_value=0,
                max_value=1000,
                max_digits=10,
                decimal_places=4,
                required=False,
            )

    @property
    def changes(self) -> dict[str, str]:
        """The paths that differ from what stands, with their new value as text."""
        given = self.cleaned_data
        found = {
            dial.path: f"{given[dial.path].normalize():f}"
            for dial in self.dials
            if given.get(dial.path) is not None and given[dial.path] != Decimal(dial.value)
        }
        if given.get("rating") and given["rating"] != self.values["rating"]["value"]:
            found["rating"] = given["rating"]
        return found

    def take_parameter(self, error: BadParameter) -> None:
        """A formula's refusal at the dial of that parameter; at the top, with its name, where it has none."""
        ends = (error.field, f".{error.field}")
        path = next((dial.path for dial in self.dials if dial.path == ends[0] or dial.path.endswith(ends[1])), None)
        self.add_error(path, reason(error) if path else explain(error))
