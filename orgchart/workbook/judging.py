"""The rules on the whole of a file, each breach said at the line that it comes from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from common.databases import BrokenRule, broken_rule
from common.periods import ONE_DAY
from common.rules import Violation, verdict
from common.sheets import Fault
from orgchart.workbook.lines import Entry
from orgchart.workbook.sheet import Sheet
from zones.models import Unit, UnitVersion

#: So many days on which something in the file begins or ends are judged one by one; the hold judges all of them.
DAYS = 60


def judge(entries: Sequence[Entry]) -> list[Fault]:
    """Put a fault at every line that breaks a rule; what concerns no line is returned.

    First every rule on every day of the file, so that all breaches are told at
    once; then the hold of COMMIT itself, which judges every other day and whatever is no rule of a zone.
    """
    changed = [entry for entry in entries if entry.deed]
    if not changed:
        return []
    stray = _breaches(changed)
    if stray or any(entry.bad for entry in changed):
        return stray
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
    except IntegrityError as error:
        broken = broken_rule(error)
        if broken is None:
            raise
        entry, text = _offender(changed, broken)
        return _at_line(changed, entry, text)
    return []


def _breaches(changed: Sequence[Entry]) -> list[Fault]:
    days = {entry.values["starts"] for entry in changed if entry.values.get("starts")}
    days |= {entry.values["ends"] + ONE_DAY for entry in changed if entry.values.get("ends")}
    told: set[tuple] = set()
    stray: list[Fault] = []
    for day in sorted(days)[:DAYS]:
        for head in sorted(_heads(changed, day)):
            for broken in verdict(head, day).broken:
                which = (broken.rule.id, broken.measure, broken.unit_id, broken.ref)
                if which not in told:
                    told.add(which)
                    stray += _at_line(changed, _of_violation(changed, broken), _sentence(broken, day))
    return stray


def _sentence(broken: Violation, day: dt.date) -> str:
    told = {"day": day, "subject": broken.shown_subject, "detail": broken.detail, "rule": broken.rule.id}
    return _("%(day)s %(subject)s：%(detail)s（%(rule)s）") % told


def _heads(changed: Iterable[Entry], day: dt.date) -> set[int]:
    """Whose law the changed units live under on the day: their zone, or the unit itself where it reports to none."""
    codes = {str(entry.values[attribute]) for entry in changed for attribute in entry.sheet.acts_on}
    versions = UnitVersion.objects.on(day).filter(unit__code__in=codes).select_related("unit", "parent")
    heads = set()
    for version in versions:
        superior = version.parent
        if superior is not None and superior.kind == Unit.Kind.ZONE:
            heads.add(superior.pk)
        elif version.unit.kind in (Unit.Kind.ZONE, Unit.Kind.PARK):
            heads.add(version.unit_id)
    return heads


def _at_line(changed: Sequence[Entry], entry: Entry | None, text: str) -> list[Fault]:
    if entry is None:
        return [Fault(text)]
    at = next((each for each in ("code", "starts", "unit", "zone") if each in entry.sheet.columns), "")
    if at in entry.faults:
        entry.faults[at] += f"；{text}"
    else:
        entry.fault(at, text)
    return []


def _of_violation(changed: Sequence[Entry], broken: Violation) -> Entry | None:
    """The line that set up the offender; else the last line that changed something in its unit."""
    exact = next((entry for entry in changed if entry.ref == broken.ref), None)
    if exact is not None:
        return exact
    code = Unit.objects.filter(pk=broken.unit_id).values_list("code", flat=True).first()
    return next((entry for entry in reversed(changed) if code in _units(entry)), None)


def _units(entry: Entry) -> set[str]:
    return {str(entry.values[attribute]) for attribute in entry.sheet.acts_on}


def _offender(changed: Sequence[Entry], broken: BrokenRule) -> tuple[Entry | None, str]:
    """The line behind a refusal, and what to say: by the rule, or by the row that hangs on what the line ended."""
    if broken.refusal is not None:
        return _of_violation(changed, broken.refusal.violation), broken.text
    table, _space, rest = broken.detail.partition(" ")
    key = rest.split(" ", 1)[0]
    model = next((each for each in apps.get_models() if each._meta.db_table == table), None)
    row = model._base_manager.filter(pk=key).first() if model and key.isdigit() else None
    if model is None or row is None:
        return _of_kind(changed, broken), broken.text
    # The row itself, or what it hangs on: a post on its bureau, a duty on its bearer.
    hangs_on = _links(row) | {(model, row.pk)}
    found = next((entry for entry in changed if entry.old is not None and _stands_for(entry) & hangs_on), None)
    return found, f"{broken.message}：{row}"


def _of_kind(changed: Sequence[Entry], broken: BrokenRule) -> Entry | None:
    """A refusal that names no row: what it is about is told by its name (UNIT-PARENT) or by what it says."""
    kind = broken.rule.partition("-")[0].lower()
    above = [entry for entry in changed if entry.sheet.ref == kind and "parent" in entry.sheet.columns]
    named = [entry for entry in changed if entry.key and str(entry.key[0]) in broken.detail.split()]
    return next(iter([*above, *named]), None)


def _links(row: models.Model) -> set[tuple[type[models.Model], int]]:
    return {
        (field.related_model, getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.related_model and getattr(row, field.attname)
    }


def _stands_for(entry: Entry) -> set[tuple[type[models.Model], int]]:
    """What others hang on when they hang on the line's row: it, and the bureau or unit of which it is a version."""
    own = {(type(entry.old), entry.old.pk)}
    if entry.sheet.ref in ("unit", "bureau"):
        field = entry.old._meta.get_field(entry.sheet.ref)
        own.add((field.related_model, getattr(entry.old, field.attname)))
    return own


def circles(sheet: Sheet, entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """The lines of which the superiors lead back to themselves, within the file; each with its way round."""
    if "parent" not in sheet.columns or "code" not in sheet.columns:
        return []
    above: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.values.get("parent"):
            above[entry.values["code"]].append(entry)
    found = []
    for entry in entries:
        way = [entry.values["code"]]
        step: str = entry.values.get("parent") or ""
        while step and step not in way and above.get(step):
            way.append(step)
            step = above[step][0].values["parent"]
        if step == way[0]:
            found.append((entry, _("上下级关系成环：%(way)s") % {"way": " → ".join([*way, step])}))
    return found
