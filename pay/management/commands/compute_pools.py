"""Queue a run for a zone and its parks, and watch the worker compute them."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common.actors import Actor
from pay.models import Run
from pay.services import request_runs, units_of_zone
from zones.models import Unit


class Command(BaseCommand):
    help = "Compute the pools of a zone and its parks for a year: one Celery task a unit, with progress."

    def add_arguments(self, parser):
        parser.add_argument("--zone", required=True, help="the zone's code, e.g. YZ")
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--missing", action="store_true", help="only units that have no result yet")
        parser.add_argument("--timeout", type=int, default=600, help="seconds to wait for the worker")

    def handle(self, *, zone: str, year: int, timeout: int, missing: bool, **options):
        try:
            unit = Unit.objects.get(code=zone, kind=Unit.Kind.ZONE)
        except Unit.DoesNotExist as error:
            raise CommandError(_("没有代码为 %(code)s 的开发区") % {"code": zone}) from error
        units = units_of_zone(unit, year)
        if not units:
            raise CommandError(_("%(code)s 在 %(year)s 年末尚未设立") % {"code": zone, "year": year})
        before = {run.unit_id: run.pk for run in Run.objects.standing().filter(unit__in=units, year=year)}
        asked = [each for each in units if each.pk not in before] if missing else units
        runs = request_runs(units=asked, year=year, by=Actor.command("compute_pools"))
        if runs:
            self._watch(runs, timeout)
        failed = False
        for each in units:
            failed |= self._report(each, year, {run.pk for run in runs}, before)
        if failed:
            raise CommandError(_("有单位未能完成核算，原因见上"))

    def _watch(self, runs: list[Run], timeout: int) -> None:
        """Poll the rows until none is at work; the bar is redrawn on a terminal, else written when it has changed."""
        waiting = {run.pk for run in runs}
        shown = None
        deadline = time.monotonic() + timeout
        while True:
            left = Run.objects.filter(pk__in=waiting, state__in=["queued", "running"]).count()
            done = len(waiting) - left
            bar = f"{'█' * done}{'░' * left} {done}/{len(waiting)}"
            if self.stdout.isatty():
                self.stdout.write(f"\r{bar}", ending="")
            elif bar != shown:
                self.stdout.write(bar)
            shown = bar
            if not left:
                break
            if time.monotonic() > deadline:
                raise CommandError(_("等待超时：还有 %(left)s 个单位未完成，任务仍在队列中") % {"left": left})
            time.sleep(0.2)
        if self.stdout.isatty():
            self.stdout.write("")

    def _report(self, unit: Unit, year: int, asked: set[int], before: dict[int, int]) -> bool:
        """One line a unit, on stderr when it failed; True when it did."""
        failure = Run.objects.filter(pk__in=asked, unit=unit, state=Run.State.FAILED).first()
        if failure:
            self.stderr.write(f"  {unit.code:<10} {_('未完成')}: {' '.join(failure.error.split())}")
            return True
        run = Run.objects.standing().with_people().filter(unit=unit, year=year).first()
        if run is None:
            self.stderr.write(f"  {unit.code:<10} {_('没有结果')}")
            return True
        word = _("无变化") if before.get(unit.pk) == run.pk else _("已核算")
        self.stdout.write(f"  {unit.code:<10} {word} {run.pool:>16,} 元 {run.people or 0} 人")
        return False
