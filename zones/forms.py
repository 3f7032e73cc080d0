"""Forms of the territory."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import numerals
from zones.models import Metric, Unit
from zones.querysets import WHOLE_YEAR


class AmountField(forms.DecimalField):
    """A number as people paste it from a spreadsheet: full-width digits, blanks and thousands separators are read."""

    def to_python(self, value):
        if isinstance(value, str):
            value = "".join(unicodedata.normalize("NFKC", value).replace(",", "").split())
        return super().to_python(value)


class UnitChoice(forms.ModelChoiceField):
    def label_from_instance(self, unit) -> str:
        return unit.short_name


class FigureForm(forms.Form):
    """A figure to enter: typed in yuan, 万元 or 亿元, kept in the metric's measure."""

    SCALES = (("1", _("元、% 或个")), (str(numerals.WAN), _("万元")), (str(numerals.YI), _("亿元")))

    unit = UnitChoice(Unit.objects.none(), label=_("单位"), to_field_name="code", empty_label=None)
    metric = forms.ModelChoiceField(Metric.objects.all(), label=_("指标"), to_field_name="code", empty_label=None)
    year = forms.IntegerField(label=_("年度"), min_value=1978, max_value=2200)
    through = forms.TypedChoiceField(
        label=_("期间"), coerce=int, initial=WHOLE_YEAR, help_text=_("统计数据按年内累计：1–6 月即上半年累计。")
    )
    value = AmountField(
        label=_("数值"),
        max_digits=20,
        decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    scale = forms.ChoiceField(label=_("计量单位"), choices=SCALES, help_text=_("比率和个数选第一项。"))
    scope = forms.CharField(label=_("口径"), max_length=60, initial="全口径", help_text=_("增幅只在同一口径之间计算。"))
    source = forms.CharField(label=_("来源"), max_length=200, help_text=_("如：财政决算、统计公报及其文号。"))
    vintage = forms.DateField(
        label=_("发布或录入日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("更正已录入的数据时，填更正发布的日期；原数据保留。"),
    )

    def __init__(self, *args, units: QuerySet[Unit], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units
        months = [(month, gettext("1–%(month)s 月累计") % {"month": month}) for month in range(2, WHOLE_YEAR)]
        self.fields["through"].choices = [(WHOLE_YEAR, _("全年")), (1, _("1 月")), *months]
        today = timezone.localdate()
        self.fields["year"].initial = today.year - 1
        self.fields["vintage"].initial = today

    def clean(self):
        data = super().clean() or self.cleaned_data
        metric, scale = data.get("metric"), int(data.get("scale") or 1)
        if metric and scale != 1 and metric.measure != Metric.Measure.YUAN:
            self.add_error("scale", _("该指标不是金额，请选第一项"))
        elif isinstance(data.get("value"), Decimal):
            data["value"] *= scale
        return data
