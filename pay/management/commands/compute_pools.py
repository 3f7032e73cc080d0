"""Queue a run for a zone and its parks, or for every zone, and watch the workers compute them."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common.actors import Actor
from pay.models import Run
from pay.services import request_runs, resume, units_of_zone
from zones.models import Unit

#: Runs whose message or worker was lost are looked for this often, in seconds.
LOOK_AGAIN = 2.0


class Command(BaseCommand):
    help = "Compute the pools of a zone and its parks, or of all zones, for a year, with progress."

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--zone", help="the zone's code, e.g. YZ")
        which.add_argument("--all", action="store_true", help="every zone with its parks; only what failed is listed")
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--missing", action="store_true", help="only units that have no result yet")
        parser.add_argument("--timeout", type=int, default=600, help="seconds to wait for the workers")

    def handle(self, *, zone: str | None, year: int, timeout: int, missing: bool, **options):
        units = self._units(zone, year)
        before = {run.unit_id: run.pk for run in Run.objects.standing().filter(unit__in=units, year=year)}
        asked = [each for each in units if each.pk not in before] if missing else units
        runs = request_runs(units=asked, year=year, by=Actor.command("compute_pools"))
        if runs:
            self._watch(runs, timeout)
        keys = [run.pk for run in runs]
        if not zone:
            self._report_all(keys, len(units))
            return
        failed = False
        for each in units:
            failed |= self._report(each, year, set(keys), before)
        if failed:
            raise CommandError(_("有单位未能完成核算，原因见上"))

    def _units(self, code: str | None, year: int) -> list[Unit]:
        zones = Unit.objects.filter(kind=Unit.Kind.ZONE)
        if code:
            zones = zones.filter(code=code)
            if not zones:
                raise CommandError(_("没有代码为 %(code)s 的开发区") % {"code": code})
        units = [unit for zone in zones for unit in units_of_zone(zone, year)]
        if not units:
            raise CommandError(_("%(code)s 在 %(year)s 年末尚未设立") % {"code": code or "", "year": year})
        return units

    def _watch(self, runs: list[Run], timeout: int) -> None:
        """Poll the rows until none is at work; the bar is redrawn on a terminal, else written when it has changed."""
        waiting = [run.pk for run in runs]
        shown = None
        began = looked = time.monotonic()
        while True:
            left = Run.objects.at_work().filter(pk__in=waiting).count()
            now = time.monotonic()
            bar = _bar(len(waiting) - left, len(waiting), now - began)
            if self.stdout.isatty():
                self.stdout.write(f"\r{bar}", ending="")
            elif bar != shown:
                self.stdout.write(bar)
            shown = bar
            if not left:
                break
            if now > began + timeout:
                raise CommandError(_("等待超时：还有 %(left)s 个单位未完成，任务仍在队列中") % {"left": left})
            if now > looked + LOOK_AGAIN:
                looked = now
                resume()
            time.sleep(0.2)
        if self.stdout.isatty():
            self.stdout.write("")

    def _report_all(self, asked: list[int], units: int) -> None:
        failures = Run.objects.filter(pk__in=asked, state=Run.State.FAILED).select_related("unit")
        for run in failures:
            self.stderr.write(f"  {run.unit.code:<10} {_('未完成')}: {' '.join(run.error.split())}")
        if failures:
            raise CommandError(_("有单位未能完成核算，原因见上"))
        self.stdout.write(_("已核算 %(count)s 个单位") % {"count": units})

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


def _bar(done: int, total: int, seconds: float) -> str:
    """Done of total as a bar of at most 40 blocks, with the time left at the pace so far."""
    width = min(total, 40)
    full = done * width // total
    left = f" {seconds * (total - done) / done:.0f} s" if 0 < done < total and total > 40 else ""
    return f"{'█' * full}{'░' * (width - full)} {done}/{total}{left}"
