"""Loading a zone's structure: ``structure.yaml`` and ``duties.yaml``."""

from __future__ import annotations

from decimal import Decimal

from common.files import Folder, Row
from common.loading import Index, Tally, add_missing, add_missing_dated, span
from common.rules import Rule
from orgchart import transfer_loading
from orgchart.models import (
    Bureau,
    BureauFunction,
    BureauVersion,
    Charter,
    CharterParameter,
    Duty,
    DutyAssignment,
    Function,
    Quota,
    RuleException,
    Tier,
)
from zones.models import Instrument, Unit

STRUCTURE, DUTIES = "structure.yaml", "duties.yaml"


def load(folder: Folder, tally: Tally) -> None:
    folder.sections(STRUCTURE, "charters", "quotas", "exceptions", "tiers", "functions", "bureaus")
    folder.sections(DUTIES, "duties", "assignments", "transfers")
    _limits(folder, tally)
    _exceptions(folder, tally)
    _tiers(folder, tally)
    _functions(folder, tally)
    _bureaus(folder, tally)
    _duties(folder, tally)
    transfer_loading.load(folder, DUTIES, tally)


def _limits(folder: Folder, tally: Tally) -> None:
    units, instruments = Index(Unit), Index(Instrument)
    rows = folder.section(STRUCTURE, "charters", "zone starts name parameters instrument", "ends limits example")
    charters = [
        (
            row,
            Charter(
                zone_id=units.find(row, "zone"),
                period=span(row),
                name=row.text("name"),
                limited_kinds=row.names("limits") if "limits" in row.cells else [],
                instrument_id=instruments.find(row, "instrument"),
                is_example=row.flag("example"),
            ),
        )
        for row in rows
    ]
    stated = {(charter.zone_id, charter.starts): _parameters(row) for row, charter in charters}
    fresh = add_missing_dated(Charter, charters, lambda charter: [charter.zone_id], tally)
    added = [
        CharterParameter(charter=charter, rule=rule, name=name, value=value)
        for charter in fresh
        for (rule, name), value in stated[charter.zone_id, charter.starts].items()
    ]
    CharterParameter.objects.bulk_create(added)
    tally.count(CharterParameter, len(added), sum(map(len, stated.values())) - len(added))
    quotas = [
        (
            row,
            Quota(
                unit_id=units.find(row, "unit"),
                period=span(row),
                kind=row.text("kind"),
                limit=row.whole("limit"),
                instrument_id=instruments.find(row, "instrument"),
                is_example=row.flag("example"),
            ),
        )
        for row in folder.section(STRUCTURE, "quotas", "unit starts kind limit instrument", "ends example")
    ]
    add_missing_dated(Quota, quotas, lambda quota: [(quota.unit_id, quota.kind)], tally)


def _parameters(row: Row) -> dict[tuple[str, str], Decimal]:
    """What a charter states, by rule and name; a rule or a name that the catalogue does not have is refused."""
    found = {}
    for rule_id, values in row.mapping("parameters").items():
        rule = Rule.registry.get(rule_id)
        for name in Row({"values": values}, row.place).mapping("values"):
            if rule is None or name not in rule.parameters:
                raise row.error(f"no rule asks for {rule_id} {name}", "parameters")
            found[rule_id, name] = Row(values, row.place).number(name)
    return found


def _exceptions(folder: Folder, tally: Tally) -> None:
    units, instruments = Index(Unit), Index(Instrument)
    needed = "zone unit starts rule measure allowed instrument"
    wanted = [
        (
            row,
            RuleException(
                zone_id=units.find(row, "zone"),
                unit_id=units.find(row, "unit"),
                period=span(row),
                rule=row.text("rule"),
                measure=row.text("measure"),
                allowed=row.whole("allowed"),
                instrument_id=instruments.find(row, "instrument"),
                note=row.text("note"),
                is_example=row.flag("example"),
            ),
        )
        for row in folder.section(STRUCTURE, "exceptions", needed, "ends note example")
    ]
    for row, exception in wanted:
        rule = Rule.registry.get(exception.rule)
        if rule is None or exception.measure not in rule.finders:
            raise row.error(f"no rule {exception.rule} has a measure {exception.measure}", "measure")
    add_missing_dated(RuleException, wanted, lambda one: [(one.unit_id, one.rule, one.measure)], tally)


