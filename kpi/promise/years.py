"""The verbs of assessment years: the next one as a copy of the last, cards from a template, the year's own rules."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from kpi.models import Cycle, Indicator, Line, Scorecard, Template
from kpi.promise.subjects import Subject, day_of, key_of, kinds_of, of_template, standing
from kpi.reckoning import reckon_all, refuse_closed
from zones.models import Unit

#: Told how many cards are done, of how many.
Told = Callable[[int, int], None]
#: What a year takes over from the one before.
RULES = ("bureau_weight", "bonus_cap", "small_bureau")
#: Methods whose target may be worked out from last year's actual.
RAISED = frozenset({Indicator.Method.COMPLETION, Indicator.Method.PLUS_MINUS})
BATCH = 500


def _unheard(done: int, total: int) -> None:
    """Nobody waits for progress."""


@dataclass
class Made:
    """What a year's opening, or a filling, comes to: the cards made, who was left out and why."""

    cycle: Cycle
    cards: list[tuple[str, str, int]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    unserved: int = 0

    def count(self, kind: str) -> int:
        return sum(each[0] == kind for each in self.cards)

    @property
    def lines(self) -> int:
        return sum(each[2] for each in self.cards)

    @property
    def outcome(self) -> str:
        """A digest of all that would be done: the deed must come to the same as the preview."""
        told = [self.cycle.year, self.cards, self.left_out, self.unserved]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()[:16]


class OtherOutcome(Exception):
    """What would be done is no longer what the preview showed; nothing was written."""


@transaction.atomic
def open_year(
    *,
    holder: Unit,
    year: int,
    by: Actor,
    raise_percent: Decimal | None = None,
    outcome: str = "",
    told: Told = _unheard,
) -> Made:
    """Open a holder's next year as a copy of its last: cards, lines, weights, and what serves what.

    Last year's actual becomes ``previous``; a target is that raised by
    ``raise_percent``, or empty. Who is gone, and bureaus that are closed, get no
    card and are named; who moved has it where he is now. Nobody has signed the
    new cards. Raises ValidationError for a year that is there, that lies beyond
    the next or that no year comes before, for a raise of −100 % or less or of
    more than 1000 %, and OtherOutcome unless it comes to ``outcome``.
    """
    if raise_percent is not None and not -100 < raise_percent <= 1000:
        words = _("增幅须大于 -100% 且不超过 1000%")
        raise ValidationError({"raise_percent": ValidationError(words, code="range")})
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=holder.pk)
    _refuse_year(holder, year)
    last = Cycle.objects.filter(holder=holder, year__lt=year).order_by("-year").first()
    if last is None:
        raise _at_year(_("此前没有考核年度可以沿用，请先建立空的年度"), "no_year")
    cycle = Cycle(holder=holder, year=year, **{name: getattr(last, name) for name in RULES})
    cycle.full_clean()
    made = Made(cycle)
    with hold_rules():
        cycle.save(force_insert=True)
        cards = _copied_cards(last, made)
        _copy_lines(cards, raise_percent, made, told)
    if outcome and outcome != made.outcome:
        raise OtherOutcome
    audit.record("open_year", cycle, by=by, after=audit.facts(cycle) | _summary(made) | {"copied_from": last.year})
    audit.record_many(audit.entry("add", card, by=by) for _old, card in cards)
    return made


@transaction.atomic
def start_year(*, holder: Unit, year: int, by: Actor) -> Cycle:
    """An empty year of a holder that has none before it, to be filled from templates.

    Raises ValidationError for a year that is there or lies beyond the next.
    """
    _refuse_year(holder, year)
    cycle = Cycle(holder=holder, year=year)
    cycle.full_clean()
    with hold_rules():
        cycle.save(force_insert=True)
    audit.record("open_year", cycle, by=by)
    return cycle


def _refuse_year(holder: Unit, year: int) -> None:
    """Raise for a year that is there, or so far ahead that no list would show it."""
    if Cycle.objects.filter(holder=holder, year=year).exists():
        raise _at_year(_("%(year)s 年度已经建立") % {"year": year}, "exists")
    if year > (latest := timezone.localdate().year + 1):
        raise _at_year(_("最晚只能建立 %(year)s 年度") % {"year": latest}, "too_far")


def _at_year(words: str, code: str) -> ValidationError:
    return ValidationError({"year": ValidationError(words, code=code)})


def _summary(made: Made) -> dict[str, Any]:
    return {"cards": len(made.cards), "lines": made.lines, "left_out": [name for name, _why in made.left_out]}


