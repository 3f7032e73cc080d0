"""What every request carries: the day it is about, the visitor's rights, the actor."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponseBadRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor


class BadDay(ValueError):
    """``on=`` that is no date of ours."""


def parse_day(text: str) -> dt.date:
    """A day as ``YYYY-MM-DD``; raises BadDay, so that no other text reaches a query."""
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadDay(text) from error
    if not 1900 <= day.year <= 2200:
        raise BadDay(text)
    return day


class AsOfMiddleware:
    """Gives a request ``on``, ``on_is_today``, ``access`` and ``actor``."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.on = timezone.localdate()
        request.on_is_today = True
        request.access = None
        if text := request.GET.get("on"):
            try:
                request.on = parse_day(text)
            except BadDay:
                return HttpResponseBadRequest(
                    _("日期「%(text)s」无法识别,请按 2020-12-31 的格式填写。") % {"text": text[:40]},
                    content_type="text/plain; charset=utf-8",
                )
            request.on_is_today = request.on == timezone.localdate()
        if request.user.is_authenticated:
            request.access = Access(request.user)
            request.actor = SimpleLazyObject(lambda: Actor.of(request))
        return self.get_response(request)
