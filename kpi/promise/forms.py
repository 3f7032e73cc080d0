"""Forms of the library, the templates and the years. They read what was typed; rules are the services'."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import offer
from common.periods import FIRST_YEAR, LAST_YEAR
from kpi import points
from kpi.explain import PARTS
from kpi.models import Indicator, Scorecard, Template
from kpi.promise.numbers import read_number
from zones.models import Instrument, Metric, Unit

#: Parameters that are a yes or a no.
FLAGS = {"veto": gettext_lazy("一票否决"), "less_is_better": gettext_lazy("越低越好")}
HELP = {
    "cap": gettext_lazy("完成率最多按多少计，1.1 即 110%；持平计分为加分占权重的比例；分段加扣为最多加减的分数"),
    "floor": gettext_lazy("完成率低于此数不得分，0.6 即 60%"),
    "x_min": gettext_lazy("得权重 60% 的数值；越低越好的指标，最低值大于满分值"),
    "x_sat": gettext_lazy("得满分的数值"),
    "flat": gettext_lazy("与上年持平得权重的几成，0.8 即八成"),
    "step_percent": gettext_lazy("每增长百分之几为一档"),
    "step_points": gettext_lazy("每档加减几分"),
    "per": gettext_lazy("每多或少多少为一档，按本项的计量单位"),
    "top": gettext_lazy("第一名得权重的几成，1 即满分"),
    "bottom": gettext_lazy("末名得权重的几成"),
    "per_event": gettext_lazy("每发生一次扣几分"),
    "veto": gettext_lazy("发生一次，本项即不得分"),
    "less_is_better": gettext_lazy("数值小的名次在前"),
}


def parameter_label(name: str) -> str:
    return str(FLAGS[name] if name in FLAGS else PARTS.get(name, name))


class NumberField(forms.Field):
    """A number as people type it: full-width digits and thousands are taken, more decimals than fit are not."""

    def __init__(self, *, places: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.places = places
        self.widget.attrs |= {"inputmode": "decimal", "maxlength": "64"}

    def to_python(self, value: Any) -> Decimal | None:
        return read_number(str(value or "")[:200], places=self.places)

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")


class IndicatorFilters(forms.Form):
    """What of the library to show; every choice is optional and lives in the address."""

    q = forms.CharField(label=gettext_lazy("名称或代码"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=gettext_lazy("性质"), required=False, choices=[("", gettext_lazy("全部")), *Indicator.Kind.choices]
    )
    method = forms.ChoiceField(
        label=gettext_lazy("计分方法"), required=False, choices=[("", gettext_lazy("全部")), *Indicator.Method.choices]
    )
    bound = forms.ChoiceField(
        label=gettext_lazy("取数"),
        required=False,
        choices=[("", gettext_lazy("全部")), ("1", gettext_lazy("自动取数")), ("0", gettext_lazy("人工录入"))],
    )
    used = forms.ChoiceField(
        label=gettext_lazy("使用情况"),
        required=False,
        choices=[("", gettext_lazy("全部")), ("1", gettext_lazy("已使用")), ("0", gettext_lazy("未使用"))],
    )

    def chosen(self) -> dict[str, str]:
        """The choices that make sense; what an address got wrong is left out rather than refused."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class IndicatorForm(forms.Form):
    """An indicator, with the parameters of its method and no others."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    code = forms.SlugField(
        label=gettext_lazy("代码"), max_length=40, help_text=gettext_lazy("英文小写字母、数字和连字符，设定后不再改变")
    )
    name = forms.CharField(label=gettext_lazy("指标名称"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=200, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("指标性质"), choices=Indicator.Kind.choices)
    measure = forms.CharField(label=gettext_lazy("计量单位"), max_length=20, required=False)
    data_source = forms.CharField(label=gettext_lazy("数据来源部门"), max_length=60, required=False)
    direction = forms.ChoiceField(label=gettext_lazy("方向"), choices=Indicator.Direction.choices)
    metric = forms.ModelChoiceField(
        Metric.objects.order_by("code"),
        label=gettext_lazy("统计指标"),
        required=False,
        to_field_name="code",
        empty_label=gettext_lazy("人工录入"),
        help_text=gettext_lazy("选定后由基础数据自动填入完成值"),
    )
    reading = forms.ChoiceField(
        label=gettext_lazy("取数"), required=False, choices=[("", gettext_lazy("不取数")), *Indicator.Reading.choices]
    )
    per = NumberField(
        label=gettext_lazy("换算"),
        required=False,
        help_text=gettext_lazy("统计指标的多少个单位为本指标一个单位：元换为亿元填 100000000"),
    )
    method = forms.ChoiceField(label=gettext_lazy("计分方法"), choices=Indicator.Method.choices)

    def __init__(self, *args: Any, method: str, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parameters = [self._add(name) for name in points.PARAMETERS.get(method, ())]
        if fixed:
            self.fields["code"].disabled = True

    def _add(self, name: str) -> str:
        key = f"p_{name}"
        told: dict[str, Any] = {"label": parameter_label(name), "help_text": HELP.get(name, "")}
        self.fields[key] = forms.BooleanField(required=False, **told) if name in FLAGS else NumberField(**told)
        return key

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[key] for key in self.parameters]

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.parameters]

    def values(self) -> dict[str, Any]:
        """What a service takes: the indicator's own columns."""
        data = dict(self.cleaned_data)
        parameters = {key.removeprefix("p_"): data.pop(key) for key in self.parameters}
        data.pop("seen")
        data["per"] = data["per"] if data["per"] is not None else Decimal(1)
        return data | {"parameters": parameters}

    def take(self, error: ValidationError) -> None:
        """A service's refusal at the fields it is about; what has no field here goes to the top."""
        found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
        for name, errors in found.items():
            self.add_error(name if name in self.fields else None, [text for each in errors for text in each.messages])

    @classmethod
    def initial_of(cls, indicator: Indicator, seen: str) -> dict[str, Any]:
        names = ("code", "name", "name_en", "kind", "measure", "data_source", "direction", "reading", "method")
        start = {name: getattr(indicator, name) for name in names}
        start |= {"metric": indicator.metric and indicator.metric.code, "per": f"{indicator.per.normalize():f}"}
        return start | {"seen": seen} | {f"p_{name}": value for name, value in indicator.parameters.items()}


