"""What is different between two structures of a zone, one by one and in words.

It reads nothing, it compares what it is given. The two may be two days of one
zone, or the zone as it is and as a plan would have it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgchart.chart import Marks
from orgchart.models import BureauVersion, DutyAssignment, Quota, Tier
from orgchart.structure import Structure, UnitRow, lawgiver
from zones.models import UnitVersion


class Kind(models.TextChoices):
    """In what way something is different."""

    ADDED = "added", gettext_lazy("设立")
    REMOVED = "removed", gettext_lazy("撤销")
    RENAMED = "renamed", gettext_lazy("更名")
    MOVED = "moved", gettext_lazy("隶属调整")
    REGRADED = "regraded", gettext_lazy("规格调整")
    DISPATCH = "dispatch", gettext_lazy("派出机关调整")
    NATURE = "nature", gettext_lazy("性质调整")
    FUNCTIONS = "functions", gettext_lazy("职能调整")
    QUOTA = "quota", gettext_lazy("限额调整")
    TIERS = "tiers", gettext_lazy("管理层级调整")
    CHARTER = "charter", gettext_lazy("机构编制规定调整")
    DUTY = "duty", gettext_lazy("职责调整")


#: Each kind as a sentence; ``none`` stands where one side has nothing.
SENTENCES = {
    Kind.ADDED: gettext_lazy("设立%(subject)s"),
    Kind.REMOVED: gettext_lazy("撤销%(subject)s"),
    Kind.RENAMED: gettext_lazy("%(unit)s%(before)s更名为%(after)s"),
    Kind.MOVED: gettext_lazy("%(subject)s由%(before)s划归%(after)s"),
    Kind.REGRADED: gettext_lazy("%(subject)s的机构规格由%(before)s改为%(after)s"),
    Kind.DISPATCH: gettext_lazy("%(subject)s的派出机关由%(before)s改为%(after)s"),
    Kind.NATURE: gettext_lazy("%(subject)s的性质由%(before)s改为%(after)s"),
    Kind.FUNCTIONS: gettext_lazy("%(subject)s的职能由%(before)s改为%(after)s"),
    Kind.QUOTA: gettext_lazy("%(subject)s由%(before)s改为%(after)s"),
    Kind.TIERS: gettext_lazy("%(subject)s的管理层级由%(before)s改为%(after)s"),
    Kind.CHARTER: gettext_lazy("%(subject)s的机构编制规定由%(before)s改为%(after)s"),
    Kind.DUTY: gettext_lazy("%(subject)s由%(before)s承担改为由%(after)s承担"),
}


@dataclass(frozen=True)
class Difference:
    """One thing that is different: ``ref`` names it (``bureau:YZ-INVEST``), ``pk`` is its identity's key.

    ``before`` and ``after`` are words to show, empty where there was or is
    nothing; ``subject`` is what it is called, with its unit. ``unit`` is the
    name of the unit where it happens, ``unit_code`` its code.
    """

    kind: Kind
    ref: str
    pk: int
    subject: str
    before: str
    after: str
    unit: str
    unit_code: str

    @property
    def thing(self) -> str:
        """What it is about: ``bureau``, ``unit``, ``quota``, ``tiers``, ``charter`` or ``duty``."""
        return self.ref.partition(":")[0]

    @property
    def code(self) -> str:
        return self.ref.partition(":")[2]

    @property
    def sentence(self) -> str:
        """The difference in the reader's language."""
        none = _("无")
        unit = f"{self.unit} " if self.thing == "bureau" else ""
        said = {"subject": self.subject, "before": self.before or none, "after": self.after or none, "unit": unit}
        return str(SENTENCES[self.kind]) % said

    @property
    def brief(self) -> str:
        """The difference in a few words, for a card that has room for little."""
        said = {
            Kind.RENAMED: _("原名%(before)s"),
            Kind.MOVED: _("原属%(before)s"),
            Kind.NATURE: _("原为%(before)s"),
            Kind.REGRADED: _("原为%(before)s"),
        }.get(self.kind)
        return said % {"before": self.before} if said and self.before else str(self.kind.label)

    @property
    def ahead(self) -> str:
        """The same seen from before."""
        said = {
            Kind.RENAMED: _("改名%(after)s"),
            Kind.MOVED: _("划归%(after)s"),
            Kind.NATURE: _("改为%(after)s"),
            Kind.REGRADED: _("改为%(after)s"),
        }.get(self.kind)
        return said % {"after": self.after} if said and self.after else str(self.kind.label)


def differences(before: Structure, after: Structure) -> list[Difference]:
    """Everything that is different, the law first, then unit by unit with its bureaus and quotas, then duties.

    Of what was set up or abolished as a whole, the parts are not listed again.
    """
    return [
        *_law(before, after),
        *_units(before, after),
        *_bureaus(before, after),
        *_quotas(before, after),
        *_duties(before, after),
    ]


