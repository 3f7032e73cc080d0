"""The org chart as a picture of a structure: what each box says. Where it stands is said by ``orgchart/tree.py``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from common import numerals
from orgchart.boxes import Card, Node
from orgchart.models import BureauVersion, Tier
from orgchart.structure import NOBODY, Manned, Structure, UnitRow, first_day, read, together, turning_days
from orgchart.tree import PAGE, Paper, Tree, layout
from zones.models import UnitVersion

#: Whoever draws a chart reads its structure: ``chart.read``, then ``chart.draw``.
__all__ = [
    "Address",
    "Folds",
    "Manned",
    "Marks",
    "Structure",
    "UnitRow",
    "draw",
    "facts",
    "first_day",
    "mark_word",
    "read",
    "summary",
    "together",
    "turning_days",
]
MOST_NAMED_TIERS = 4

Address = Callable[[str, str], str]


@dataclass(frozen=True)
class Folds:
    """Which units' bureaus are folded away, and the address that folds or unfolds one by its code."""

    codes: frozenset[str] = frozenset()
    address: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Marks:
    """What changed, to be seen in a picture: a mark (and what exactly) by bureau, a mark by unit."""

    bureaus: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)


def draw(
    structure: Structure,
    by_bureau: Mapping[int, Manned] | None,
    leaders: Mapping[int, str],
    address: Address,
    *,
    marks: Marks | Mapping[int, str] | None = None,
    folds: Folds = Folds(),
    paper: Paper = PAGE,
) -> Tree:
    """The picture: ``by_bureau`` says how each bureau is staffed, ``leaders`` who leads each unit.

    Without ``by_bureau`` it says nothing of who is there. ``address(page, code)``
    gives the links, on the day of the page. ``marks`` are "added", "removed" or
    "changed" by bureau (``orgchart.differences`` makes them).
    """
    marked = marks if isinstance(marks, Marks) else Marks(marks or {})
    artist = _Artist(by_bureau, leaders, address, marked, folds, structure.names)
    nodes = [artist.node(row, structure.joined(row)) for row in structure.rows]
    return layout(nodes[0], nodes[1:], paper)


@dataclass(frozen=True)
class _Artist:
    """What every unit and card of one picture is drawn with."""

    by_bureau: Mapping[int, Manned] | None
    leaders: Mapping[int, str]
    address: Address
    marks: Marks
    folds: Folds
    names: Mapping[int, UnitVersion]

    def node(self, row: UnitRow, joined: bool) -> Node:
        version, code = row.version, row.version.unit.code
        said = [
            version.get_rank_display() if version.rank else "",
            _dispatch(version),
            "" if joined else self.superior(version),
            self.leaders.get(version.unit_id, ""),
        ]
        mark = self.marks.units.get(version.unit_id, "")
        return Node(
            code=code,
            name=version.shown_name,
            line=" · ".join(part for part in said if part),
            facts=facts(row) if self.by_bureau is not None else facts(row)[:2],
            cards=self.cards(row.bureaus),
            example=version.is_example,
            href=self.address("unit", code),
            mark=mark,
            mark_word=mark_word(mark),
            joined=joined,
            folded=code in self.folds.codes and bool(row.bureaus),
            fold_href=self.folds.address(code) if self.folds.address and row.bureaus else "",
        )

    def superior(self, version: UnitVersion) -> str:
        """A unit that stands beside the zone says whom it reports to."""
        above = self.names.get(version.parent_id) if version.parent_id else None
        return _("直属%(unit)s") % {"unit": above.shown_short_name} if above else _("不属于本区")

    def cards(self, bureaus: Sequence[BureauVersion]) -> tuple[Card, ...]:
        """The unit's bureaus in order, second-level units with the bureau over them."""
        there = {bureau.bureau_id for bureau in bureaus}
        below: dict[int | None, list[BureauVersion]] = defaultdict(list)
        for bureau in bureaus:
            below[bureau.parent_id if bureau.parent_id in there else None].append(bureau)

        def made(bureau: BureauVersion) -> Card:
            return self.card(bureau, tuple(made(child) for child in below[bureau.bureau_id]))

        return tuple(made(bureau) for bureau in below[None])

    def card(self, bureau: BureauVersion, children: tuple[Card, ...]) -> Card:
        manned = (self.by_bureau or {}).get(bureau.bureau_id, NOBODY)
        mark = self.marks.bureaus.get(bureau.bureau_id, "")
        return Card(
            code=bureau.bureau.code,
            name=bureau.shown_name,
            nature=bureau.nature,
            nature_name=bureau.get_nature_display(),
            head=manned.head,
            head_vacant=manned.head_vacant,
            seats=manned.seats,
            filled=manned.filled,
            example=bureau.is_example,
            href=self.address("bureau", bureau.bureau.code),
            mark=mark,
            mark_word=mark_word(mark),
            note=self.marks.notes.get(bureau.bureau_id, ""),
            plain=self.by_bureau is None,
            children=children,
        )


def mark_word(mark: str) -> str:
    """The word beside a mark's sign."""
    words = {"added": _("新设"), "removed": _("撤销"), "changed": _("变更")}
    return words.get(mark, "")


def _dispatch(version: UnitVersion) -> str:
    return _("%(body)s派出机关") % {"body": version.dispatched_by} if version.dispatched_by else ""


def facts(row: UnitRow) -> tuple[tuple[str, str], ...]:
    """What a unit's head says at a glance: bureaus of their quota, core share, seats filled."""
    bureaus = f"{row.count} / {row.limit}" if row.limit is not None else str(row.count)
    share = f"{row.core}/{row.count} · {numerals.in_percent(row.core_share, 0)}" if row.count else numerals.NOTHING
    return (
        (_("职能机构"), bureaus),
        (_("主责主业"), share),
        (_("在岗"), f"{row.manned.filled} / {row.manned.seats}"),
    )


def summary(structure: Structure, *, staffed: bool = True) -> str:
    """The picture's second line: what it comes to, who is there if it says so, and the tiers it is held to."""
    total = structure.total
    said = [_("职能机构 %(n)s 个") % {"n": total["count"]}]
    if total["second"]:
        said.append(_("二级内设机构 %(n)s 个") % {"n": total["second"]})
    said.append(_("主责主业 %(share)s") % {"share": numerals.in_percent(total["core_share"])})
    if staffed:
        seats = {key: total[key] for key in ("filled", "seats", "vacant")}
        said.append(_("在岗 %(filled)s 人 / %(seats)s 席，空缺 %(vacant)s 席") % seats)
    if structure.tiers:
        said.append(_tiers(structure.tiers, named=staffed))
    return " · ".join(said)


def _tiers(tiers: Sequence[Tier], *, named: bool) -> str:
    """How many tiers; which, where the line has room for them."""
    names = " → ".join(tier.shown_name for tier in tiers)
    if named and len(tiers) <= MOST_NAMED_TIERS:
        return _("%(n)s 级管理：%(names)s") % {"n": len(tiers), "names": names}
    return _("%(n)s 级管理") % {"n": len(tiers)}
