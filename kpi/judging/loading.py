"""Loading what comes of a year: ``adjustments`` and ``appeals`` of ``cycles.yaml``, and its publishing and closing.

Days of a year that runs (``published_ago``, ``raised``, ``decided``) are counted back from the day of loading,
so that some of its clocks run, whenever that is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.utils import timezone

from common.files import Row
from common.loading import Index, Tally, checked
from kpi.judging.quotas import stated
from kpi.models import Adjustment, Appeal, Cycle, Result, Scorecard
from kpi.reckoning import reckon_all
from zones.models import Unit

#: What a row of the section must have, and what it may have: the bureau or the person whose card it is.
ADJUSTMENT_FIELDS = ("holder year kind reason evidence", "points bureau person happened_on state")
#: And of an appeal: whose it is, its stage, how many days ago it was raised and decided.
APPEAL_FIELDS = ("holder year person stage text raised", "outcome decided decision new_rating")


def settle_year(row: Row, cycle: Cycle) -> None:
    """Publish, and close, a year that is new, where its file says so."""
    state = row.text("state")
    if state == Cycle.State.OPEN:
        return
    day = row.maybe_day("published_on") or _ago(row, "published_ago")
    if day is None:
        raise row.error("needs the day of publishing (published_on, or published_ago in days)", "state")
    rows = Cycle.objects.filter(pk=cycle.pk)
    rows.update(state=Cycle.State.PUBLISHED, published_on=day)
    if state == Cycle.State.CLOSED:
        rows.update(state=state)
    cycle.refresh_from_db(fields=["state", "published_on"])


def load_appeals(rows: Iterable[Row], cycles: Mapping[tuple[int, int], Cycle], tally: Tally) -> None:
    """Add the reviews and appeals that are not on file to years that are published, each with what came of it."""
    units, added, there = Index(Unit), 0, 0
    known = set(Appeal.objects.values_list("result__scorecard__cycle", "result__scorecard__person__staff_no", "stage"))
    for row in rows:
        cycle = cycles.get((units.find(row, "holder"), row.whole("year")))
        if cycle is None:
            raise row.error("there is no such year", "year")
        if (cycle.pk, row.text("person"), row.text("stage")) in known or cycle.state != Cycle.State.PUBLISHED:
            there += 1
            continue
        _appeal(row, cycle)
        added += 1
    tally.count(Appeal, added, there)


def _appeal(row: Row, cycle: Cycle) -> None:
    result = Result.objects.filter(scorecard=_card(row, cycle)).first()
    raised, decided = _ago(row, "raised"), _ago(row, "decided")
    if result is None or raised is None:
        raise row.error("there is no result, or no day", "person")
    days = stated(cycle, "ASM-12", f"{row.text('stage')}_decide")
    if days is None:
        raise row.error("the charter of the year states no such term (ASM-12)", "stage")
    made = Appeal(
        result=result,
        stage=row.text("stage"),
        text=row.text("text"),
        raised_on=raised,
        due_on=raised + dt.timedelta(days=int(days)),
    )
    checked(row, made).save()
    if decided is None:
        return
    made.outcome, made.decided_on = row.text("outcome"), decided
    made.decision, made.new_rating = row.text("decision"), row.text("new_rating")
    checked(row, made).save()
    if made.new_rating:
        Result.objects.filter(pk=result.pk).update(rating=made.new_rating)


def _ago(row: Row, field: str) -> dt.date | None:
    return timezone.localdate() - dt.timedelta(days=row.whole(field)) if row.text(field) else None


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
