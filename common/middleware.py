"""What every request carries: the day it is about, the visitor's rights, the actor."""

from __future__ import annotations

import datetime as dt
import re

from django.conf import settings
from django.http import HttpResponseBadRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.periods import in_reach
from common.rest import as_problem

API = "/api/"
#: The standard library also reads 20200630 and 2020-W27-2; an address says a day in one way only.
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BadAddress(ValueError):
    """An address that no room could answer: the parameter at fault, and a sentence for people."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class BadDay(BadAddress):
    """``on=`` that is no date of ours."""

    def __init__(self, text: str) -> None:
        super().__init__("on", _("日期「%(text)s」无法识别，请按 2020-12-31 的格式填写。") % {"text": text[:40]})


def parse_day(text: str) -> dt.date:
    """A day as ``YYYY-MM-DD``; raises BadDay, so that no other text reaches a query."""
    if len(text) > 40 or not DAY.fullmatch(text.strip()):
        raise BadDay(text)
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadDay(text) from error
    if not in_reach(day):
        raise BadDay(text)
    return day


class AsOfMiddleware:
    """Gives a request ``on``, ``on_is_today``, ``access`` and ``actor``.

    Refusals under /api/ leave as problem details even where no resource was
    reached: an address that is none, a failure.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        to_api = request.path.startswith(API)
        try:
            _read(request)
        except BadAddress as error:
            if to_api:
                fault = {"field": error.field, "code": "invalid", "detail": str(error)}
                return as_problem(400, request.get_full_path(), str(error), [fault])
            return HttpResponseBadRequest(str(error), content_type="text/plain; charset=utf-8")
        response = self.get_response(request)
        page = response.get("Content-Type", "").startswith("text/html")
        if to_api and page and response.status_code >= 400 and not settings.DEBUG:
            return as_problem(response.status_code, request.get_full_path())
        if request.access is not None:
            # What somebody saw of people and pay stays in no cache, on a shared machine least of all.
            response.setdefault("Cache-Control", "private, no-store")
        return response


def _read(request) -> None:
    request.on = timezone.localdate()
    request.on_is_today = True
    request.access = None
    # No text in PostgreSQL can hold a NUL: said once here, not by every query.
    if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        raise BadAddress("", _("地址中有无效的字符"))
    if text := request.GET.get("on"):
        request.on = parse_day(text)
        request.on_is_today = request.on == timezone.localdate()
    if request.user.is_authenticated:
        request.access = Access(request.user)
        request.actor = SimpleLazyObject(lambda: Actor.of(request))