def _copied_cards(last: Cycle, made: Made) -> list[tuple[Scorecard, Scorecard]]:
    """Last year's cards with the new ones of the same subjects; who is left out is said in ``made``."""
    day = day_of(made.cycle.year)
    units = Unit.objects.subtree_ids(made.cycle.holder_id, day=day)
    there = standing(kinds_of(made.cycle.holder), units, day)
    old = last.scorecards.named(day).select_related("person").order_by("kind", "unit", "bureau", "person", "pk")
    pairs = []
    for card in old:
        subject = there.get(key_of(card))
        if subject is None:
            made.left_out.append((_name(card), _why_not(card)))
            continue
        pairs.append((card, subject.card(cycle=made.cycle, template_id=card.template_id, is_example=card.is_example)))
    Scorecard.objects.bulk_create((new for _old, new in pairs), batch_size=BATCH)
    return pairs


def _name(card: Scorecard) -> str:
    if card.person:
        return f"{card.person.name}（{card.bureau_name or card.unit_name}）"
    return f"{card.bureau_name}（{card.unit_name}）" if card.bureau_id else card.unit_name


def _why_not(card: Scorecard) -> str:
    words: dict[str, str] = {
        Scorecard.Kind.UNIT: _("单位已撤销"),
        Scorecard.Kind.BUREAU: _("部门已撤销"),
        Scorecard.Kind.PERSON: _("已不在岗"),
    }
    return words[card.kind]


def _copy_lines(pairs: list[tuple[Scorecard, Scorecard]], percent: Decimal | None, made: Made, told: Told) -> None:
    by_card: dict[int, list[Line]] = {}
    rows = Line.objects.filter(scorecard__in=[old.pk for old, _new in pairs])
    for line in rows.select_related("indicator", "serves__scorecard").order_by("scorecard", "sequence", "pk"):
        by_card.setdefault(line.scorecard_id, []).append(line)
    copies: list[tuple[Line, Line]] = []
    for done, (old, new) in enumerate(pairs):
        told(done, len(pairs))
        lines = by_card.get(old.pk, [])
        copies += [(line, _copied(line, new, percent)) for line in lines]
        made.cards.append((new.kind, _name(old), len(lines)))
    Line.objects.bulk_create((new for _old, new in copies), batch_size=BATCH)
    made.unserved = _serve_alike(copies, made.cycle)
    told(len(pairs), len(pairs))


def _copied(line: Line, card: Scorecard, percent: Decimal | None) -> Line:
    target = raised(line.actual, percent) if line.indicator.method in RAISED else None
    return Line(
        scorecard=card,
        indicator=line.indicator,
        group=line.group,
        sequence=line.sequence,
        weight=line.weight,
        previous=line.actual,
        target=target,
    )


def raised(actual: Decimal | None, percent: Decimal | None) -> Decimal | None:
    """Last year's actual and so many percent more, four places; None where nothing positive follows."""
    if actual is None or percent is None:
        return None
    value = round(actual * (100 + percent) / 100, 4)
    return value if value > 0 else None


def _place(line: Line) -> tuple:
    """Which line it is within a year: of whom, and of what."""
    return (*key_of(line.scorecard), line.indicator_id)


def _serve_alike(copies: Iterable[tuple[Line, Line]], cycle: Cycle) -> int:
    """Have the copies serve what the originals served, where that is there this year; how many could not."""
    wanted = [(old.serves, new) for old, new in copies if old.serves]
    units = {new.scorecard.unit_id for _served, new in wanted}
    rows = Line.objects.filter(scorecard__cycle__year=cycle.year, scorecard__unit__in=units)
    there = {_place(line): line for line in rows.exclude(scorecard__kind="person").select_related("scorecard")}
    changed, lost = [], 0
    for served, new in wanted:
        found = there.get(_place(served))
        own = new.scorecard
        same = found and found.scorecard.unit_id == own.unit_id and found.scorecard.bureau_id in (None, own.bureau_id)
        if not same:
            lost += 1
            continue
        new.serves = found
        changed.append(new)
    Line.objects.bulk_update(changed, ["serves"], batch_size=BATCH)
    return lost


def candidates(cycle: Cycle, template: Template, *, unit: Unit | None = None, who: str = "") -> list[Subject]:
    """Whom a template's cards would be made for: its subjects that have none yet in the year.

    ``unit`` narrows them to one unit; ``who`` is "heads" or "staff", for people.
    """
    day = day_of(cycle.year)
    there = {key_of(card) for card in cycle.scorecards.all()}
    return [
        each
        for each in of_template(template, cycle.holder, day)
        if each.key not in there
        and (unit is None or each.unit_id == unit.pk)
        and (not who or each.is_head == (who == "heads"))
    ]


