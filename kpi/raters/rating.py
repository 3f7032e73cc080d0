"""Giving a rating (测评): by the rater himself, until the panel closes.

Nothing that is written here but the rating itself says who gave it: the audit
entry tells that a line was rated, and neither by whom nor with how many points.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.actors import Actor
from common.audit import record
from common.databases import hold_rules
from kpi import typed
from kpi.models import Panel, PanelLine, PanelRating, Rater
from kpi.raters.querysets import own_cases

HUNDRED, PLACES = Decimal(100), Decimal("0.01")
BAD_POINTS = {
    "not_a_number": gettext_lazy("「%(text)s」不是数字"),
    "not_finite": gettext_lazy("「%(text)s」不是有效的数值"),
    "percent": gettext_lazy("请去掉百分号，填 0 至 100 的分数"),
}


class StaleRating(Exception):
    """The rater has saved another rating since the page was opened (in another window, on another device)."""

    def __init__(self, points: Decimal | None, version: int) -> None:
        self.points, self.version = points, version
        super().__init__(f"the rating is at version {version}")


@dataclass(frozen=True)
class Rated:
    """What a save came to: the rating (None: taken back), and how far the rater is with the panel's lines."""

    points: Decimal | None
    version: int
    done: int
    of: int


def read_points(text: str) -> Decimal | None:
    """Points as typed, None for none; ValidationError at ``value`` for what is no number of 0–100 with two decimals."""
    try:
        points = typed.parse_number(text)
    except typed.NotANumber as error:
        if error.code == "empty":
            return None
        words = str(BAD_POINTS.get(error.code, BAD_POINTS["not_a_number"])) % {"text": text.strip()[:20]}
        raise ValidationError({"value": ValidationError(words, code=error.code)}) from error
    if not 0 <= points <= HUNDRED:
        raise ValidationError({"value": ValidationError(_("测评分须在 0 与 100 之间"), code="kpi_rating_points")})
    if points != round(points, 2):
        raise ValidationError({"value": ValidationError(_("小数最多 2 位"), code="too_precise")})
    return points.quantize(PLACES)


@transaction.atomic
def rate(*, line: PanelLine, text: str, version: int, by: Actor) -> Rated:
    """Give, change or (with empty text) take back one's own rating of a line.

    Raises ValidationError with KPI-RATER for somebody outside the panel's groups,
    KPI-RATER-OWN for his own case, KPI-PANEL-CLOSED after the last day;
    StaleRating when ``version`` (0 while there is none) is no longer the
    rating's. Saying again what stands changes nothing.
    """
    rater = _rater(line.panel_id, by.user.pk) if by.user else None
    if rater is None:
        raise ValidationError(_("评价人不在该测评组"), code="KPI-RATER")
    if line.pk in own_cases(rater.user_id, timezone.localdate()):
        words = _("不能为自己、自己负责的部门或自己任领导的单位评分")
        raise ValidationError(words, code="KPI-RATER-OWN")
    points = read_points(text)
    found = PanelRating.objects.filter(line=line, rater=rater).first()
    if points != (found.points if found else None):
        if (found.version if found else 0) != version:
            raise StaleRating(found.points if found else None, found.version if found else 0)
        found = _write(line, rater, found, points)
        # Who and what stays out, and so does the address from which it came.
        record("rated", line, by=Actor(None, by.door), before={}, after={})
    done, of = progress(line.panel, rater)
    return Rated(points, found.version if found else 0, done, of)


def _rater(panel_id: int, user_id: int) -> Rater | None:
    """The user's place in the panel, held: his own windows save one after the other."""
    raters = Rater.objects.select_for_update(of=("self",), no_key=True)
    return raters.filter(group__panel=panel_id, user=user_id).first()


def _write(line: PanelLine, rater: Rater, found: PanelRating | None, points: Decimal | None) -> PanelRating | None:
    with hold_rules():
        if points is None:
            if found:
                found.delete()
            return None
        if found is None:
            return PanelRating.objects.create(line=line, rater=rater, points=points)
        found.points, found.version = points, found.version + 1
        found.save(update_fields=["points", "version", "rated_at"])
        return found


def progress(panel: Panel, rater: Rater) -> tuple[int, int]:
    """How many of the lines that are his to rate the rater has rated, and how many there are."""
    own = own_cases(rater.user_id, timezone.localdate())
    mine = panel.lines.exclude(pk__in=own)
    return mine.filter(ratings__rater=rater).count(), mine.count()
