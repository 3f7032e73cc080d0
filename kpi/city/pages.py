"""What the pages of a city's year show, put together from what was read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common.periods import year_end
from kpi.city import reading
from kpi.city.forms import YearFilters
from kpi.city.reading import Entrant, Ranking
from kpi.models import Cycle
from staffing.personnel.people_views import on_day


@dataclass(frozen=True)
class SortTab:
    """One sort of units (or all) with how many are scored through."""

    sort: str
    label: str
    units: int
    done: int
    current: bool


@dataclass(frozen=True)
class YearPage:
    """A year as its home shows it: what was chosen, and the rankings that are left of it."""

    cycle: Cycle
    form: YearFilters
    tabs: list[SortTab]
    everything: list[Ranking]
    shown: list[Ranking]
    filtered: bool

    @property
    def units(self) -> int:
        return sum(len(ranking.rows) for ranking in self.everything)

    @property
    def done(self) -> int:
        return sum(len(ranking.final) for ranking in self.everything)

    @property
    def lines(self) -> int:
        return sum(ranking.lines for ranking in self.everything)

    @property
    def scored(self) -> int:
        return sum(ranking.scored for ranking in self.everything)

    @property
    def graded(self) -> int:
        return sum(bool(row.rating) for ranking in self.everything for row in ranking.rows)


def read_year(request, cycle: Cycle) -> YearPage:
    """The year by the choices in the address."""
    found = reading.rankings(request.access, cycle, request.on)
    zones = {row.zone_code: row.zone_name for ranking in found for row in ranking.rows if row.zone_code}
    form = YearFilters(request.GET, zones=sorted(zones.items()))
    chosen = form.chosen()
    sort = chosen.get("sort", "")
    tabs = [SortTab(each.sort, each.label, len(each.rows), len(each.final), each.sort == sort) for each in found]
    if len(tabs) > 1:
        whole = SortTab("", _("全部"), sum(tab.units for tab in tabs), sum(tab.done for tab in tabs), not sort)
        tabs = [whole, *tabs]
    kept = [
        Ranking(each.sort, [row for row in each.rows if _wanted(row, chosen)])
        for each in found
        if not sort or each.sort == sort
    ]
    narrowed = bool(chosen.keys() & {"zone", "grade", "left"})
    return YearPage(cycle, form, tabs, found, [each for each in kept if each.rows], narrowed)


def _wanted(row: Entrant, chosen: dict[str, Any]) -> bool:
    grade = chosen.get("grade", "")
    return (
        chosen.get("zone") in (None, row.zone_code)
        and (not grade or row.rating == ("" if grade == "none" else grade))
        and (not chosen.get("left") or row.score is None)
    )


def frame(request, cycle: Cycle, here: str = "") -> dict[str, Any]:
    """Crumbs, the year's day, and what the visitor may do: on every page of a year."""
    home = on_day(request, reverse("city_year", args=[cycle.pk]))
    title = _("%(year)s 年市考核") % {"year": cycle.year}
    crumbs: list[tuple[str, str | None]] = [(_("市考核"), on_day(request, reverse("city_assessment")))]
    crumbs += [(title, home), (here, None)] if here else [(title, None)]
    may = lambda action, noun: request.access.can_in(cycle.holder_id, action, noun)  # noqa: E731
    return {
        "crumbs": crumbs,
        "title": here or title,
        "cycle": cycle,
        "home": home,
        "open": not reading.is_public(cycle),
        "evaluates": may("score", "unit_card"),
        "rates": may("rate", "unit_card"),
        "rules_over": may("change", "city_cycle"),
        "publishes": may("publish", "city_cycle") and cycle.state == Cycle.State.OPEN,
        "closes": may("close", "city_cycle") and cycle.state == Cycle.State.PUBLISHED,
        "missing": None if reading.previous(cycle) else cycle.year - 1,
    }


def day_of(cycle: Cycle, on: dt.date) -> dt.date:
    """The day that a year's pictures are about: the reader's, at most the year's last."""
    return min(on, year_end(cycle.year))


def units_of(rankings: list[Ranking], sort: str) -> Ranking | None:
    return next((each for each in rankings if each.sort == sort), None)