class TemplateForm(forms.Form):
    """What a template is called and for whom it is; its lines are a sheet beside it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=gettext_lazy("模板名称"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=200, required=False)


class NewTemplateForm(TemplateForm):
    """A template that is new: whose it is, and what it is a template of."""

    holder = forms.ChoiceField(label=gettext_lazy("使用单位"))
    code = forms.SlugField(
        label=gettext_lazy("代码"), max_length=40, help_text=gettext_lazy("英文小写字母、数字和连字符，设定后不再改变")
    )
    subject = forms.ChoiceField(label=gettext_lazy("对象"), choices=Template.Subject.choices)
    field_order = ["holder", "subject", "code", "name", "name_en"]

    def __init__(self, *args: Any, holders: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].choices = holders  # type: ignore[attr-defined]


class CopyTemplateForm(forms.Form):
    """A copy of a template, under another name, for another holder where wanted."""

    holder = forms.ChoiceField(label=gettext_lazy("使用单位"))
    code = forms.SlugField(label=gettext_lazy("新代码"), max_length=40)
    name = forms.CharField(label=gettext_lazy("新名称"), max_length=100)

    def __init__(self, *args: Any, holders: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].choices = holders  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        return self.cleaned_data["code"].lower()


class LetterFilters(forms.Form):
    """Which letters to show; every choice is optional and lives in the address."""

    year = forms.TypedChoiceField(label=gettext_lazy("年度"), required=False, coerce=int, empty_value=None)
    unit = forms.ChoiceField(label=gettext_lazy("单位"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("对象"), required=False, choices=[("", gettext_lazy("全部")), *Scorecard.Kind.choices]
    )
    state = forms.ChoiceField(
        label=gettext_lazy("签订情况"),
        required=False,
        choices=[
            ("", gettext_lazy("全部")),
            ("mine", gettext_lazy("待我签字")),
            ("open", gettext_lazy("未签订")),
            ("done", gettext_lazy("已签订")),
        ],
    )

    def __init__(self, *args: Any, years: list[int], units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["year"], [(year, _("%(year)s 年") % {"year": year}) for year in years])
        offer(self.fields["unit"], [("", _("全部单位")), *units])

    def chosen(self) -> dict[str, Any]:
        """The choices that make sense; what an address got wrong is left out rather than refused."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class InstrumentChoice(forms.ModelChoiceField):
    def label_from_instance(self, document: Instrument) -> str:  # type: ignore[override]
        return f"{document.issued_on:%Y-%m-%d} {document.number or document.code} {document.title}"