@transaction.atomic
def fill_cards(
    *,
    cycle: Cycle,
    template: Template,
    by: Actor,
    unit: Unit | None = None,
    who: str = "",
    subjects: Collection[tuple[str, int]] | None = None,
    told: Told = _unheard,
) -> Made:
    """Make a card from the template for every subject that has none yet; done again, nothing is made twice.

    What was delivered last year for the same indicator becomes ``previous``.
    With ``subjects`` (keys) only for those that the preview showed.
    """
    cycle = Cycle.objects.select_for_update(of=("self",), no_key=True).select_related("holder").get(pk=cycle.pk)
    if cycle.state != Cycle.State.OPEN:
        raise ValidationError(
            _("%(year)s 年度已公布或关闭，不能再增加评分卡") % {"year": cycle.year}, code="KPI-CLOSED"
        )
    if template.holder_id != cycle.holder_id:
        raise ValidationError({"template": _("请选择本单位的模板")}, code="foreign")
    chosen = candidates(cycle, template, unit=unit, who=who)
    if subjects is not None:
        chosen = [each for each in chosen if each.key in subjects]
    items = list(template.lines.select_related("indicator"))
    before = _delivered(cycle, chosen)
    made = Made(cycle)
    with hold_rules():
        cards = Scorecard.objects.bulk_create(
            (each.card(cycle=cycle, template=template) for each in chosen), batch_size=BATCH
        )
        lines = []
        for done, (card, subject) in enumerate(zip(cards, chosen, strict=True)):
            told(done, len(cards))
            for item in items:
                previous = before.get((*subject.key, item.indicator_id))
                lines.append(
                    Line(
                        scorecard=card,
                        indicator=item.indicator,
                        group=item.group,
                        sequence=item.sequence,
                        weight=item.weight,
                        previous=previous,
                    )
                )
            made.cards.append((card.kind, subject.name, len(items)))
        Line.objects.bulk_create(lines, batch_size=BATCH)
    told(len(cards), len(cards))
    audit.record_many(audit.entry("add", card, by=by) for card in cards)
    return made


def _delivered(cycle: Cycle, subjects: Collection[Subject]) -> dict[tuple, Decimal]:
    """What these subjects delivered the year before, by subject and indicator."""
    rows = Line.objects.filter(
        scorecard__cycle__year=cycle.year - 1,
        scorecard__cycle__holder=cycle.holder_id,
        scorecard__unit__in={each.unit_id for each in subjects},
        actual__isnull=False,
    )
    return {_place(line): line.actual for line in rows.select_related("scorecard")}


def stamp(cycle: Cycle) -> str:
    """What a page about the year's rules was made from."""
    return hashlib.sha256(orjson.dumps([str(getattr(cycle, name)) for name in RULES])).hexdigest()[:16]


@transaction.atomic
def change_year(*, cycle: Cycle, by: Actor, seen: str | None = None, **rules: Any) -> Cycle:
    """Change the rules of an open year; what hangs on the bureau's weight and the bonus cap is reckoned anew.

    ``rules`` are those of ``RULES``: a ratio of 0–1, points, a headcount; None where the year has no such rule.
    """
    row = Cycle.objects.select_for_update(of=("self",), no_key=True).select_related("holder").get(pk=cycle.pk)
    refuse_closed(row)
    if row.state != Cycle.State.OPEN:
        raise ValidationError(_("%(year)s 考核结果已公布，不能再修改") % {"year": row.year}, code="KPI-CLOSED")
    if unknown := rules.keys() - set(RULES):
        raise TypeError(f"no rules of a year: {unknown}")
    changed = [name for name, value in rules.items() if getattr(row, name) != value]
    if not changed:
        return row
    if seen is not None and seen != stamp(row):
        raise ValidationError(_("年度设置刚被他人修改，请核对后重新保存"), code="stale")
    before = audit.facts(row)
    for name in changed:
        setattr(row, name, rules[name])
    row.full_clean()
    with hold_rules():
        row.save(update_fields=changed)
        if {"bureau_weight", "bonus_cap"} & set(changed):
            scored = row.scorecards.filter(result__isnull=False)
            reckon_all(scored.values_list("pk", flat=True))
    audit.record("revise", row, by=by, before=before, after=audit.facts(row))
    return row
