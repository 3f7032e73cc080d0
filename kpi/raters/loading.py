"""Loading panels: ``panels.yaml``, where a folder has one; made-up raters are users who cannot sign in.

A panel that is there, by its year and name, is left as it is. What a file says
was rated goes through the same checks as what people rate, and a closed panel
is counted as they are.
"""

from __future__ import annotations

from decimal import Decimal

from common.actors import Actor
from common.databases import judged_together
from common.files import Folder, Row
from common.loading import Index, Tally, checked
from common.models import User
from kpi.models import Cycle, Indicator, Line, Panel, PanelGroup, PanelLine, PanelRating, Rater
from kpi.raters.closing import close_panel
from orgchart.models import Bureau
from zones.models import Unit

PANELS = "panels.yaml"
LOADER = Actor.command("load_zone")
#: What an example's rater is called, by his user name up to the hyphen.
NAMES = {"enterprise": "企业代表", "township": "属地镇代表", "supervisor": "监督员"}


def load(folder: Folder, tally: Tally) -> None:
    if not (folder.path / PANELS).exists():
        return
    folder.sections(PANELS, "panels")
    units, indicators = Index(Unit), Index(Indicator)
    cycles = {(holder, year): pk for holder, year, pk in Cycle.objects.values_list("holder", "year", "pk")}
    for row in folder.section(
        PANELS, "panels", "holder year name indicator bureaus groups", "trim closes_on closed ratings"
    ):
        key = (units.find(row, "holder"), row.whole("year"))
        if key not in cycles:
            raise row.error("has no such year", "year")
        known = Panel.objects.filter(cycle=cycles[key], name=row.text("name")).exists()
        tally.count(Panel, int(not known), int(known))
        if not known:
            _panel(row, cycles[key], indicators.find(row, "indicator"))


def _panel(row: Row, cycle_id: int, indicator_id: int) -> None:
    panel = Panel(
        cycle_id=cycle_id,
        name=row.text("name"),
        trim=row.whole("trim"),
        closes_on=row.maybe_day("closes_on"),
        is_example=True,
    )
    checked(row, panel).save()
    lines = _lines(row, panel, indicator_id)
    raters: dict[str, Rater] = {}
    groups = row.rows("groups", "name weight raters")
    made = PanelGroup.objects.bulk_create(
        PanelGroup(panel=panel, name=each.text("name"), weight=each.number("weight"), sequence=number)
        for number, each in enumerate(groups, start=1)
    )
    for each, group in zip(groups, made, strict=True):
        users = [_user(username) for username in each.names("raters")]
        for rater in Rater.objects.bulk_create(Rater(group=group, user=user) for user in users):
            raters[rater.user.username] = rater
    _ratings(row, lines, raters)
    if row.flag("closed"):
        # Whoever loads judges all of it together, once.
        with judged_together():
            close_panel(panel=panel, by=LOADER)


def _lines(row: Row, panel: Panel, indicator_id: int) -> list[PanelLine]:
    bureaus = Index(Bureau)
    wanted = [bureaus.of(row, "bureaus", code) for code in row.names("bureaus")]
    found = Line.objects.filter(scorecard__cycle=panel.cycle_id, scorecard__kind="bureau", indicator=indicator_id)
    by_bureau = {line.scorecard.bureau_id: line for line in found.select_related("scorecard")}
    if missing := [bureau for bureau in wanted if bureau not in by_bureau]:
        raise row.error(f"{len(missing)} of them have no such line", "bureaus")
    return PanelLine.objects.bulk_create(PanelLine(panel=panel, line=by_bureau[bureau]) for bureau in wanted)


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        kind, _hyphen, number = username.partition("-")
        user = User(username=username, last_name=f"{NAMES.get(kind, kind)}{number}（示例）")
        user.set_unusable_password()
        user.save()
    return user


def _ratings(row: Row, lines: list[PanelLine], raters: dict[str, Rater]) -> None:
    found = []
    for username, points in row.mapping("ratings").items():
        if username not in raters:
            raise row.error(f"“{username}” is in no group", "ratings")
        if not isinstance(points, list) or len(points) != len(lines):
            raise row.error(f"{username}: a value for each bureau, please", "ratings")
        for line, value in zip(lines, points, strict=True):
            rating = PanelRating(line=line, rater=raters[username], points=Decimal(str(value)))
            found.append(checked(row, rating))
    PanelRating.objects.bulk_create(found)
