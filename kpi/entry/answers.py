"""What the grids of static/js/scoregrid.js are told of a save."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kpi.entry import pages
from kpi.entry.services import Batch, Cell, Entered, Outcome, StaleLine
from kpi.models import Line
from kpi.numbers import typed_form
from kpi.querysets import standings

#: A block of a whole sheet: more is not pasted by hand.
MOST_CELLS = 2000
LONGEST = 64


class BadRequest(ValueError):
    """A request that no page of ours sends."""


def cells_of(body: bytes) -> list[Cell]:
    """The cells of a request ``{"cells": [{"line", "value", "version"}, …]}``; raises BadRequest."""
    try:
        told = json.loads(body)["cells"]
        cells = [Cell(_whole(each["line"]), _text(each["value"]), _whole(each["version"])) for each in told]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadRequest from error
    if not 0 < len(cells) <= MOST_CELLS or len({cell.line for cell in cells}) != len(cells):
        raise BadRequest
    return cells


def _whole(value: object) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest
    return int(text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadRequest
    return value[: LONGEST + 1]  # one too many is still refused as too long


def of_entered(entered: Entered) -> dict[str, Any]:
    """One cell of one card."""
    total = None if entered.total is None else pages.two(entered.total)
    return _saved(entered.line) | {"total": total, "rank": pages.place(entered.standing) or None}


def of_batch(batch: Batch) -> dict[str, Any]:
    """Every cell for itself, and the cards that the visitor scores with their totals and places, which moved."""
    places = standings(batch.scorable)
    cards = {
        str(pk): {"rank": pages.place(places.get(pk)) or None, **_reckoned(batch, pk)} for pk in sorted(batch.scorable)
    }
    return {"cells": {str(each.cell.line): _answer(each) for each in batch.outcomes}, "cards": cards}


def _reckoned(batch: Batch, pk: int) -> Mapping[str, Any]:
    card = batch.cards.get(pk)
    if card is None:
        return {}
    return {
        "total": None if card.total is None else pages.two(card.total),
        "lines": {str(line.pk): None if line.points is None else pages.two(line.points) for line in card.lines},
    }


def _answer(outcome: Outcome) -> dict[str, Any]:
    if outcome.line:
        return _saved(outcome.line)
    return stale(outcome.error) if isinstance(outcome.error, StaleLine) else refused(outcome.error)


def _saved(line: Line) -> dict[str, Any]:
    return {
        "ok": True,
        "value": typed_form(line.actual),
        "score": None if line.points is None else pages.two(line.points),
        "version": line.version,
    }


def stale(error: StaleLine) -> dict[str, Any]:
    """What stands now, whose it is, and that it is not what was sent."""
    told = {"theirs": typed_form(error.theirs), "version": error.version, "who": error.who}
    return {"ok": False, "conflict": True, "error": _("已被他人改动"), **told}


def refused(error: ValidationError | None) -> dict[str, Any]:
    return {"ok": False, "error": " ".join(error.messages) if error else _("未保存")}
