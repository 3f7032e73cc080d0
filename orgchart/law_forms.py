"""Forms of the law: a charter with its parameters, quotas and tiers; an exception. Each brings its document along."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import DayField
from common.rules import Parameter, Rule
from orgchart.law import QuotaTable, stated
from orgchart.lawgiving import ExceptionTerms, TierTerms
from orgchart.models import Charter, QuotaKind, Tier
from zones.models import Instrument, Unit, UnitVersion

HUNDRED = Decimal(100)
#: How many rows of tiers the form offers beyond those that stand.
SPARE_TIERS = 1


def documents_of(unit_ids: Collection[int]) -> QuerySet[Instrument]:
    """The documents that anything in these units rests on, the latest first."""
    return (
        Instrument.objects.filter(
            Q(charter__zone__in=unit_ids)
            | Q(quota__unit__in=unit_ids)
            | Q(unitversion__unit__in=unit_ids)
            | Q(bureauversion__unit__in=unit_ids)
        )
        .distinct()
        .order_by("-issued_on", "code")
    )


class DocumentChoice(forms.ModelChoiceField):
    def label_from_instance(self, document: Instrument) -> str:
        return f"{document.issued_on:%Y-%m-%d} {document}"


class WithDocument(forms.Form):
    """A document on file, or a new one to put there: one of the two."""

    instrument = DocumentChoice(
        Instrument.objects.none(),
        label=gettext_lazy("批文"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("登记新批文（填写下面四项）"),
    )
    new_title = forms.CharField(label=gettext_lazy("新批文标题"), max_length=200, required=False)
    new_number = forms.CharField(label=gettext_lazy("新批文文号"), max_length=100, required=False)
    new_issuer = forms.CharField(label=gettext_lazy("新批文发文机关"), max_length=100, required=False)
    new_issued_on = DayField(label=gettext_lazy("新批文发文日期"), required=False)
    starts = DayField(label=gettext_lazy("生效日期"), help_text=gettext_lazy("不早于批文日期。"))

    def __init__(self, *args: Any, documents: QuerySet[Instrument], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].queryset = documents  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("instrument"):
            names = ("new_title", "new_number", "new_issuer", "new_issued_on")
            missing = [name for name in names if not data.get(name) and name not in self.errors]
            # Nothing said at all is one thing to mend, not four.
            for name in ["instrument"] if len(missing) == len(names) else missing:
                self.add_error(name, _("请选择已登记的批文，或填写新批文"))
        return data

    @property
    def new_document(self) -> dict[str, Any] | None:
        """What to put on file, keyed as ``zones.services.record_instrument`` wants it; None where one was chosen."""
        if self.cleaned_data.get("instrument"):
            return None
        return {name: self.cleaned_data[f"new_{name}"] for name in ("title", "number", "issuer", "issued_on")}

    def take(self, error: ValidationError) -> None:
        """A service's refusal at the fields it is about; what has no field here goes to the top."""
        found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
        for name, errors in found.items():
            place = next((each for each in (name, f"new_{name}") if each in self.fields), None)
            self.add_error(place, [text for each in errors for text in each.messages])


def _parameter_field(parameter: Parameter, label: str) -> forms.Field:
    terms: dict[str, Any] = {"label": label, "required": False}
    if parameter.kind == "flag":
        return forms.TypedChoiceField(
            choices=[("", _("本区规定未采用")), ("1", _("是")), ("0", _("否"))],
            coerce=Decimal,
            empty_value=None,
            **terms,
        )
    most = HUNDRED if parameter.kind == "ratio" else None
    return forms.DecimalField(
        min_value=0,
        max_value=most,
        max_digits=8,
        decimal_places=2,
        help_text=_("单位：%(unit)s；留空为不采用") % {"unit": parameter.unit},
        **terms,
    )


