"""Forms of what parks are for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from common import numerals
from common.forms import DayField
from zones.forms import AmountField, UnitChoice
from zones.models import Industry, ProjectStage, Unit

ANY = ("", _("全部"))


class PositioningForm(forms.Form):
    unit = UnitChoice(Unit.objects.none(), label=_("园区"), to_field_name="code", empty_label=None)
    industry = forms.ModelChoiceField(Industry.objects.all(), label=_("产业"), to_field_name="code", empty_label=None)
    starts = DayField(label=_("自"))
    reason = forms.CharField(label=_("依据或说明"), max_length=200, required=False)

    def __init__(self, *args: Any, parks: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = parks


class ClosePositioningForm(forms.Form):
    ends = DayField(label=_("最后一天"))
    reason = forms.CharField(label=_("依据或说明"), max_length=200, required=False)


class ProjectFilters(forms.Form):
    """The choices over the projects, all in the address."""

    unit = forms.ChoiceField(label=_("单位"), required=False)
    town = forms.ChoiceField(label=_("属地镇"), required=False)
    stage = forms.ChoiceField(label=_("阶段"), choices=[ANY, *ProjectStage.Stage.choices], required=False)

    def __init__(self, data: Any, *, units: list[tuple[str, str]], towns: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["unit"].choices = [ANY, *units]
        self.fields["town"].choices = [ANY, *towns]

    def chosen(self) -> dict[str, str]:
        """What was chosen and exists."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class StageForm(forms.Form):
    stage = forms.ChoiceField(label=_("阶段"), choices=ProjectStage.Stage.choices)
    as_of = DayField(label=_("截至"), help_text=_("已知项目处于该阶段的日期。"))
    note = forms.CharField(label=_("说明"), max_length=200, required=False)
    source = forms.CharField(label=_("出处"), max_length=200, required=False)


class ProjectForm(StageForm):
    """A project to enter; its amount is typed in 万元 and kept in yuan."""

    unit = UnitChoice(Unit.objects.none(), label=_("所在园区"), to_field_name="code", empty_label=None)
    town = UnitChoice(Unit.objects.none(), label=_("属地镇"), to_field_name="code", required=False)
    code = forms.SlugField(label=_("代码"), max_length=40, help_text=_("字母、数字、连字符，录入后不变。"))
    name = forms.CharField(label=_("名称"), max_length=100)
    partner = forms.CharField(label=_("合作方"), max_length=200, required=False)
    investment = AmountField(
        label=_("总投资（万元）"),
        max_digits=16,
        decimal_places=4,
        required=False,
        help_text=_("未公布的留空。"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    field_order = ("unit", "town", "code", "name", "partner", "investment", "stage", "as_of", "note", "source")

    def __init__(self, *args: Any, units: QuerySet[Unit], towns: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units
        self.fields["town"].queryset = towns

    def clean_investment(self):
        given = self.cleaned_data["investment"]
        return None if given is None else given * numerals.WAN
