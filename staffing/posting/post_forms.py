"""Forms of posts, grades and filings. They read what was typed; rules are the services'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.access import Access
from common.forms import DayInput
from orgchart.models import Bureau, BureauVersion, Tier
from staffing.models import Person, PostGrade, PostPlanFiling, PostVersion
from staffing.posting import levels
from zones.models import Instrument, Unit, UnitVersion

NONE = ("", gettext_lazy("不指定"))
CHOOSE = ("", gettext_lazy("请选择"))


def instruments() -> list[tuple[str, str]]:
    """Every document that something may rest on, the latest first."""
    rows = Instrument.objects.order_by("-issued_on", "code")
    return [(row.code, f"{row.number or row.code} {row.title}") for row in rows]


def places(access: Access, day: dt.date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where a post may be set up: the units whose posts the user keeps, each with its bureaus of the day."""
    units = access.units("add", "post")
    bureaus: dict[int, list[tuple[str, str]]] = {}
    for row in BureauVersion.objects.on(day).filter(unit__in=units).select_related("bureau").order_by("sequence", "pk"):
        bureaus.setdefault(row.unit_id, []).append((f"bureau:{row.bureau.code}", row.shown_name))
    named = UnitVersion.objects.on(day).filter(unit__in=units).select_related("unit")
    return [
        (row.shown_short_name, [(f"unit:{row.unit.code}", _("单位领导")), *bureaus.get(row.unit_id, [])])
        for row in named.order_by("unit__sequence", "unit__code")
    ]