def _tiers(folder: Folder, tally: Tally) -> None:
    units = Index(Unit)
    wanted = [
        (
            row,
            Tier(
                zone_id=units.find(row, "zone"),
                period=span(row),
                number=row.whole("number"),
                kind=row.text("kind"),
                name=row.text("name"),
                name_en=row.text("name_en"),
                is_example=row.flag("example"),
            ),
        )
        for row in folder.section(STRUCTURE, "tiers", "zone starts number kind name", "ends name_en example")
    ]
    add_missing_dated(Tier, wanted, lambda tier: [(tier.zone_id, tier.number)], tally)


def _functions(folder: Folder, tally: Tally) -> None:
    wanted = [
        (
            row,
            row.text("code"),
            Function(
                code=row.text("code"),
                name=row.text("name"),
                name_en=row.text("name_en"),
                nature=row.text("nature"),
                sequence=place,
                is_example=row.flag("example"),
            ),
        )
        for place, row in enumerate(folder.section(STRUCTURE, "functions", "code name nature", "name_en example"), 1)
    ]
    add_missing(Function, wanted, Index(Function), tally)


def _bureaus(folder: Folder, tally: Tally) -> None:
    """The bureaus' versions of the file, in its order; what each is for comes with a version that is new."""
    needed = "code unit starts name nature functions instrument"
    optional = "ends name_en parent rank closed_by example"
    rows = folder.section(STRUCTURE, "bureaus", needed, optional)
    # A bureau that is renamed has several rows.
    first = {row.text("code"): row for row in reversed(rows)}
    identities = [(row, code, Bureau(code=code)) for code, row in reversed(first.items())]
    add_missing(Bureau, identities, Index(Bureau), tally)
    bureaus, units, instruments, functions = Index(Bureau), Index(Unit), Index(Instrument), Index(Function)
    held: dict[tuple, list[BureauFunction]] = {}
    wanted = []
    for place, row in enumerate(rows, 1):
        version = BureauVersion(
            bureau_id=bureaus.find(row, "code"),
            unit_id=units.find(row, "unit"),
            parent_id=bureaus.maybe(row, "parent"),
            period=span(row),
            name=row.text("name"),
            name_en=row.text("name_en"),
            nature=row.text("nature"),
            rank=row.text("rank"),
            sequence=place,
            instrument_id=instruments.find(row, "instrument"),
            closed_by_id=instruments.maybe(row, "closed_by"),
            is_example=row.flag("example"),
        )
        held[version.bureau_id, version.starts] = [
            BureauFunction(function_id=functions.of(row, "functions", code)) for code in row.names("functions")
        ]
        wanted.append((row, version))
    fresh = add_missing_dated(BureauVersion, wanted, lambda version: [version.bureau_id], tally)
    added = []
    for version in fresh:
        for function in held[version.bureau_id, version.starts]:
            function.version = version
            added.append(function)
    BureauFunction.objects.bulk_create(added)
    tally.count(BureauFunction, len(added), sum(map(len, held.values())) - len(added))


def _duties(folder: Folder, tally: Tally) -> None:
    named = [
        (
            row,
            row.text("code"),
            Duty(
                code=row.text("code"),
                name=row.text("name"),
                name_en=row.text("name_en"),
                kind=row.text("kind"),
                sequence=place,
                is_example=row.flag("example"),
            ),
        )
        for place, row in enumerate(folder.section(DUTIES, "duties", "code name kind", "name_en example"), 1)
    ]
    add_missing(Duty, named, Index(Duty), tally)
    duties, units, bureaus, instruments = Index(Duty), Index(Unit), Index(Bureau), Index(Instrument)
    optional = "ends bureau unit note closed_by example"
    wanted = []
    for row in folder.section(DUTIES, "assignments", "area starts duties instrument", optional):
        if bool(row.text("bureau")) == bool(row.text("unit")):
            raise row.error("either a bureau or a unit bears a duty")
        for code in row.names("duties"):
            assignment = DutyAssignment(
                duty_id=duties.of(row, "duties", code),
                area_id=units.find(row, "area"),
                period=span(row),
                bureau_id=bureaus.maybe(row, "bureau"),
                unit_id=units.maybe(row, "unit"),
                note=row.text("note"),
                instrument_id=instruments.find(row, "instrument"),
                closed_by_id=instruments.maybe(row, "closed_by"),
                is_example=row.flag("example"),
            )
            wanted.append((row, assignment))
    add_missing_dated(DutyAssignment, wanted, lambda one: [(one.duty_id, one.area_id)], tally)
