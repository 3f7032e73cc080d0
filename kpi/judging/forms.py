"""Forms of judging."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import offer
from kpi.judging.grading import ratings_for
from kpi.models import Scorecard


class RatingForm(forms.Form):
    rating = forms.ChoiceField(label=_("等次"), required=False)

    def __init__(self, *args, card: Scorecard, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choices = [(rating.value, rating.label) for rating in ratings_for(card.kind)]
        offer(self.fields["rating"], [("", _("未评定")), *choices])
