"""Keeping a simulation: up to three a user, unit and year. Nothing else of a simulation is ever stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from pay.models import Run, Scenario
from pay.simulation.model import Outcome
from zones.models import Unit


@transaction.atomic
def save_scenario(*, run: Run, name: str, changes: Mapping[str, Any], outcome: Outcome, by: Actor) -> Scenario:
    """Keep a simulation under a name; the same name again replaces it.

    Raises ValidationError at ``name`` when it is empty, and without a field
    when three are kept already.
    """
    name = name.strip()
    if not name or len(name) > 60:
        raise ValidationError({"name": _("请为测算方案起一个不超过 60 字的名称")})
    # One at a time: two clicks at once see each other's.
    Unit.objects.select_for_update().get(pk=run.unit_id)
    kept = {row.slot: row for row in Scenario.objects.filter(unit=run.unit_id, year=run.year, user=by.user)}
    row = next((each for each in kept.values() if each.name == name), None)
    if row is None:
        free = [slot for slot in Scenario.SLOTS if slot not in kept]
        if not free:
            raise ValidationError(_("最多保存三个测算方案，请先删除一个"), code="three")
        row = Scenario(unit=run.unit, year=run.year, user=by.user, slot=free[0], name=name)
    row.parameters = dict(changes)
    row.outcome = {**outcome.summary(), "run": run.pk, "input_hash": run.input_hash}
    row.save()
    audit.record("save_scenario", row, by=by, after={"name": name, "parameters": row.parameters})
    return row


@transaction.atomic
def rename_scenario(*, scenario: Scenario, name: str, by: Actor) -> Scenario:
    """Another name; raises ValidationError at ``name`` when another of his has it."""
    row = Scenario.objects.select_for_update().get(pk=scenario.pk)
    before, row.name = row.name, name.strip()
    row.full_clean()
    row.save(update_fields=["name", "saved_at"])
    audit.record("rename_scenario", row, by=by, before={"name": before}, after={"name": row.name})
    return row


@transaction.atomic
def delete_scenario(*, scenario: Scenario, by: Actor) -> None:
    """Take a saved simulation away; a second click finds nothing left to do."""
    row = Scenario.objects.select_for_update().filter(pk=scenario.pk).first()
    if row is not None:
        audit.record("delete_scenario", row, by=by, before={"name": row.name, "parameters": row.parameters})
        row.delete()