class RetargetForm(forms.Form):
    """By what and why targets change; the lines are a sheet beside it."""

    instrument = InstrumentChoice(
        Instrument.objects.order_by("-issued_on", "code"),
        label=gettext_lazy("批文"),
        to_field_name="code",
        empty_label=gettext_lazy("请选择"),
    )
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=300)


class OpenYearForm(forms.Form):
    """Which year of whom to open as a copy of the last, and how targets follow last year's actuals."""

    holder = forms.ChoiceField(label=gettext_lazy("组织考核的单位"))
    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    raise_percent = NumberField(
        label=gettext_lazy("目标值比上年实绩增长（%）"),
        required=False,
        places=2,
        help_text=gettext_lazy("留空则目标值全部留空，由各单位填写；只用于按完成率或分段加扣计分的指标"),
    )

    def __init__(self, *args: Any, holders: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["holder"], holders)


class FillForm(forms.Form):
    """From which template, and for whom, cards are made."""

    template = forms.ModelChoiceField(
        Template.objects.none(), label=gettext_lazy("考核模板"), empty_label=gettext_lazy("请选择")
    )
    within = forms.ChoiceField(label=gettext_lazy("单位"), required=False)
    who = forms.ChoiceField(
        label=gettext_lazy("人员"),
        required=False,
        choices=[
            ("", gettext_lazy("全部")),
            ("heads", gettext_lazy("部门负责人")),
            ("staff", gettext_lazy("部门负责人以外的人员")),
        ],
        help_text=gettext_lazy("只用于个人的模板"),
    )

    def __init__(self, *args: Any, templates: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = templates  # type: ignore[attr-defined]
        offer(self.fields["within"], [("", _("全部单位")), *units])

    def unit(self) -> Unit | None:
        code = self.cleaned_data["within"]
        return Unit.objects.get(code=code) if code else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("who") and data.get("template") and data["template"].subject != Template.Subject.PERSON:
            data["who"] = ""
        return data


class YearRulesForm(forms.Form):
    """The rules of a year; empty where it has none."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    bureau_weight = NumberField(
        label=gettext_lazy("部门得分在个人得分中的比重"),
        required=False,
        places=3,
        help_text=gettext_lazy("0 至 1：0.3 即个人得分中部门占三成；留空则个人只按本人得分"),
    )
    bonus_cap = NumberField(label=gettext_lazy("加分上限（分）"), required=False, places=2)
    small_bureau = forms.IntegerField(
        label=gettext_lazy("合并计算优秀名额的部门人数"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=gettext_lazy("不足此人数的部门合并计算优秀名额"),
    )


class CascadeFilters(forms.Form):
    """Of which year and unit the cascade is shown."""

    year = forms.TypedChoiceField(label=gettext_lazy("年度"), required=False, coerce=int, empty_value=None)
    unit = forms.ChoiceField(label=gettext_lazy("单位"), required=False)

    def __init__(self, *args: Any, years: list[int], units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["year"], [(year, _("%(year)s 年") % {"year": year}) for year in years])
        offer(self.fields["unit"], units)