class CharterForm(WithDocument):
    """A charter: what it states for each rule, which kinds it limits, the quotas of each unit, and the tiers."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    replacing = forms.IntegerField(required=False, widget=forms.HiddenInput())
    limited_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("实行限额的种类"),
        choices=QuotaKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=gettext_lazy("选中的种类，每个设有职能机构的单位都须有限额。"),
    )
    field_order = ["name", "instrument", "new_title", "new_number", "new_issuer", "new_issued_on", "starts"]

    def __init__(
        self,
        *args: Any,
        charter: Charter | None,
        table: QuotaTable,
        versions: Sequence[UnitVersion],
        tiers: Sequence[Tier],
        **kwargs: Any,
    ) -> None:
        initial = {
            "replacing": charter.pk if charter else None,
            "limited_kinds": charter.limited_kinds if charter else [],
            **kwargs.pop("initial", {}),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.parameter_keys: dict[str, tuple[str, str]] = {}
        for each in stated(charter):
            field = f"p_{each.rule.id}_{each.name}"
            self.parameter_keys[field] = each.rule.id, each.name
            self.fields[field] = _parameter_field(each.parameter, f"{each.rule.id} {each.parameter.label}")
            if each.value is not None:
                shown = each.value * HUNDRED if each.parameter.kind == "ratio" else each.value
                self.initial[field] = f"{shown.normalize():f}"
        held = {(quota.unit_id, quota.kind): quota.limit for _v, quotas in table.rows for quota in quotas if quota}
        self.limit_keys: dict[str, tuple[Unit, str]] = {}
        for version in versions:
            for kind in QuotaKind:
                field = f"q_{version.unit.code}_{kind}"
                self.limit_keys[field] = version.unit, kind.value
                label = f"{version.shown_short_name} {kind.label}"
                self.fields[field] = forms.IntegerField(label=label, required=False, min_value=0, max_value=9999)
                self.initial[field] = held.get((version.unit_id, kind.value))
        self.standing_tiers = {tier.number: tier for tier in tiers}
        self.tier_count = max([*self.standing_tiers, 2]) + SPARE_TIERS
        for number in range(1, self.tier_count + 1):
            tier = self.standing_tiers.get(number)
            self.fields[f"t_{number}_name"] = forms.CharField(
                label=_("第 %(n)s 级名称") % {"n": number}, required=False, max_length=100
            )
            self.fields[f"t_{number}_kind"] = forms.ChoiceField(
                label=_("第 %(n)s 级性质") % {"n": number}, choices=Tier.Kind.choices, required=False
            )
            self.initial[f"t_{number}_name"] = tier.name if tier else ""
            self.initial[f"t_{number}_kind"] = tier.kind if tier else Tier.Kind.STAFF

    # --- what the service takes ---

    @property
    def parameters(self) -> dict[tuple[str, str], Decimal]:
        out = {}
        for field, (rule, name) in self.parameter_keys.items():
            value = self.cleaned_data.get(field)
            if value is not None:
                ratio = Rule.registry[rule].parameters[name].kind == "ratio"
                out[rule, name] = value / HUNDRED if ratio else value
        return out

    @property
    def limits(self) -> dict[tuple[Unit, str], int | None]:
        return {key: self.cleaned_data.get(field) for field, key in self.limit_keys.items()}

    @property
    def tiers(self) -> list[TierTerms]:
        terms = []
        for number in range(1, self.tier_count + 1):
            name, kind = (self.cleaned_data.get(f"t_{number}_{part}") for part in ("name", "kind"))
            if name:
                old = self.standing_tiers.get(number)
                name_en = old.name_en if old and old.name == name else ""
                terms.append(TierTerms(number, kind or Tier.Kind.STAFF, name, name_en))
        return terms

    # --- how the page lays it out ---

    @property
    def head_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.field_order]

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.parameter_keys]

    @property
    def limit_rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """A row a kind of quota, a cell a unit."""
        units = list({unit.code: unit for unit, _kind in self.limit_keys.values()})
        return [(kind.label, [self[f"q_{code}_{kind}"] for code in units]) for kind in QuotaKind]

    @property
    def tier_rows(self) -> list[tuple[int, forms.BoundField, forms.BoundField]]:
        return [(n, self[f"t_{n}_name"], self[f"t_{n}_kind"]) for n in range(1, self.tier_count + 1)]


def hard_measures() -> list[tuple[str, str]]:
    """Every measure that an exception may be about, as ``rule/measure``."""
    return [
        (f"{rule.id}/{measure}", f"{rule.id} {rule.title}（{measure}）")
        for _id, rule in sorted(Rule.registry.items())
        for measure in rule.finders
        if rule.severity == "hard" and measure not in rule.warnings
    ]


class ExceptionForm(WithDocument):
    """An exception for what is real and over-full."""

    unit = forms.ChoiceField(label=gettext_lazy("单位"))
    about = forms.ChoiceField(label=gettext_lazy("规则与事项"), choices=hard_measures)
    allowed = forms.IntegerField(
        label=gettext_lazy("容许超出"),
        min_value=1,
        max_value=9999,
        help_text=gettext_lazy("比限额最多多出几个；只减不增。"),
    )
    ends = DayField(label=gettext_lazy("最后一天"), required=False, help_text=gettext_lazy("留空为直至消化。"))
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)
    field_order = ["unit", "about", "allowed", "instrument", "new_title", "new_number", "new_issuer", "new_issued_on"]

    def __init__(self, *args: Any, versions: Sequence[UnitVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {version.unit.code: version.unit for version in versions}
        self.fields["unit"].choices = [  # type: ignore[attr-defined]
            (version.unit.code, version.shown_short_name) for version in versions
        ]

    @property
    def terms(self) -> ExceptionTerms:
        data = self.cleaned_data
        rule, _slash, measure = data["about"].partition("/")
        return ExceptionTerms(self.units[data["unit"]], rule, measure, data["allowed"], data["ends"], data["note"])


class EndExceptionForm(forms.Form):
    """The last day of an exception that was cured, and why it ends."""

    on = DayField(label=gettext_lazy("最后一天"))
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200)
