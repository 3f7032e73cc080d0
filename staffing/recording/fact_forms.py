"""Forms of dated facts about people; one a fact, and those that close and annul."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import DayInput
from staffing.models import Absence, Inquiry, Kinship, Sanction, Secondment, Trial

Choices = list[tuple[str, Any]]


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=help_text, widget=DayInput())


def _choice(label: Any, choices: list) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", gettext_lazy("请选择")), *choices])


def _document(label: Any, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=60, required=required)


class FactForm(forms.Form):
    """``seen`` is what the page was made from; a correction takes a ``reason`` besides."""

    starts = _day(gettext_lazy("开始日期"))
    ends = _day(gettext_lazy("结束日期"), required=False, help_text=gettext_lazy("当天计算在内；尚未结束则不填"))
    document_number = _document(gettext_lazy("依据文号"))
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)
    field_order: tuple[str, ...] = ("kind",)

    def __init__(self, *args: Any, units: Choices = (), correcting: bool = False, **kwargs: Any) -> None:  # type: ignore[assignment]
        super().__init__(*args, **kwargs)
        if correcting:
            self.fields["reason"] = forms.CharField(label=_("更正理由"), max_length=200)
            self.fields["seen"] = forms.CharField(widget=forms.HiddenInput)
        self.order_fields(self.field_order)


class AbsenceForm(FactForm):
    kind = _choice(gettext_lazy("类别"), Absence.Kind.choices)


class SecondmentForm(FactForm):
    kind = _choice(gettext_lazy("方式"), Secondment.Kind.choices)
    host_unit = forms.ChoiceField(label=gettext_lazy("接收单位"), required=False)
    host_name = forms.CharField(
        label=gettext_lazy("区外接收单位"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("接收单位不在本区时填写单位名称"),
    )
    field_order = ("kind", "host_unit", "host_name")

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host_unit"].choices = [("", _("不在本区")), *units]


class SanctionForm(FactForm):
    kind = _choice(gettext_lazy("处分种类"), Sanction.Kind.choices)
    starts = _day(gettext_lazy("决定日期"), help_text=gettext_lazy("处分期自此日起算，长短由规定载明"))
    document_number = _document(gettext_lazy("处分决定文号"), required=True)
    ends = None  # type: ignore[assignment]  # so a form drops a field


class InquiryForm(FactForm):
    starts = _day(gettext_lazy("立案日期"))
    ends = None  # type: ignore[assignment]  # so a form drops a field


class KinshipForm(FactForm):
    relative = forms.CharField(label=gettext_lazy("亲属的工号"), max_length=20)
    relation = _choice(gettext_lazy("亲属关系"), Kinship.Relation.choices)
    starts = _day(gettext_lazy("关系开始日期"))
    document_number = None  # type: ignore[assignment]
    note = None  # type: ignore[assignment]
    field_order = ("relative", "relation")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:  # who they are is not corrected but annulled
            del self.fields["relative"]


class CloseForm(forms.Form):
    on = _day(gettext_lazy("结束日期"), help_text=gettext_lazy("最后一天，当天计算在内"))
    reason = forms.CharField(label=gettext_lazy("办理说明"), max_length=200, required=False)


class CloseInquiryForm(CloseForm):
    outcome = _choice(gettext_lazy("结案结果"), [pair for pair in Inquiry.Outcome.choices if pair[0]])
    field_order = ("on", "outcome")


class AnnulForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("作废理由"), max_length=200)
    seen = forms.CharField(widget=forms.HiddenInput)


class TrialForm(forms.Form):
    outcome = _choice(gettext_lazy("试用结果"), Trial.Outcome.choices)
    decided_on = _day(gettext_lazy("决定日期"), help_text=gettext_lazy("试用不合格的，此日为在岗的最后一天"))
    extended_to = _day(gettext_lazy("延长至"), required=False, help_text=gettext_lazy("仅延长试用时填写"))
    document_number = _document(gettext_lazy("依据文号"))
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)


class StepForm(forms.Form):
    step = forms.IntegerField(label=gettext_lazy("新档级"), min_value=1, max_value=99)
    starts = _day(gettext_lazy("执行日期"))
    document_number = _document(gettext_lazy("依据文号"))
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)


class FindForm(forms.Form):
    """A national ID in full. It is sent by POST, so that it stands in no address and no log."""

    national_id = forms.CharField(
        label=gettext_lazy("身份证号"),
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        help_text=gettext_lazy("须填写完整的 18 位号码"),
    )


FORMS: dict[str, type[FactForm]] = {
    Absence.noun: AbsenceForm,
    Secondment.noun: SecondmentForm,
    Sanction.noun: SanctionForm,
    Inquiry.noun: InquiryForm,
    Kinship.noun: KinshipForm,
}
