"""Pages of judging: grades."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kpi.judging import grading
from kpi.judging.forms import RatingForm
from kpi.models import Scorecard


@require_POST
def scorecard_rating(request, pk: int):
    """Set a card's grade."""
    card = request.access.get(Scorecard.objects.all(), "rate", pk=pk)
    form = RatingForm(request.POST, card=card)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors["rating"].as_data())
        grading.set_rating(scorecard=card, rating=form.cleaned_data["rating"], by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("等次已保存"))
    return redirect("scorecard", pk=pk)
