"""The verbs of templates: made, changed as a sheet, copied."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from kpi.models import Indicator, Template, TemplateLine
from kpi.promise.numbers import refuse_unless_hundred, shown
from zones.models import Unit

WEIGHTS = "KPI-TEMPLATE-WEIGHTS"
#: What a city's templates are of; a zone's are of the rest.
OF_THE_CITY = frozenset({Template.Subject.ZONE, Template.Subject.PARK, Template.Subject.TOWN})


@dataclass(frozen=True)
class Item:
    """A line of a template: the indicator, its weight in percent, the first-level indicator that it stands under."""

    indicator: Indicator
    weight: Decimal
    group: str = ""


def stamp(template: Template) -> str:
    """What a page about the template was made from."""
    told = [template.name, template.name_en, _lines(template)]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()[:16]


def _lines(template: Template) -> list[list[str]]:
    rows = template.lines.order_by("sequence", "pk").values_list("indicator__code", "group", "weight")
    return [[code, group, shown(weight)] for code, group, weight in rows]


def _facts(template: Template) -> dict[str, Any]:
    return audit.facts(template) | {"lines": _lines(template)}


@transaction.atomic
def create_template(
    *,
    holder: Unit,
    code: str,
    name: str,
    subject: str,
    items: Sequence[Item],
    by: Actor,
    name_en: str = "",
    is_example: bool = False,
) -> Template:
    """A new template of a holder with all its lines. ValidationError keyed by field; weights must sum to 100."""
    row = Template(
        holder=holder, code=code, name=name.strip(), name_en=name_en.strip(), subject=subject, is_example=is_example
    )
    row.full_clean()
    city = holder.kind == Unit.Kind.CITY
    if (subject in OF_THE_CITY) != city:
        words = _("市的模板用于开发区、园区和镇") if city else _("开发区的模板用于部门和个人")
        raise ValidationError({"subject": words}, code="KPI-TEMPLATE-HOLDER")
    refuse_unless_hundred([item.weight for item in items], WEIGHTS)
    with hold_rules():
        row.save(force_insert=True)
        _put(row, items)
    audit.record("add", row, by=by, after=_facts(row))
    return row


@transaction.atomic
def save_template(
    *, template: Template, items: Sequence[Item], by: Actor, name: str, name_en: str = "", seen: str | None = None
) -> Template:
    """The template as the sheet has it: its name and all its lines.

    Cards that were made from it stay as they are. Raises ValidationError when it
    is not as ``seen`` any more (a ``stamp``), or weights do not sum to 100.
    """
    row = Template.objects.select_for_update(no_key=True).get(pk=template.pk)
    before = _facts(row)
    row.name, row.name_en = name.strip(), name_en.strip()
    wanted = [[item.indicator.code, item.group, shown(item.weight)] for item in items]
    if (before["name"], before["name_en"], before["lines"]) == (row.name, row.name_en, wanted):
        return row
    if seen is not None and seen != stamp(Template.objects.get(pk=row.pk)):
        raise ValidationError(_("该模板刚被他人修改，请刷新后核对；您填的内容仍在下面"), code="stale")
    row.full_clean()
    refuse_unless_hundred([item.weight for item in items], WEIGHTS)
    with hold_rules():
        row.save(update_fields=["name", "name_en"])
        _put(row, items)
    audit.record("revise", row, by=by, before=before, after=_facts(row))
    return row


def _put(template: Template, items: Sequence[Item]) -> None:
    """Its lines become these, in this order; a line whose indicator stays keeps its row."""
    there = {line.indicator_id: line for line in template.lines.all()}
    template.lines.exclude(indicator__in=[item.indicator.pk for item in items]).delete()
    fresh, kept = [], []
    for sequence, item in enumerate(items, start=1):
        line = there.get(item.indicator.pk) or TemplateLine(template=template, indicator=item.indicator)
        line.group, line.weight, line.sequence = item.group, item.weight, sequence
        (kept if line.pk else fresh).append(line)
    TemplateLine.objects.bulk_update(kept, ["group", "weight", "sequence"])
    TemplateLine.objects.bulk_create(fresh)


def items_of(template: Template) -> list[Item]:
    lines = template.lines.select_related("indicator").order_by("sequence", "pk")
    return [Item(line.indicator, line.weight, line.group) for line in lines]


@transaction.atomic
def copy_template(*, template: Template, holder: Unit, code: str, name: str, by: Actor) -> Template:
    """A copy under another code: same lines, same weights."""
    return create_template(
        holder=holder, code=code, name=name, subject=template.subject, items=items_of(template), by=by
    )