def marks(found: Iterable[Difference], *, ahead: bool = False) -> Marks:
    """The differences as marks in a picture: of bureaus with a few words each, and of units.

    The words look back, as fits the later picture; ``ahead`` makes them look forward from the earlier one.
    """
    bureaus: dict[int, str] = {}
    units: dict[int, str] = {}
    notes: dict[int, list[str]] = {}
    for each in found:
        if each.thing not in ("bureau", "unit"):
            continue
        marked = bureaus if each.thing == "bureau" else units
        whole = each.kind in (Kind.ADDED, Kind.REMOVED)
        marked[each.pk] = each.kind.value if whole else marked.get(each.pk, "changed")
        if each.thing == "bureau" and not whole:
            notes.setdefault(each.pk, []).append(each.ahead if ahead else each.brief)
    return Marks(bureaus, {pk: _("、").join(words) for pk, words in notes.items()}, units)


def counted(found: Iterable[Difference]) -> list[tuple[str, int]]:
    """How many differences there are of each sort, as (words, number): what came and went first."""
    counts: Counter[tuple[Kind, bool]] = Counter(
        (each.kind, each.thing == "unit" and each.kind in (Kind.ADDED, Kind.REMOVED)) for each in found
    )
    order = {kind: place for place, kind in enumerate(Kind)}
    return [(_sort(kind, unit), counts[kind, unit]) for kind, unit in sorted(counts, key=lambda one: order[one[0]])]


def _sort(kind: Kind, unit: bool) -> str:
    if kind not in (Kind.ADDED, Kind.REMOVED):
        return str(kind.label)
    return (_("%(kind)s单位") if unit else _("%(kind)s机构")) % {"kind": kind.label}


# --- the law ----------------------------------------------------------------------------------


def _law(before: Structure, after: Structure) -> Iterator[Difference]:
    """Charter and tiers of whatever stands on top, and of a unit that was or became its own head."""
    for pk in _both(before.by_unit, after.by_unit):
        was, now = before.by_unit[pk], after.by_unit[pk]
        follows = {lawgiver(row.version) for row in (was, now)} == {after.zone.pk}
        if follows and pk != after.zone.pk:
            continue
        name, code = _place(now.version)
        if (was.charter and was.charter.pk) != (now.charter and now.charter.pk):
            old, new = (row.charter.name if row.charter else "" for row in (was, now))
            yield Difference(Kind.CHARTER, f"charter:{code}", pk, name, old, new, name, code)
        if _words(was.tiers) != _words(now.tiers):
            yield Difference(Kind.TIERS, f"tiers:{code}", pk, name, _words(was.tiers), _words(now.tiers), name, code)


def _words(tiers: Sequence[Tier]) -> str:
    if not tiers:
        return ""
    names = " → ".join(tier.shown_name for tier in tiers)
    return _("%(n)s 级（%(names)s）") % {"n": len(tiers), "names": names}


# --- units ------------------------------------------------------------------------------------


def _units(before: Structure, after: Structure) -> Iterator[Difference]:
    old, new = before.by_unit, after.by_unit
    for pk in [*new, *(pk for pk in old if pk not in new)]:
        version = (new.get(pk) or old[pk]).version
        name, code = _place(version)
        ref = f"unit:{code}"
        if pk not in old:
            yield Difference(Kind.ADDED, ref, pk, version.shown_name, "", version.shown_name, name, code)
        elif pk not in new:
            yield Difference(Kind.REMOVED, ref, pk, version.shown_name, version.shown_name, "", name, code)
        else:
            for kind, was, now in _unit_pairs(before, old[pk].version, after, new[pk].version):
                if was[0] != now[0]:
                    yield Difference(kind, ref, pk, name, was[1], now[1], name, code)


#: A kind, then what it was and what it is: each as (what is compared, what is said).
Side = tuple[object, str]
Pair = tuple[Kind, Side, Side]


def _unit_pairs(before: Structure, old: UnitVersion, after: Structure, new: UnitVersion) -> list[Pair]:
    def rank(version: UnitVersion) -> Side:
        return version.rank, str(version.get_rank_display()) if version.rank else _("未公布")

    return [
        (Kind.RENAMED, (old.name, old.shown_name), (new.name, new.shown_name)),
        (
            Kind.MOVED,
            (old.parent_id, _unit_name(before, old.parent_id)),
            (new.parent_id, _unit_name(after, new.parent_id)),
        ),
        (Kind.REGRADED, rank(old), rank(new)),
        (Kind.DISPATCH, (old.dispatched_by, old.dispatched_by), (new.dispatched_by, new.dispatched_by)),
    ]


# --- bureaus ----------------------------------------------------------------------------------


