"""Ending a panel: its lines get its scores, and nothing of it changes any more."""

from __future__ import annotations

import logging

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi.models import Panel
from kpi.raters.results import of_lines
from kpi.raters.services import bar_to_closing, locked
from kpi.reckoning import set_actual

log = logging.getLogger(__name__)


@transaction.atomic
def close_panel(*, panel: Panel, by: Actor) -> int:
    """End a panel for good: each line's actual becomes the panel's score. Returns how many lines have got one.

    After its last day, or earlier when everybody has rated everything. Lines
    that too few rated stay open, to be filled in by whoever scores the card.
    """
    panel = locked(panel)
    if bar := bar_to_closing(panel, timezone.localdate()):
        raise ValidationError(bar, code="unfinished")
    before = facts(panel)
    panel.closed_at = timezone.now()
    with hold_rules():
        panel.save(update_fields=["closed_at"])
    found = of_lines(panel)
    scored = 0
    # The score is nobody's entry: who closes the panel may still grade the cards.
    by_itself = Actor(None, by.door, by.address)
    for row in panel.lines.select_related("line").order_by("line__scorecard_id", "line_id"):
        if (actual := found[row.pk].actual) is not None:
            set_actual(line=row.line, value=actual, by=by_itself, note=_("测评：%(name)s") % {"name": panel.name})
            scored += 1
    record("close", panel, by=by, before=before, after=facts(panel) | {"scored": scored})
    return scored


def close_ended(*, by: Actor) -> int:
    """End every panel that is past its last day, each on its own: one that cannot be keeps nobody else waiting.

    Somebody may have ended one meanwhile, or moved its day. Returns how many were ended.
    """
    ended = 0
    for panel in Panel.objects.overdue(timezone.localdate()).order_by("pk"):
        try:
            close_panel(panel=panel, by=by)
        except ValidationError as error:
            log.warning("panel %s stays open: %s", panel.pk, " ".join(error.messages))
        except DatabaseError:
            raise
        except Exception:
            log.exception("panel %s could not be closed", panel.pk)
        else:
            ended += 1
    return ended
