"""Forms of the assessment pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import offer
from kpi.models import Scorecard
from zones.models import Instrument


class CardFilters(forms.Form):
    """What of the list to show; every choice is optional and lives in the address."""

    year = forms.TypedChoiceField(label=_("年度"), required=False, coerce=int, empty_value=None)
    unit = forms.ChoiceField(label=_("单位"), required=False)
    kind = forms.ChoiceField(required=False, choices=[("", ""), *Scorecard.Kind.choices])
    left = forms.BooleanField(label=_("只看待评分"), required=False)

    def __init__(self, *args, years: list[int], units: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["year"], [(year, _("%(year)s 年") % {"year": year}) for year in years])
        offer(self.fields["unit"], [("", _("全部单位")), *units])

    def chosen(self) -> dict:
        """The choices that make sense; what an address got wrong is left out rather than refused."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class EvidenceForm(forms.Form):
    file = forms.FileField(
        label=_("文件"),
        help_text=_("PDF、PNG、JPEG、XLSX、DOCX，每份不超过 10 MB"),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.xlsx,.docx"}),
        max_length=200,
    )


class AppliesForm(forms.Form):
    """Why a line does not apply; left empty, it applies. A signed card asks for the instrument."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    not_applicable = forms.CharField(
        label=_("不适用的原因"),
        max_length=200,
        required=False,
        help_text=_("留空表示本项适用。不适用的，权重分摊给同组其他指标。"),
    )
    instrument = forms.ModelChoiceField(
        Instrument.objects.none(), label=_("批文"), required=False, help_text=_("责任书签订后的调整须有批文。")
    )

    def __init__(self, *args, signed: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if signed:
            self.fields["instrument"].queryset = Instrument.objects.order_by("-issued_on", "code")
        else:
            del self.fields["instrument"]
