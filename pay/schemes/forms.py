"""The form of a scheme's version: its formulas, factors and settings, made from what they declare of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from common.forms import DayField
from common.numerals import plain
from kpi.models import Rating
from pay.formulas import METHODS
from pay.labels import NAMED
from pay.life.forms import PaperForm
from pay.models import PoolRule
from pay.schemes.services import PERSON_GRADES, UNIT_GRADES, Terms, check
from pay.settings import CHOICES, CUTTING
from pay.words import GROUPS, KINDS, NAMES, options
from zones.models import Metric, Unit

SAME, OWN = "same", "own"
WHOSE = [(SAME, _("同开发区")), (OWN, _("本单位另定"))]

#: The formulas in the order that the form offers them.
OFFERED = (("term", "F13"), ("term", "F01"), ("term", "F03"), ("term", "F06"), ("limit", "F02"), ("limit", "F03"))
METHOD_NAMES = dict(PoolRule.Method.choices)
HEAD = ("name", "name_en", "starts", "instrument", "new_title", "new_number", "new_issuer", "new_issued_on")
OPTION_WORDS = {
    "whole": _("全部"),
    "performance": _("绩效部分"),
    "freeze": _("总额不变"),
    "follow": _("总额随之下降"),
    "yes": _("是"),
    "no": _("否"),
    "figure": _("以基础数据为准"),
    "run": _("以批复的核算为准"),
}


class NumberField(forms.DecimalField):
    """A number of the scheme; what it may be is judged by the formula that reads it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_digits=12, decimal_places=4, widget=widget, **kwargs)


@dataclass(frozen=True)
class Place:
    """Whose formulas some fields are: a unit's own, or (None) everybody's who has none of his own."""

    unit: Unit | None = None
    name: str = ""

    @property
    def prefix(self) -> str:
        return f"{self.unit.code}_" if self.unit else ""

    @property
    def choice(self) -> str:
        return f"whose_{self.unit.code}" if self.unit else ""