def _bureaus(before: Structure, after: Structure) -> Iterator[Difference]:
    old, new = before.by_bureau, after.by_bureau
    for pk in [*new, *(pk for pk in old if pk not in new)]:
        row, bureau = new.get(pk) or old[pk]
        unit, code = _place(row.version)
        ref, subject = f"bureau:{bureau.bureau.code}", f"{unit} {bureau.shown_name}"
        if pk not in old:
            yield Difference(Kind.ADDED, ref, pk, subject, "", _what(bureau), unit, code)
        elif pk not in new:
            yield Difference(Kind.REMOVED, ref, pk, subject, _what(bureau), "", unit, code)
        else:
            for kind, was, now in _bureau_pairs(old[pk], new[pk], old, new):
                if was[0] != now[0]:
                    yield Difference(kind, ref, pk, subject, was[1], now[1], unit, code)


Placed = tuple[UnitRow, BureauVersion]


def _bureau_pairs(was: Placed, now: Placed, old: dict[int, Placed], new: dict[int, Placed]) -> list[Pair]:
    old_bureau, new_bureau = was[1], now[1]
    return [
        (Kind.RENAMED, (old_bureau.name, old_bureau.shown_name), (new_bureau.name, new_bureau.shown_name)),
        (Kind.MOVED, _above(was, old), _above(now, new)),
        (Kind.REGRADED, (old_bureau.rank, old_bureau.rank), (new_bureau.rank, new_bureau.rank)),
        (Kind.NATURE, _nature(old_bureau), _nature(new_bureau)),
        (Kind.FUNCTIONS, _functions(old_bureau), _functions(new_bureau)),
    ]


def _nature(bureau: BureauVersion) -> Side:
    return bureau.nature, str(bureau.get_nature_display())


def _above(placed: Placed, there: dict[int, Placed]) -> Side:
    """Where a bureau stands: its unit, and for a second-level unit the bureau over it."""
    row, bureau = placed
    name = row.version.shown_short_name
    superior = there.get(bureau.parent_id) if bureau.parent_id else None
    return (bureau.unit_id, bureau.parent_id), f"{name} {superior[1].shown_name}" if superior else name


def _functions(bureau: BureauVersion) -> Side:
    held = sorted(bureau.functions.all(), key=lambda each: (each.sequence, each.code))
    return [each.pk for each in held], _("、").join(each.shown_name for each in held)


def _what(bureau: BureauVersion) -> str:
    """What a bureau that came or went is: its nature, and its functions."""
    said = [str(bureau.get_nature_display()), _functions(bureau)[1]]
    return _("：").join(part for part in said if part)


# --- quotas and duties ------------------------------------------------------------------------


def _quotas(before: Structure, after: Structure) -> Iterator[Difference]:
    old, new = before.by_unit, after.by_unit
    for pk in _both(old, new):
        unit, code = _place(new[pk].version)
        for kind, label in Quota.Kind.choices:
            was, now = (str(row.quotas[kind].limit) if kind in row.quotas else "" for row in (old[pk], new[pk]))
            if was != now:
                limits = was or _("未规定"), now or _("未规定")
                yield Difference(Kind.QUOTA, f"quota:{code}/{kind}", pk, f"{unit} {label}", *limits, unit, code)


def _duties(before: Structure, after: Structure) -> Iterator[Difference]:
    """Who bears what; an area that is new has no duty that changed hands."""
    old = {(duty.duty_id, duty.area_id): duty for duty in before.duties}
    new = {(duty.duty_id, duty.area_id): duty for duty in after.duties}
    there = set(before.by_unit) & set(after.by_unit)
    for key in [*new, *(key for key in old if key not in new)]:
        duty = new.get(key) or old[key]
        was, now = old.get(key), new.get(key)
        if duty.area_id not in there or (was and now and _bearer(was) == _bearer(now)):
            continue
        area, code = _place(after.by_unit[duty.area_id].version)
        said = _bearer_name(before, was), _bearer_name(after, now)
        ref = f"duty:{duty.duty.code}/{code}"
        yield Difference(Kind.DUTY, ref, duty.duty_id, f"{area} {duty.duty.shown_name}", *said, area, code)


def _bearer(duty: DutyAssignment) -> tuple[int | None, int | None]:
    return duty.unit_id, duty.bureau_id


def _bearer_name(structure: Structure, duty: DutyAssignment | None) -> str:
    if duty is None:
        return ""
    if duty.unit_id:
        return _unit_name(structure, duty.unit_id)
    placed = structure.by_bureau.get(duty.bureau_id or 0)
    if placed is None:
        return duty.bureau.code if duty.bureau else ""
    return f"{placed[0].version.shown_short_name} {placed[1].shown_name}"


# --- finding one's way in a structure ---------------------------------------------------------


def _both(old: dict[int, UnitRow], new: dict[int, UnitRow]) -> list[int]:
    return [pk for pk in new if pk in old]


def _place(version: UnitVersion) -> tuple[str, str]:
    return version.shown_short_name, version.unit.code


def _unit_name(structure: Structure, pk: int | None) -> str:
    version = structure.names.get(pk) if pk else None
    return version.shown_short_name if version else ""
