"""Forms of a round. They read what was typed; rules are the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import DayInput
from staffing.models import Applicant, Candidate, Person, Selection
from staffing.selection.reading import Offer
from staffing.selection.rounds import PLAN


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=help_text, widget=DayInput())


def _long(label: Any, limit: int, *, required: bool = True, help_text: Any = "", rows: int = 4) -> forms.CharField:
    box = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=limit, required=required, help_text=help_text, widget=box)


class PlanForm(forms.ModelForm):
    """The plan of a round (方案)."""

    class Meta:
        model = Selection
        fields = PLAN
        widgets = {"apply_from": DayInput(), "apply_until": DayInput()}

    def __init__(self, *args: Any, units: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if units is not None:
            self.fields["unit"] = forms.ChoiceField(label=_("单位"), choices=units)
            self.order_fields(["unit", *PLAN])

    def plan(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PLAN if name in self.cleaned_data}

    def _post_clean(self) -> None:
        """The services check the row; a ModelForm would write into the instance before that."""


class ExtendForm(forms.Form):
    """All that may be changed of a plan once it is published."""

    apply_until = _day(gettext_lazy("报名截止"), help_text=gettext_lazy("只能延长"))


class OfferForm(forms.Form):
    post = forms.ChoiceField(label=gettext_lazy("岗位"))
    seats = forms.IntegerField(label=gettext_lazy("拟聘人数"), min_value=1, max_value=999, initial=1)

    def __init__(self, *args: Any, posts: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = posts


class WishesForm(forms.Form):
    """Two choices, and whether another post would do."""

    first = forms.TypedChoiceField(label=gettext_lazy("第一志愿"), coerce=int)
    second = forms.TypedChoiceField(label=gettext_lazy("第二志愿"), coerce=int, required=False, empty_value=None)
    accepts_another = forms.BooleanField(
        label=gettext_lazy("服从调剂"),
        required=False,
        help_text=gettext_lazy("两个志愿都未录入时，愿意到仍有空缺的其他竞聘岗位"),
    )
    resume = _long(gettext_lazy("简历"), 4000, required=False)
    honours = _long(gettext_lazy("奖惩情况"), 1000, required=False, rows=2)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, offers: list[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(offer.pk, offer.label) for offer in offers]
        self.offers = {offer.pk: offer.row for offer in offers}
        self.fields["first"].choices = [("", _("请选择")), *choices]
        self.fields["second"].choices = [("", _("不填")), *choices]

    def wishes(self) -> dict[str, Any]:
        """What a nomination takes."""
        told = self.cleaned_data
        return {
            "first": self.offers[told["first"]],
            "second": self.offers[told["second"]] if told["second"] else None,
            **{name: told[name] for name in ("accepts_another", "resume", "honours")},
        }


class RecommendForm(WishesForm):
    """The organisation nominates a member of staff."""

    staff_no = forms.CharField(label=gettext_lazy("工号"), max_length=20)
    field_order = ("staff_no",)


class ApplicantForm(WishesForm):
    """An applicant from outside, as he stands in his papers."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    national_id = forms.CharField(
        label=gettext_lazy("身份证号"), max_length=24, help_text=gettext_lazy("18 位；出生日期和性别由此读出")
    )
    phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=30, required=False)
    education = forms.CharField(label=gettext_lazy("学历"), max_length=30, required=False)
    workplace = forms.CharField(label=gettext_lazy("现单位及职务"), max_length=100, required=False)
    field_order = ("name", "national_id", "phone", "education", "workplace")

    def about(self) -> dict[str, str]:
        names = [field.name for field in Applicant._meta.fields if field.name in self.field_order]
        return {name: self.cleaned_data[name] for name in names}


