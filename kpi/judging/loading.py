"""Loading adjustments: the section ``adjustments`` of ``cycles.yaml``, proposed and, where it says so, approved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.utils import timezone

from common.files import Row
from common.loading import Index, Tally, checked
from kpi.models import Adjustment, Cycle, Scorecard
from kpi.reckoning import reckon_all
from zones.models import Unit

#: What a row of the section must have, and what it may have: the bureau or the person whose card it is.
ADJUSTMENT_FIELDS = ("holder year kind reason evidence", "points bureau person happened_on state")


def load_adjustments(rows: Iterable[Row], cycles: Mapping[tuple[int, int], Cycle], tally: Tally) -> None:
    """Add what is not on file to the cards of open years; whatever is approved counts at once."""
    units, added, there, approved = Index(Unit), 0, 0, []
    on_card = ["scorecard__cycle", "scorecard__bureau__code", "scorecard__person__staff_no", "kind", "reason"]
    known = {
        (cycle, "" if person else bureau, person or "", kind, reason)
        for cycle, bureau, person, kind, reason in Adjustment.objects.values_list(*on_card)
    }
    for row in rows:
        cycle = cycles.get((units.find(row, "holder"), row.whole("year")))
        if cycle is None:
            raise row.error("there is no such year", "year")
        key = (cycle.pk, *(row.text(name) for name in ("bureau", "person", "kind", "reason")))
        if key in known or cycle.state != Cycle.State.OPEN:
            there += 1
            continue
        card = _card(row, cycle)
        made = Adjustment(
            scorecard=card,
            kind=row.text("kind"),
            points=row.maybe_number("points") or Decimal(0),
            reason=row.text("reason"),
            evidence=row.text("evidence"),
            happened_on=row.maybe_day("happened_on"),
        )
        checked(row, made).save()
        added += 1
        if row.text("state") == Adjustment.State.APPROVED:
            done = {"state": Adjustment.State.APPROVED, "decided_at": timezone.now()}
            Adjustment.objects.filter(pk=made.pk).update(**done)
            approved.append(card.pk)
    tally.count(Adjustment, added, there)
    if approved:
        reckon_all(approved)


def _card(row: Row, cycle: Cycle) -> Scorecard:
    cards = Scorecard.objects.filter(cycle=cycle)
    if person := row.text("person"):
        found = cards.filter(kind="person", person__staff_no=person).first()
    else:
        found = cards.filter(kind="bureau", bureau__code=row.text("bureau")).first()
    if found is None:
        raise row.error("there is no such card", "person" if row.text("person") else "bureau")
    return found