class SchemeForm(PaperForm):
    """A version, from a day on. ``groups`` are its fields by heading.

    ``units`` are those that may be given formulas of their own, with their
    names; own formulas of any other unit go over unchanged.
    """

    name = forms.CharField(label=_("名称"), max_length=100)
    name_en = forms.CharField(label=_("英文名称"), max_length=200, required=False)
    starts = DayField(  # type: ignore[assignment]  # unlike a run, a version has a day of its own
        label=_("生效日期"), help_text=_("不早于批文日期；现行方案到前一天为止。")
    )
    bureau_floor = NumberField(label=_("部门系数下限"))
    bureau_cap = NumberField(label=_("部门系数上限"))
    cutoff_day = forms.IntegerField(
        label=_("在岗月认定日"),
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text=_("当月这一天在岗的，计满当月。"),
    )
    current_ratio = NumberField(label=_("当期发放比例"), help_text=_("其余部分递延，按任期考核结果兑现。"))

    def __init__(
        self, *args: Any, terms: Mapping[str, Any] | Terms, units: Sequence[tuple[Unit, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        given = terms if isinstance(terms, Mapping) else vars(terms)
        self.places = [Place(), *(Place(unit, name) for unit, name in units)]
        offered = {unit.pk for unit, _name in units}
        self.own_rules = [row for row in given["rules"] if row.get("unit") and row["unit"] not in offered]
        metrics = [(row.code, row.shown_name) for row in Metric.objects.filter(measure=Metric.Measure.YUAN)]
        #: By place, role and method: the box that puts the formula to use, then its parameters.
        self.rule_fields: dict[tuple[Place, str, str], list[str]] = {}
        for place in self.places:
            self._formulas(place, given["rules"], metrics)
        for prefix, grades in (("rating_factors", UNIT_GRADES), ("grade_factors", PERSON_GRADES)):
            for grade in grades:
                value = given[prefix].get(grade.value)
                self._add(f"{prefix}_{grade.value}", NumberField(label=Rating(grade).label, initial=value))
        for name, value in given["settings"].items():
            self._setting(name, value)
        for name in ("bureau_floor", "bureau_cap", "cutoff_day", "current_ratio"):
            value = given[name]
            self.initial.setdefault(name, value if isinstance(value, int) else plain(value))

    def _add(self, name: str, field: forms.Field) -> str:
        self.fields[name] = field
        return name

    def _formulas(self, place: Place, rules: Sequence[Mapping[str, Any]], metrics: list) -> None:
        """The fields of a place's formulas; those of a unit that has none of its own begin as everybody's."""
        own = [row for row in rules if row.get("unit") == (place.unit.pk if place.unit else None)]
        if place.unit:
            chosen = forms.ChoiceField(label=_("公式"), choices=WHOSE, initial=OWN if own else SAME)
            self._add(place.choice, chosen)
        begun = {(row["role"], row["method"]): row for row in own or [row for row in rules if not row.get("unit")]}
        for role, method in OFFERED:
            names = list(self._rule(f"{place.prefix}{role}_{method}", method, begun.get((role, method)), metrics))
            self.rule_fields[place, role, method] = names

    def _rule(self, prefix: str, method: str, row: Mapping[str, Any] | None, metrics: list) -> Iterable[str]:
        """A box that puts the formula to use, and its parameters."""
        yield self._add(
            prefix,
            forms.BooleanField(label=f"{METHOD_NAMES[method]}（{method}）", required=False, initial=row is not None),
        )
        given = row["parameters"] if row else {}
        for each in fields(METHODS[method].parameters):
            label = str(NAMED.get(each.name, each.name))
            field: forms.Field
            if each.metadata.get("metric"):
                field = forms.ChoiceField(label=label, choices=metrics, required=False)
            elif words := each.metadata.get("options"):
                field = forms.ChoiceField(
                    label=label, choices=[(word, OPTION_WORDS[word]) for word in words], required=False
                )
            else:
                field = NumberField(label=label, required=False)
            field.initial = given.get(each.name)
            yield self._add(f"{prefix}_{each.name}", field)

    def _setting(self, name: str, value: Any) -> None:
        label = str(NAMES[name])
        if name in CHOICES:
            field: forms.Field = forms.ChoiceField(label=label, choices=options(name), initial=value)
        elif name == "cutting_leave":
            kinds = [(kind, KINDS[kind]) for kind in CUTTING]
            field = forms.MultipleChoiceField(
                label=label,
                choices=kinds,
                initial=value,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("年休假、产假、工伤假一律不扣减（职工带薪年休假条例 3、5）。"),
            )
        elif name == "frozen_day":
            field = forms.CharField(label=label, max_length=5, initial=value, help_text=_("月-日，如 03-31。"))
        else:
            field = NumberField(label=label, initial=value)
        self._add(f"settings_{name}", field)

    @property
    def head(self) -> list[forms.BoundField]:
        """What the version is called, and what puts it in force."""
        return [self[name] for name in HEAD]

    @property
    def formulas(self) -> list[dict[str, Any]]:
        """Everybody's formulas."""
        return self._shown(self.places[0])

    @property
    def own(self) -> list[dict[str, Any]]:
        """The units that may have formulas of their own: the choice, and the formulas; open where there are any."""
        return [
            {
                "name": place.name,
                "choice": self[place.choice],
                "whose": dict(WHOSE).get(self[place.choice].value(), ""),
                "formulas": self._shown(place),
                "open": self[place.choice].value() == OWN or bool(self[place.choice].errors),
            }
            for place in self.places
            if place.unit
        ]

    def _shown(self, place: Place) -> list[dict[str, Any]]:
        """Every formula that is offered, folded unless it is in use or refused."""
        return [
            {
                "title": f"{PoolRule.Role(role).label} · {METHOD_NAMES[method]}",
                "fields": [self[name] for name in own],
                "open": bool(self[own[0]].value()) or any(self[name].errors for name in own),
            }
            for (whose, role, method), own in self.rule_fields.items()
            if whose == place
        ]

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The other fields by heading, in the order of the page."""
        names: list[tuple[Any, list[str]]] = []
        names += [
            (_("单位考核等次系数"), [f"rating_factors_{grade.value}" for grade in UNIT_GRADES]),
            (_("个人考核等次系数"), [f"grade_factors_{grade.value}" for grade in PERSON_GRADES]),
            (_("部门与发放"), ["bureau_floor", "bureau_cap", "cutoff_day", "current_ratio"]),
        ]
        names += [(title, [f"settings_{name}" for name in group]) for title, group in GROUPS]
        return [(title, [self[name] for name in own]) for title, own in names]

    def clean(self) -> dict[str, Any]:
        """Judge the terms here too where only the head is refused, so that everything is said at once."""
        data = super().clean() or self.cleaned_data
        if self.errors and not self.errors.keys() - {*HEAD, NON_FIELD_ERRORS}:
            try:
                check(self.terms())
            except ValidationError as error:
                self.take(error)
        return data

    def terms(self) -> Terms:
        """What was entered, for the service to judge; numbers as text, as they are stored."""
        data = self.cleaned_data
        return Terms(
            rules=[*self._chosen(), *self.own_rules],
            own_units=[place.unit.pk for place in self.places if place.unit and self._own(place)],
            rating_factors={grade.value: _text(data[f"rating_factors_{grade.value}"]) for grade in UNIT_GRADES},
            grade_factors={grade.value: _text(data[f"grade_factors_{grade.value}"]) for grade in PERSON_GRADES},
            settings={
                name.removeprefix("settings_"): value if isinstance(value, list) else _text(value)
                for name, value in data.items()
                if name.startswith("settings_")
            },
            **{name: data[name] for name in ("bureau_floor", "bureau_cap", "cutoff_day", "current_ratio")},
        )

    def _own(self, place: Place) -> bool:
        return not place.unit or self.cleaned_data.get(place.choice) == OWN

    def _chosen(self) -> list[dict[str, Any]]:
        """The formulas in use, everybody's first; those of a unit that goes with the zone are left aside."""
        data = self.cleaned_data
        return [
            {
                "role": role,
                "method": method,
                "parameters": {name.removeprefix(f"{own[0]}_"): _text(data.get(name)) for name in own[1:]},
                **({"unit": place.unit.pk} if place.unit else {}),
            }
            for (place, role, method), own in self.rule_fields.items()
            if data.get(own[0]) and self._own(place)
        ]

    def take(self, error: ValidationError) -> None:
        """The service's refusal at the field that it names: the form's own names are longer."""
        errors = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in errors.items():
            code, _dot, rest = name.rpartition(".")
            own = (name, f"settings_{name}", f"new_{name}")
            targets = [each for each in self.fields if not code and each in own]
            targets += [
                each
                for (place, _role, _method), own in self.rule_fields.items()
                for each in own[1:]
                if each == f"{own[0]}_{rest}"
                and self.cleaned_data.get(own[0])
                and place.prefix == (code and f"{code}_")
            ]
            targets += [place.choice for place in self.places if place.unit and place.unit.code == code]
            self.add_error(targets[0] if targets else None, messages)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else plain(value)
