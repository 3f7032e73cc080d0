"""What an amount was computed from: the leaves of its trace, each with its source, its vintage and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from common.access import Access
from common.trace import walk_json
from kpi.models import Scorecard
from pay.labels import UNITS, label, shown_value, source
from staffing.models import Post
from zones.models import Figure

#: What a reference names (``zones.figure:12``) → the rows that it may lead to.
FIGURE, RESULT, POST = "zones.figure", "kpi.result", "staffing.post"


@dataclass(frozen=True)
class Source:
    """One input: what it is, its value with its unit, where it was read, when it was recorded, and its row's page.

    ``href`` is empty where the reader may not open that row, or it has no page.
    ``key``, ``raw``, ``measure`` and ``ref`` are what the trace itself says: for programs.
    """

    label: str
    value: str
    unit: str
    source: str
    vintage: str
    example: bool
    href: str
    key: str = ""
    raw: str = ""
    measure: str = ""
    ref: str = ""


def leaves(trace: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The inputs of a trace, each once, in the order in which they are first read."""
    found: dict[tuple, Mapping[str, Any]] = {}
    for _depth, node in walk_json(trace) if trace else ():
        if node["kind"] == "input":
            found.setdefault((node["key"], node.get("ref"), node["value"], node.get("source")), node)
    return list(found.values())


def sources(traces: Iterable[Mapping[str, Any]], access: Access) -> list[Source]:
    """The inputs of the traces as rows of a table; at most three queries for what may be opened."""
    nodes = {}
    for trace in traces:
        for node in leaves(trace):
            nodes.setdefault((node["key"], node.get("ref"), node["value"]), node)
    pages = _pages([str(node.get("ref", "")) for node in nodes.values()], access)
    return [
        Source(
            label(node),
            shown_value(node),
            str(UNITS.get(node.get("unit", ""), "")),
            source(node),
            str(node.get("vintage", "")),
            bool(node.get("example")),
            pages.get(str(node.get("ref", "")), ""),
            key=node["key"],
            raw=str(node["value"]),
            measure=str(node.get("unit", "")),
            ref=str(node.get("ref", "")),
        )
        for node in nodes.values()
    ]


def _pages(refs: Iterable[str], access: Access) -> dict[str, str]:
    """Of the references those that the reader may open, with the address."""
    wanted: dict[str, set[str]] = {}
    for ref in refs:
        noun, _colon, key = ref.partition(":")
        wanted.setdefault(noun, set()).add(key)
    pages: dict[str, str] = {}
    figures = access.scope(Figure.objects.filter(pk__in=_numbers(wanted.get(FIGURE, ()))))
    for pk, unit, year in figures.values_list("pk", "unit__code", "year") if wanted.get(FIGURE) else ():
        pages[f"{FIGURE}:{pk}"] = f"{reverse('figures')}?unit={unit}&year={year}"
    cards = access.scope(Scorecard.objects.filter(result__in=_numbers(wanted.get(RESULT, ()))))
    for result, card in cards.values_list("result", "pk") if wanted.get(RESULT) else ():
        pages[f"{RESULT}:{result}"] = reverse("scorecard", args=[card])
    posts = access.scope(Post.objects.filter(code__in=wanted.get(POST, ())))
    for code in posts.values_list("code", flat=True) if wanted.get(POST) else ():
        pages[f"{POST}:{code}"] = reverse("post", args=[code])
    return pages


def _numbers(keys: Iterable[str]) -> list[int]:
    return [int(key) for key in keys if key.isdigit()]
