"""Forms of the assessment pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import offer
from kpi.models import Scorecard


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
