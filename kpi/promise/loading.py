"""Loading templates, and which lines serve which: ``templates.yaml``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal, InvalidOperation

from common.files import Folder, Row
from common.loading import BATCH, Index, Tally, add_missing
from kpi.models import Indicator, Line, Scorecard, Template, TemplateLine
from kpi.promise.numbers import HUNDRED
from zones.models import Unit

FILE = "templates.yaml"


def load(folder: Folder, tally: Tally) -> None:
    """The templates that are not there yet, each with its lines."""
    folder.sections(FILE, "templates", "serves")
    units, indicators = Index(Unit), Index(Indicator)
    wanted, lines = [], {}
    for row in folder.section(FILE, "templates", "code name holder subject groups", "name_en example"):
        template = Template(
            code=row.text("code"),
            name=row.text("name"),
            name_en=row.text("name_en"),
            holder_id=units.find(row, "holder"),
            subject=row.text("subject"),
            is_example=row.flag("example"),
        )
        key = (template.holder_id, template.code)
        lines[key] = _lines(row, indicators)
        wanted.append((row, key, template))
    known = Template.objects.values_list("holder", "code")
    fresh = add_missing(Template, wanted, known, tally)
    made = [
        TemplateLine(template=template, sequence=n, group=group, indicator_id=indicator, weight=weight)
        for template in fresh
        for n, (group, indicator, weight) in enumerate(lines[template.holder_id, template.code], start=1)
    ]
    TemplateLine.objects.bulk_create(made, batch_size=BATCH)
    tally.count(TemplateLine, len(made), sum(map(len, lines.values())) - len(made))


def _lines(row: Row, indicators: Index) -> list[tuple[str, int, Decimal]]:
    """(first-level indicator, indicator, weight), in the order of the file; a ``-`` stands for no first level."""
    found = []
    for group, members in row.mapping("groups").items():
        for code, weight in Row({"of": members}, row.place).mapping("of").items():
            found.append(("" if group == "-" else group, indicators.of(row, "groups", code), _weight(row, weight)))
    if sum(weight for _group, _indicator, weight in found) != HUNDRED:
        raise row.error("weights do not sum to 100", "groups")
    return found


def _weight(row: Row, said: object) -> Decimal:
    try:
        return Decimal(str(said))
    except InvalidOperation:
        raise row.error(f"“{said}” is no number", "groups") from None


def load_serves(folder: Folder, cards: Collection[int]) -> None:
    """Point the lines of these new cards to the line above that they serve: the first of a list that there is.

    A bureau's line serves its unit's, a person's his bureau's.
    """
    if not cards:
        return
    wanted = {row.text("line"): row.names("serves") for row in folder.section(FILE, "serves", "line serves")}
    rows = Line.objects.filter(scorecard__in=cards).select_related("scorecard__cycle", "indicator")
    above: dict[tuple, dict[str, int]] = defaultdict(dict)
    for line in rows:
        if line.scorecard.kind != Scorecard.Kind.PERSON:
            above[_place(line.scorecard)][line.indicator.code] = line.pk
    changed = []
    for line in rows:
        there = above.get(_superior(line.scorecard), {})
        if found := next((there[code] for code in wanted.get(line.indicator.code, ()) if code in there), None):
            line.serves_id = found
            changed.append(line)
    Line.objects.bulk_update(changed, ["serves"], batch_size=BATCH)


def _place(card: Scorecard) -> tuple:
    return card.cycle.year, card.kind, card.bureau_id if card.kind == Scorecard.Kind.BUREAU else card.unit_id


def _superior(card: Scorecard) -> tuple:
    if card.kind == Scorecard.Kind.PERSON:
        return card.cycle.year, Scorecard.Kind.BUREAU, card.bureau_id
    return card.cycle.year, Scorecard.Kind.UNIT, card.unit_id if card.kind == Scorecard.Kind.BUREAU else None
