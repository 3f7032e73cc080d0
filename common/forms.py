"""What forms of every room share: a day's input, a service's refusal at its fields, and a deed as one form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render

from common.periods import refuse_far


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class DayField(forms.DateField):
    """A day that a record may be about (``common.periods.refuse_far``)."""

    widget = DayInput
    default_validators = [refuse_far]


def offer(field: forms.Field, choices: list) -> None:
    """Give a choice what may be chosen, known only when the form is made."""
    if not isinstance(field, forms.ChoiceField):
        raise TypeError("only a choice has choices")
    field.choices = choices


def take_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """A service's refusal at the fields it is about; what has no field here goes to the top."""
    found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for name, errors in found.items():
        form.add_error(name if name in form.fields else None, [text for each in errors for text in each.messages])


def carry_out(request, form: forms.Form, act: Callable[[dict[str, Any]], str], context: dict[str, Any]) -> HttpResponse:
    """Show the form, or act on it: ``act`` calls the service and says what happened; then on to ``context["back"]``."""
    if request.method == "POST" and form.is_valid():
        try:
            done = act(form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, done)
            return redirect(context["back"])
    return render(request, "form.html", {"form": form, **context})
