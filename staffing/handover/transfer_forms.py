"""Forms of a handover of duties. They read what was typed; rules are the services'."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from common.forms import DayField
from orgchart.ledger import Change
from orgchart.models import DutyTransfer, Side
from zones.forms import AmountField
from zones.models import Project

ANY = ("", _("全部"))


class TransferFilters(forms.Form):
    """The choices over the list of handovers, all in the address."""

    STATES = (
        ANY,
        ("late", _("逾期")),
        ("disputed", _("有争议")),
        ("to_sign", _("待我签字")),
        *DutyTransfer.State.choices,
    )

    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)
    unit = forms.ChoiceField(label=_("单位"), required=False)

    def __init__(self, data: Any, *, units: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["unit"].choices = [ANY, *units]

    def chosen(self) -> dict[str, str]:
        """What was chosen and exists."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class HandoverForm(forms.Form):
    """What goes with a change of bearer: which of its duties, who, how much, which projects and files, until when."""

    lines = forms.MultipleChoiceField(label=_("移交的职责"), widget=forms.CheckboxSelectMultiple)
    deadline = DayField(label=_("移交期限"), help_text=_("期限当日仍算按期；次日起为逾期。"))
    staff_count = forms.IntegerField(label=_("移交人员（人）"), min_value=0, max_value=100000, required=False)
    staff = forms.CharField(
        label=_("人员名单"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("在册人员填工号，岗位填岗位编号，用空格、逗号或换行分开。"),
    )
    staff_note = forms.CharField(label=_("人员说明"), max_length=300, required=False)
    funds = AmountField(
        label=_("移交经费（元）"),
        min_value=0,
        max_digits=18,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    funds_note = forms.CharField(label=_("经费说明"), max_length=300, required=False)
    projects = forms.ModelMultipleChoiceField(
        Project.objects.none(),
        label=_("移交项目"),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    archive_volumes = forms.IntegerField(label=_("移交档案（卷）"), min_value=0, max_value=10**8, required=False)
    archive_note = forms.CharField(label=_("档案说明"), max_length=300, required=False)
    note = forms.CharField(label=_("说明"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, change: Change, projects: QuerySet[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.change = change
        self.by_key = {f"{row.duty.code}@{row.area.code}": (row.duty, row.area) for row, _name in change.lines}
        self.fields["lines"].choices = [
            (f"{row.duty.code}@{row.area.code}", f"{row.duty.shown_name}（{name.name}）") for row, name in change.lines
        ]
        self.fields["projects"].queryset = projects
        if not projects:
            del self.fields["projects"]

    def clean_lines(self) -> list:
        return [self.by_key[key] for key in self.cleaned_data["lines"]]

    def clean_staff(self) -> list[str]:
        return (
            list(dict.fromkeys(re.split(r"[\s,，、;；]+", self.cleaned_data["staff"].strip())))
            if self.cleaned_data["staff"].strip()
            else []
        )


class ChangeForm(forms.Form):
    """Which change of bearer the handover goes with."""

    change = forms.ChoiceField(label=_("职责变动"), help_text=_("台账中已登记、还没有移交记录的变动。"))

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["change"].choices = choices


class SignForm(forms.Form):
    """A signature for one side, on the version that the signer has read."""

    side = forms.ChoiceField(label=_("代表"), choices=Side.choices)
    capacity = forms.CharField(label=_("签字身份"), max_length=100, help_text=_("如：某镇人民政府镇长。"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, sides: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["side"].choices = sides


class DisputeForm(forms.Form):
    side = forms.ChoiceField(label=_("提出方"), choices=Side.choices)
    text = forms.CharField(label=_("争议事项"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, sides: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["side"].choices = sides


class SettleForm(forms.Form):
    settlement = forms.CharField(label=_("处理结果"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class WithdrawForm(forms.Form):
    why = forms.CharField(label=_("撤回理由"), max_length=300)
