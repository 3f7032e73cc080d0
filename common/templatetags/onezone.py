"""What every template may use without loading it: links, numbers, dates, small parts of a page.

Nothing here reads the database, and no number becomes a float.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import numerals
from common.periods import last_day

register = template.Library()

#: The look of a state by its code. A word stands beside the sign; red is for what failed or is late.
TONES = {
    "quiet": {"queued", "superseded", "closed", "withdrawn", "draft", "signed", "term", "retirement", "cancelled"},
    "busy": {"running", "open", "building", "checking", "review", "drafted"},
    "good": {"computed", "checked", "approved", "released", "done", "active", "published", "paid", "ok"},
    "warn": {"due", "vacant", "probation", "waiting", "warning"},
    "bad": {"failed", "overdue", "refused", "breach", "rejected"},
}
SIGNS = {"quiet": "○", "busy": "◐", "good": "✓", "warn": "△", "bad": "✕"}
TONE_OF = {code: tone for tone, codes in TONES.items() for code in codes}
NATURE_SIGNS = {"core": "●", "support": "○", "social": "◆"}


# --- links ------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def url_on(context: template.Context, name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page, on the day that this page is about."""
    address = reverse(name, args=args, kwargs=kwargs)
    request = context.get("request")
    if request is None or getattr(request, "on_is_today", True):
        return address
    return f"{address}?{urlencode({'on': request.on.isoformat()})}"


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query string with changes; an empty value leaves the key out.

    Any change that does not name ``page`` goes back to the first page.
    """
    params = context["request"].GET.copy()
    if "page" not in changes:
        params.pop("page", None)
    for key, value in changes.items():
        params.pop(key, None)
        if value not in (None, ""):
            params[key] = str(value)
    return f"?{params.urlencode()}"


@register.inclusion_tag("partials/kept_query.html", takes_context=True)
def kept_query(context: template.Context, *dropped: str) -> dict[str, Any]:
    """Hidden inputs that carry this page's query through a GET form, without ``dropped`` and ``page``."""
    params = context["request"].GET
    kept = [(key, value) for key, values in params.lists() for value in values if key not in (*dropped, "page")]
    return {"kept": kept}


@register.inclusion_tag("partials/sort_by.html", takes_context=True)
def sort_by(context: template.Context, key: str, label: str) -> dict[str, Any]:
    """A column heading that sorts the list by ``?sort=key``, and by ``-key`` when clicked again."""
    now = context["request"].GET.get("sort", "")
    direction = {key: "ascending", f"-{key}": "descending"}.get(now, "")
    return {
        "label": label,
        "direction": direction,
        "href": query(context, sort=f"-{key}" if now == key else key),
    }


# --- numbers ----------------------------------------------------------------------------------


@register.filter
def yuan(value: Any) -> str:
    """Yuan to the fen: 12,345.67."""
    return numerals.grouped(value, 2)


@register.filter
def wan(value: Any) -> str:
    """Yuan as 万元, two places."""
    return numerals.grouped(value, 2, per=numerals.WAN)


@register.filter
def yi(value: Any) -> str:
    """Yuan as 亿元, two places."""
    return numerals.grouped(value, 2, per=numerals.YI)


@register.filter
def growth(value: Any) -> str:
    """A ratio of growth with its sign, one decimal: 0.035 is +3.5%."""
    return numerals.in_percent(value, signed=True)


@register.filter
def percent(value: Any, places: int = 1) -> str:
    """A ratio in percent: 0.6 is 60.0%."""
    return numerals.in_percent(value, places)


@register.filter
def number(value: Any, places: int | None = None) -> str:
    """A number in thousands with ``places`` decimals; without, with those it has."""
    return numerals.plain(value) if places is None else numerals.grouped(value, places)


# --- dates ------------------------------------------------------------------------------------


@register.filter
def zhdate(value: Any) -> str:
    """A day in the reader's language: 2020年11月17日, 17 Nov 2020."""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return date_format(value, "DATE_FORMAT") if isinstance(value, dt.date) else numerals.NOTHING


@register.filter
def daterange(value: Any) -> str:
    """A period, its last day included: 2019年9月1日至2020年12月31日, 2019年9月1日至今."""
    if value is None or (value.lower is None and value.upper is None):
        return numerals.NOTHING
    last = last_day(value)
    if last is None:
        return _("%(first)s至今") % {"first": zhdate(value.lower)}
    if value.lower is None:
        return _("截至%(last)s") % {"last": zhdate(last)}
    if value.lower == last:
        return zhdate(last)
    return _("%(first)s至%(last)s") % {"first": zhdate(value.lower), "last": zhdate(last)}


@register.filter
def masked(value: Any) -> str:
    """An identifier of which only enough is shown to tell two apart: 321************12, 张*."""
    text = str(value or "")
    if not text:
        return numerals.NOTHING
    head, tail = (3, 2) if len(text) >= 8 else (1, 0)
    return text[:head] + "*" * max(len(text) - head - tail, 1) + text[len(text) - tail :]


# --- small parts of a page --------------------------------------------------------------------


@register.inclusion_tag("partials/example_badge.html")
def example_badge(thing: Any) -> dict[str, Any]:
    """示例, when ``thing`` is an example row (or is plainly True)."""
    return {"shown": thing is True or bool(getattr(thing, "is_example", False))}


@register.inclusion_tag("partials/nature_badge.html")
def nature_badge(code: str, label: str = "") -> dict[str, Any]:
    """What a bureau is for: core, support or social, by colour, sign and word."""
    return {"code": code, "label": label or code, "sign": NATURE_SIGNS.get(code, "○")}


@register.inclusion_tag("partials/status_badge.html")
def status_badge(code: str, label: str = "", tone: str = "") -> dict[str, Any]:
    """A state with its sign and word; ``tone`` (quiet, busy, good, warn, bad) overrules the code's own."""
    tone = tone or TONE_OF.get(str(code), "quiet")
    return {"tone": tone, "sign": SIGNS[tone], "label": label or code}


@register.inclusion_tag("partials/stat.html")
def stat(
    label: str,
    value: Any,
    unit: str = "",
    note: str = "",
    href: str = "",
    tone: str = "",
    part: int | None = None,
    whole: int | None = None,
    example: bool = False,
) -> dict[str, Any]:
    """A tile: one figure, what it is, and where it leads; ``part`` of ``whole`` draws a small bar."""
    return locals()


@register.inclusion_tag("partials/empty_state.html")
def empty_state(title: str, hint: str = "", icon: str = "inbox", action: str = "", href: str = "") -> dict[str, Any]:
    """Nothing here yet: what that means, and what to do next."""
    return locals()


@register.inclusion_tag("partials/page_of.html", takes_context=True)
def page_of(context: template.Context, page: Page, noun: str = "") -> dict[str, Any]:
    """Where in a paged list we are, with links; ``noun`` counts the rows (人, 条)."""
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    links = [
        {
            "number": n,
            "href": query(context, page=n) if isinstance(n, int) else "",
            "current": n == page.number,
        }
        for n in shown
    ]
    return {
        "page": page,
        "noun": noun or _("条"),
        "links": links,
        "previous": query(context, page=page.number - 1) if page.has_previous() else "",
        "next": query(context, page=page.number + 1) if page.has_next() else "",
    }


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """A form field with its label above, help below and errors at it."""
    return bound.as_field_group()