class CheckForm(forms.Form):
    eligible = forms.TypedChoiceField(
        label=gettext_lazy("资格审查结论"),
        choices=[("yes", gettext_lazy("通过")), ("no", gettext_lazy("不通过"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("意见"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("不通过，或有系统提示仍予通过的，须写明原因"),
    )
    barred = forms.TypedMultipleChoiceField(
        label=gettext_lazy("不符合任职条件的岗位"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("勾选的岗位不参加匹配，也不调剂到该岗位"),
    )

    def __init__(self, *args: Any, offers: list[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {offer.pk: offer.row for offer in offers}
        self.fields["barred"].choices = [(offer.pk, offer.label) for offer in offers]


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200, required=False)


class MedicalForm(forms.Form):
    result = forms.ChoiceField(choices=Candidate.Medical.choices)


class ScoresForm(forms.Form):
    """A table of scores, pasted or uploaded."""

    text = _long(
        gettext_lazy("粘贴表格"),
        200_000,
        required=False,
        rows=8,
        help_text=gettext_lazy("从 Excel 复制，第一行须是列名：报名序号（或工号）、姓名、笔试、面试、民主测评"),
    )
    file = forms.FileField(
        label=gettext_lazy("或上传文件"),
        required=False,
        help_text=gettext_lazy("XLSX 或 CSV；先预检，不会直接写入"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("text", "").strip() and not told.get("file"):
            raise forms.ValidationError(_("请粘贴表格，或选择文件"))
        return told


class DecideForm(forms.Form):
    post = forms.TypedChoiceField(label=gettext_lazy("决定岗位"), coerce=int, required=False, empty_value=None)
    deviation = forms.CharField(label=gettext_lazy("与系统建议不一致的原因"), max_length=300, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, offers: list[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {offer.pk: offer.row for offer in offers}
        self.fields["post"].choices = [("", _("不聘任")), *((offer.pk, offer.label) for offer in offers)]


class NoticeForm(forms.Form):
    first_day = _day(gettext_lazy("公示开始"))
    last_day = _day(gettext_lazy("公示截止"), help_text=gettext_lazy("按工作日计算，含调休上班日；当日仍可提出异议"))
    places = forms.CharField(label=gettext_lazy("公示地点、网址"), max_length=200)
    contact = forms.CharField(label=gettext_lazy("联系人"), max_length=60)
    phone = forms.CharField(label=gettext_lazy("监督电话"), max_length=40)


class ObjectForm(forms.Form):
    candidate = forms.TypedChoiceField(label=gettext_lazy("所涉人员"), coerce=int, required=False, empty_value=None)
    text = _long(
        gettext_lazy("异议内容"), 4000, help_text=gettext_lazy("请写明事实和依据；内容加密保存，只有经办人可见")
    )

    def __init__(self, *args: Any, people: list[tuple[int, str]], registers: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["candidate"].choices = [("", _("不针对某一人")), *people]
        if registers:  # a letter or a call that the office takes down
            self.fields["raised_name"] = forms.CharField(
                label=_("提出人姓名"), max_length=60, required=False, help_text=_("匿名的不填")
            )
            self.fields["raised_on"] = _day(_("提出日期"))


class SettleForm(forms.Form):
    upheld = forms.TypedChoiceField(
        label=gettext_lazy("处理结果"),
        choices=[("no", gettext_lazy("不成立")), ("yes", gettext_lazy("成立，取消其拟聘"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    finding = _long(gettext_lazy("调查核实情况"), 500)


class TakeEffectForm(forms.Form):
    """The terms of all appointments of a round."""

    starts = _day(gettext_lazy("聘期起"))
    decided_on = _day(gettext_lazy("决定日期"), help_text=gettext_lazy("党委（党组）决定任职的日期，任职时间自此计算"))
    term_ends = _day(gettext_lazy("聘期止"), required=False)
    probation_ends = _day(gettext_lazy("试用期止"), required=False)
    document_number = forms.CharField(label=gettext_lazy("聘任文号"), max_length=60, required=False)
    category = forms.ChoiceField(label=gettext_lazy("编制类别"), choices=Person.Category.choices)
    identity = forms.ChoiceField(label=gettext_lazy("身份"), choices=Person.Identity.choices)

    def __init__(self, *args: Any, newcomers: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not newcomers:
            del self.fields["category"], self.fields["identity"]