class PostForm(forms.Form):
    """What a post is from a day on; the four things of the law are asked for in its order (PST-01)."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    code = forms.SlugField(
        label=gettext_lazy("岗位编号"), max_length=40, help_text=gettext_lazy("设立后不再改变，如 YZ-INVEST-S4")
    )
    place = forms.ChoiceField(label=gettext_lazy("单位、部门"))
    starts = forms.DateField(label=gettext_lazy("生效日期"), widget=DayInput())
    name = forms.CharField(label=gettext_lazy("岗位名称"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=200, required=False)
    duties = forms.CharField(label=gettext_lazy("职责任务"), widget=forms.Textarea(attrs={"rows": 4}))
    standards = forms.CharField(label=gettext_lazy("工作标准"), widget=forms.Textarea(attrs={"rows": 3}))
    requirements = forms.CharField(
        label=gettext_lazy("任职条件"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("学历、专业、资格、工作经历"),
    )
    category = forms.ChoiceField(label=gettext_lazy("岗位类别"), choices=[CHOOSE, *PostVersion.Category.choices])
    level = forms.ChoiceField(
        label=gettext_lazy("岗位等级"),
        choices=[NONE, *levels.CHOICES],
        required=False,
        help_text=gettext_lazy("岗位代码由类别和等级组成，须与岗位类别一致"),
    )
    tier = forms.ChoiceField(label=gettext_lazy("管理层级"), choices=[CHOOSE, *Tier.Kind.choices])
    grade = forms.ChoiceField(label=gettext_lazy("岗级"), help_text=gettext_lazy("岗位系数由岗级决定"))
    headcount = forms.IntegerField(label=gettext_lazy("岗位数（席）"), min_value=1, max_value=32767, initial=1)
    term_months = forms.IntegerField(label=gettext_lazy("聘期（月）"), min_value=1, max_value=600, required=False)
    rank = forms.ChoiceField(
        label=gettext_lazy("岗位规格"),
        choices=[NONE, *(pair for pair in UnitVersion.Rank.choices if pair[0])],
        required=False,
        help_text=gettext_lazy("领导岗位填写"),
    )
    establishment = forms.ChoiceField(
        label=gettext_lazy("编制类别"), choices=[NONE, *Person.Category.choices], required=False
    )
    is_head = forms.BooleanField(label=gettext_lazy("部门正职"), required=False)
    is_open = forms.BooleanField(label=gettext_lazy("面向社会公开招聘"), required=False)
    is_special = forms.BooleanField(label=gettext_lazy("特设岗位"), required=False)
    instrument = forms.ChoiceField(label=gettext_lazy("依据"), required=False)
    reason = forms.CharField(label=gettext_lazy("办理说明"), max_length=200, required=False)

    def __init__(self, *args: Any, offered: Sequence | None = None, without: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = [CHOOSE, *((row.code, row.shown_name) for row in PostGrade.objects.all())]
        self.fields["instrument"].choices = [NONE, *instruments()]
        if offered is not None:
            self.fields["place"].choices = [CHOOSE, *offered]
        for name in without:
            del self.fields[name]

    def version(self) -> dict[str, Any]:
        """What was typed, as the services take it; without what says which post, where and when."""
        data = dict(self.cleaned_data)
        for name in ("code", "place", "starts", "seen", "reason", "tier"):
            data.pop(name, None)
        grade, instrument = data.pop("grade"), data.pop("instrument")
        return data | {
            "grade": PostGrade.objects.get(code=grade),
            "instrument": Instrument.objects.get(code=instrument) if instrument else None,
        }

    def where(self) -> tuple[Unit, Bureau | None]:
        """The unit and bureau that were chosen."""
        kind, _colon, code = self.cleaned_data["place"].partition(":")
        if kind == "unit":
            return Unit.objects.get(code=code), None
        bureau = Bureau.objects.get(code=code)
        version = bureau.versions.on(self.cleaned_data["starts"]).first()
        if version is None:
            raise ValidationError({"place": _("该部门在生效日期尚未设立或已撤销")})
        return version.unit, bureau


def initial_of(version: PostVersion) -> dict[str, Any]:
    """A version as the form shows it."""
    names = (
        "name", "name_en", "duties", "standards", "requirements", "category", "level", "headcount", "term_months",
        "rank", "establishment", "is_head", "is_open", "is_special",
    )  # fmt: skip
    kind, row = ("bureau", version.bureau) if version.bureau else ("unit", version.unit)
    return {name: getattr(version, name) for name in names} | {
        "tier": version.tier.kind,
        "grade": version.grade.code,
        "instrument": version.instrument.code if version.instrument else "",
        "place": f"{kind}:{row.code}",
    }


class ClosePostForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    on = forms.DateField(
        label=gettext_lazy("撤销日期"), widget=DayInput(), help_text=gettext_lazy("岗位存续的最后一天")
    )
    reason = forms.CharField(label=gettext_lazy("撤销理由"), max_length=200)


class CoefficientForm(forms.Form):
    """A new coefficient of a grade from a day on."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    value = forms.DecimalField(label=gettext_lazy("岗位系数"), max_digits=6, decimal_places=3, min_value=0)
    starts = forms.DateField(label=gettext_lazy("生效日期"), widget=DayInput())
    instrument = forms.ChoiceField(label=gettext_lazy("依据"))
    reason = forms.CharField(label=gettext_lazy("办理说明"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].choices = [CHOOSE, *instruments()]

    def clean_value(self) -> Any:
        if not self.cleaned_data["value"]:
            raise ValidationError(_("岗位系数须大于 0"))
        return self.cleaned_data["value"]

    def clean_instrument(self) -> Instrument:
        return Instrument.objects.get(code=self.cleaned_data["instrument"])


class GradeForm(CoefficientForm):
    """A new grade with its first coefficient."""

    code = forms.SlugField(label=gettext_lazy("代码"), max_length=20)
    name = forms.CharField(label=gettext_lazy("岗级名称"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=200, required=False)
    sequence = forms.IntegerField(
        label=gettext_lazy("序号"), min_value=0, max_value=32767, initial=0, help_text=gettext_lazy("从高到低排列")
    )
    field_order = ("code", "name", "name_en", "sequence", "value", "starts", "instrument")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("seen", "reason"):
            del self.fields[name]


class FilingForm(forms.Form):
    """The filing of a unit's plan of posts (PST-02)."""

    number = forms.CharField(label=gettext_lazy("备案号"), max_length=60)
    filed_on = forms.DateField(label=gettext_lazy("备案日期"), widget=DayInput())
    starts = forms.DateField(
        label=gettext_lazy("启用日期"), widget=DayInput(), help_text=gettext_lazy("不早于备案日期（PST-02）")
    )
    main_category = forms.ChoiceField(
        label=gettext_lazy("岗位主体"),
        choices=PostPlanFiling.MainCategory.choices,
        help_text=gettext_lazy("以专业技术岗位为主体的单位，专业技术岗位比例另有下限（PST-05）"),
    )
    department_opinion = forms.CharField(label=gettext_lazy("主管部门意见"), max_length=300, required=False)
    approval_opinion = forms.CharField(label=gettext_lazy("人社部门核准意见"), max_length=300, required=False)
    reason = forms.CharField(label=gettext_lazy("办理说明"), max_length=200, required=False)
