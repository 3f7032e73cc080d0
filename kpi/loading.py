"""Loading assessments: ``indicators.yaml``, ``templates.yaml``, ``cycles.yaml``, and each year's cards and lines.

What a file says is what was measured; points and scores are computed here, by
``kpi/scoring.py``, as they are when somebody enters them. What a figure fills
is filled from it, as when somebody asks for it on a page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from django.db.models import Q

from common.actors import Actor
from common.databases import judged_together
from common.files import Folder, Row
from common.loading import BATCH, Index, Tally, add_missing, checked
from common.trace import Number, Step
from kpi import points, scoring
from kpi.city.loading import RULE_FIELDS, load_grade_rules
from kpi.entry.figures import refill
from kpi.explain import as_points
from kpi.judging.loading import ADJUSTMENT_FIELDS, APPEAL_FIELDS, load_adjustments, load_appeals, settle_year
from kpi.models import Cycle, Indicator, Line, Result, Scorecard
from kpi.points import Delivered
from kpi.promise import loading as promises
from kpi.reckoning import reckon_all
from orgchart.models import Bureau
from staffing.models import Person
from zones.models import Metric, Unit

INDICATORS, CYCLES = "indicators.yaml", "cycles.yaml"
LOADER = Actor.command("load_zone")
#: A card within its cycle: its kind, and its subject's id.
Subject = tuple[str, int]
#: Where the codes of units, bureaus and people lead, read once for all years.
Places = dict[str, Index]


def load(folder: Folder, tally: Tally) -> None:
    folder.sections(INDICATORS, "indicators")
    folder.sections(CYCLES, "cycles", "grade_rules", "adjustments", "appeals")
    _indicators(folder, tally)
    promises.load(folder, tally)
    _cycles(folder, tally)


def _indicators(folder: Folder, tally: Tally) -> None:
    wanted = []
    metrics = Index(Metric)
    optional = "name_en measure metric reading per data_source parameters direction example"
    for row in folder.section(INDICATORS, "indicators", "code name kind method", optional):
        indicator = Indicator(
            code=row.text("code"),
            name=row.text("name"),
            name_en=row.text("name_en"),
            kind=row.text("kind"),
            method=row.text("method"),
            direction=row.text("direction", Indicator.Direction.MORE),
            measure=row.text("measure"),
            metric_id=metrics.maybe(row, "metric"),
            reading=row.text("reading"),
            per=row.maybe_number("per") or Decimal(1),
            data_source=row.text("data_source"),
            # Kept as text: JSON's own numbers would come back as floats.
            parameters={
                name: value if isinstance(value, bool) else str(value)
                for name, value in row.mapping("parameters").items()
            },
            is_example=row.flag("example"),
        )
        _points(row, indicator, 100, Delivered(1, 1, 1))
        wanted.append((row, indicator.code, indicator))
    add_missing(Indicator, wanted, Index(Indicator), tally)


def _points(row: Row, indicator: Indicator, weight: Number, given: Delivered) -> Step:
    try:
        return points.score_line(indicator.method, weight, given, indicator.parameters)
    except scoring.UndefinedScore as error:
        raise row.error(f"gives no points: {error.reason}", error.field) from error


def _cycles(folder: Folder, tally: Tally) -> None:
    """A year that is new is filled while it is open, then published and closed where the file says so."""
    units = Index(Unit)
    known = {(holder, year): pk for holder, year, pk in Cycle.objects.values_list("holder", "year", "pk")}
    rows = folder.section(CYCLES, "cycles", "holder year state", "published_on published_ago")
    wanted = []
    for row in rows:
        if row.text("state") not in Cycle.State.values:
            raise row.error(f"is none of {', '.join(Cycle.State.values)}", "state")
        cycle = Cycle(holder_id=units.find(row, "holder"), year=row.whole("year"))
        wanted.append((row, (cycle.holder_id, cycle.year), cycle))
    fresh = {(cycle.holder_id, cycle.year) for cycle in add_missing(Cycle, wanted, known, tally)}
    cycles = {(cycle.holder_id, cycle.year): cycle for cycle in Cycle.objects.select_related("holder")}
    load_grade_rules(folder.section(CYCLES, "grade_rules", *RULE_FIELDS), cycles, tally)
    there = set(Scorecard.objects.values_list("pk", flat=True))
    known_places: Places = {"unit": units, "bureau": Index(Bureau), "person": Index(Person, "staff_no")}
    for _row, key, _ in wanted:
        _cards(folder, cycles[key], tally, known_places)
    load_adjustments(folder.section(CYCLES, "adjustments", *ADJUSTMENT_FIELDS), cycles, tally)
    promises.load_serves(folder, Scorecard.objects.exclude(pk__in=there).values_list("pk", flat=True))
    for row, key, _ in wanted:
        if key in fresh:
            settle_year(row, cycles[key])
    load_appeals(folder.section(CYCLES, "appeals", *APPEAL_FIELDS), cycles, tally)


def _cards(folder: Folder, cycle: Cycle, tally: Tally, by_kind: Places) -> None:
    """The cards of a holder's year; lines and result come with a card that is new, as its weights sum to 100.

    A city's year holds the units' cards, a zone's those of its bureaus and people.
    """
    units, bureaus, people = by_kind["unit"], by_kind["bureau"], by_kind["person"]
    wanted, ratings = [], {}
    for row in folder.csv(f"cards-{cycle.year}.csv", "kind unit", "bureau person rating example"):
        if (row.text("kind") == Scorecard.Kind.UNIT) != (cycle.holder.kind == Unit.Kind.CITY):
            continue
        card = Scorecard(
            cycle=cycle,
            kind=row.text("kind"),
            unit_id=units.find(row, "unit"),
            bureau_id=bureaus.maybe(row, "bureau"),
            person_id=people.maybe(row, "person"),
            is_example=row.flag("example"),
        )
        ratings[_subject(card)] = (row, row.text("rating"))
        wanted.append((row, _subject(card), card))
    subjects = {key for _, key, _ in wanted}
    known = {_subject(card) for card in Scorecard.objects.filter(cycle=cycle)}
    if cycle.state != Cycle.State.OPEN:  # a settled year takes no card that a later file thought of
        wanted = [one for one in wanted if one[1] in known]
    there = Result.objects.filter(scorecard__cycle=cycle).count()
    fresh = {_subject(card): card for card in add_missing(Scorecard, wanted, known, tally)}
    scores = _lines(folder, cycle, subjects, fresh, tally, by_kind)
    tally.count(Result, _add_results(fresh, ratings, scores), there)
    if fresh:
        fresh_cards = Scorecard.objects.filter(pk__in=[card.pk for card in fresh.values()])
        with judged_together():  # with all the rest, when everything is there
            refill(cards=fresh_cards.filter(lines__indicator__metric__isnull=False).distinct(), by=LOADER)
        # What is ranked can be scored only once everybody's actual is there, and a weight be spread once all lines are.
        late = Q(lines__indicator__method=Indicator.Method.RANKING) | ~Q(lines__not_applicable="")
        reckon_all(fresh_cards.filter(late).values_list("pk", flat=True))


def _subject(card: Scorecard) -> Subject:
    ids = {"unit": card.unit_id, "bureau": card.bureau_id, "person": card.person_id}
    return card.kind, ids.get(card.kind) or 0


def _lines(
    folder: Folder,
    cycle: Cycle,
    subjects: set[Subject],
    fresh: dict[Subject, Scorecard],
    tally: Tally,
    by_kind: Places,
):
    """Insert the lines of the new cards; returns each complete card's score."""
    indicators = {indicator.code: indicator for indicator in Indicator.objects.all()}
    lines: list[Line] = []
    steps: dict[Subject, list[Step | None]] = defaultdict(list)
    places: Counter[Subject] = Counter()
    unchanged = 0
    file, needed = f"lines-{cycle.year}.csv", "kind subject indicator weight"
    for row in folder.csv(file, needed, "group previous target challenge actual not_applicable"):
        if row.text("kind") not in by_kind:
            raise row.error(f"is none of {', '.join(by_kind)}", "kind")
        if (row.text("kind") == Scorecard.Kind.UNIT) != (cycle.holder.kind == Unit.Kind.CITY):
            continue
        subject = (row.text("kind"), by_kind[row.text("kind")].find(row, "subject"))
        if subject not in subjects:
            raise row.error(f"cards-{cycle.year}.csv has no such card", "subject")
        if row.text("indicator") not in indicators:
            raise row.error(f"there is no indicator “{row.text('indicator')}”", "indicator")
        places[subject] += 1
        if subject not in fresh:
            unchanged += 1
            continue
        line = Line(
            scorecard=fresh[subject],
            indicator=indicators[row.text("indicator")],
            group=row.text("group"),
            sequence=places[subject],
            weight=row.number("weight"),
            previous=row.maybe_number("previous"),
            target=row.maybe_number("target"),
            challenge=row.maybe_number("challenge"),
            actual=row.maybe_number("actual"),
            not_applicable=row.text("not_applicable"),
        )
        steps[subject].append(_scored(row, line))
        lines.append(checked(row, line))
    Line.objects.bulk_create(lines, batch_size=BATCH)
    tally.count(Line, len(lines), unchanged)
    complete = {subject: [step for step in of if step] for subject, of in steps.items() if None not in of}
    return {subject: points.final_score(points.total(of).value) for subject, of in complete.items()}


def _scored(row: Row, line: Line) -> Step | None:
    """The line's points with their trace; None while nothing was measured."""
    if line.actual is None:
        return None
    step = _points(row, line.indicator, line.weight, Delivered(line.actual, line.target, line.previous))
    line.points = as_points(step.value)
    return step


def _add_results(fresh: dict[Subject, Scorecard], ratings, scores) -> int:
    """A result for each new card that has a score or a grade; returns how many."""
    found = []
    for subject, card in fresh.items():
        row, rating = ratings[subject]
        if subject in scores or rating:
            result = Result(scorecard=card, score=scores.get(subject), rating=rating, is_example=card.is_example)
            found.append(checked(row, result))
    Result.objects.bulk_create(found, batch_size=BATCH)
    return len(found)
