"""市考核总册: a year in one file: rankings, tables by sort, every unit from all sides, and the raw lines."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from common.access import Access
from kpi.city import lines, pictures
from kpi.city.lines import Group
from kpi.city.reading import Entrant, Ranking
from kpi.models import Line
from reports import city_table
from reports.books import Block, Book, Chapter, Native, two
from reports.city import Asked, asked, own, ranking_columns, ranking_row, said_notes, weight_of
from reports.tables import Column
from zones.models import Unit

KIND = "city-book"
FORMATS = ("xlsx", "pdf")
#: A year of more lines than this is drawn in the background.
HEAVY = 300
heaviness = weight_of


def fetch(access: Access, key: str, on: dt.date) -> tuple[Book, Unit]:
    """Of a year (``12``), or of one sort of it: names and scores of all that the visitor sees, lines of his own."""
    found = asked(access, key, on)
    by_card = lines.lines_of(row.card.pk for row in found.rows if row.own)
    book = Book(
        kind=KIND,
        title=_("%(year)s 年市考核总册") % {"year": found.cycle.year},
        subject=found.name,
        as_of=found.day,
        basis=found.basis,
        example=found.example,
        cover=_cover(found),
        notes=said_notes(found),
    )
    for ranking in found.rankings:
        book.chapters.append(_ranking(found, ranking))
        if own(ranking):
            book.chapters.append(_table(ranking, by_card))
            book.chapters.append(_sides(found, ranking, by_card))
    book.chapters.append(_data(found, by_card))
    return book, found.unit


def _cover(found: Asked) -> list[tuple[str, str]]:
    return [
        (_("考核年度"), str(found.cycle.year)),
        (_("状态"), str(found.cycle.get_state_display())),
        (
            _("单位数"),
            "，".join(f"{each.label} {len(each.rows)}" for each in found.rankings),
        ),
        (_("已评完"), f"{sum(len(each.final) for each in found.rankings)} / {len(found.rows)}"),
    ]


def _ranking(found: Asked, ranking: Ranking) -> Chapter:
    title = {"sort": ranking.label}
    mean = two(ranking.mean)
    block = Block(
        _("得分与名次"),
        ranking_columns(ranking),
        [ranking_row(row) for row in ranking.rows],
        totals={"name": _("平均"), "score": mean} if mean is not None else {},
        chart=Native("bar", _("%(sort)s考核得分") % title, ("score",)) if ranking.final else None,
    )
    bars = pictures.ranking_bars(ranking, found.cycle, found.day, links=False)["wide"]
    return Chapter(_("%(sort)s排名") % title, [block], [bars] if bars.bars else [])


def _table(ranking: Ranking, by_card: dict[int, list[Line]]) -> Chapter:
    """The matrix of a sort; a page turns it so that it fits."""
    rows = own(ranking)
    sheet = lines.sheet({row.card.pk: by_card[row.card.pk] for row in rows})
    columns = city_table.columns(sheet)
    told = [city_table.row_of(row, sheet) for row in rows]
    means = {
        city_table.column_key(each): two(sheet.mean(each, [row.card.pk for row in rows])) for each in sheet.columns
    }
    totals = {"name": _("平均"), "score": two(ranking.mean), **means} if len(rows) > 1 else {}
    return Chapter(_("%(sort)s考核表") % {"sort": ranking.label}, [Block(_("各项得分"), columns, told, totals)])


def _sides(found: Asked, ranking: Ranking, by_card: dict[int, list[Line]]) -> Chapter:
    """What each unit got of the points of every first-level indicator, as a table and a radar a unit."""
    rows = own(ranking)
    groups = {row.card.pk: lines.groups(by_card[row.card.pk]) for row in rows}
    names = list(dict.fromkeys(group.name for row in rows for group in groups[row.card.pk]))
    keys = {name: f"g{place}" for place, name in enumerate(names)}
    block = Block(
        _("一级指标得分率（%）"),
        [Column("name", _("单位"), width=18), *(Column(keys[name], name, "points", 12) for name in names)],
        [{"name": row.name, **_rates(groups[row.card.pk], keys)} for row in rows],
        chart=Native("radar", _("一级指标得分率（%）"), tuple(keys.values())) if len(names) > 2 else None,
    )
    drawn = [_radar(found, row, groups[row.card.pk]) for row in rows]
    return Chapter(
        _("%(sort)s各方面得分率") % {"sort": ranking.label},
        [block],
        [each for each in drawn if each is not None],
    )


def _rates(groups: list[Group], keys: dict[str, str]) -> dict[str, object]:
    return {keys[group.name]: two(group.rate) for group in groups}


def _radar(found: Asked, row: Entrant, groups: list[Group]):
    title = _("%(name)s %(year)s 年各方面得分率") % {"name": row.name, "year": found.cycle.year}
    pair = pictures.radars(title, {row.name: groups}, found.day)
    return pair["narrow"] if pair else None


def _data(found: Asked, by_card: dict[int, list[Line]]) -> Chapter:
    """Every line as it stands, to reckon with."""
    columns = [
        Column("name", _("单位"), width=16),
        Column("code", _("单位代码"), width=12),
        Column("group", _("一级指标"), width=14),
        Column("indicator", _("指标代码"), width=16),
        Column("title", _("指标"), width=26),
        Column("measure", _("计量单位"), width=9),
        Column("weight", _("权重（%）"), "points", 9),
        Column("previous", _("上年实绩"), "ratio", 12),
        Column("target", _("目标值"), "ratio", 12),
        Column("actual", _("完成值"), "ratio", 12),
        Column("points", _("得分"), "ratio", 10),
    ]
    rows = [
        {
            "name": row.name,
            "code": row.code,
            "group": line.group,
            "indicator": line.indicator.code,
            "title": line.indicator.shown_name,
            "measure": line.indicator.measure,
            **{key: getattr(line, key) for key in ("weight", "previous", "target", "actual", "points")},
        }
        for row in found.rows
        for line in by_card.get(row.card.pk, ())
    ]
    return Chapter(_("数据"), [Block(_("各项指标"), columns, rows)], sheet_only=True)
