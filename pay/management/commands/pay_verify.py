"""Compute stored runs again from their stored inputs, and name whatever differs."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pay.models import Run
from pay.services import units_of_zone
from pay.verifying import verify
from zones.models import Unit


class Command(BaseCommand):
    help = (
        "Recompute stored runs by the exact reference; names any run, bureau or person that differs. Status 1 if any."
    )

    def add_arguments(self, parser):
        parser.add_argument("--zone", help="the zone's code, e.g. YZ: the zone and its parks")
        parser.add_argument("--year", type=int)
        parser.add_argument("--run", type=int, help="one run by its number")

    def handle(self, *, zone: str | None, year: int | None, run: int | None, **options):
        runs = Run.objects.all()
        if year is not None:
            runs = runs.filter(year=year)
        if run is not None:
            runs = runs.filter(pk=run)
        if zone is not None:
            runs = runs.filter(unit__in=self._units(zone, year))
        count = wrong = 0
        for _run, findings in verify(runs):
            count += 1
            wrong += bool(findings)
            for finding in findings:
                self.stderr.write(str(finding))
        if not count:
            raise CommandError(_("没有可验证的核算"))
        if wrong:
            raise CommandError(_("%(wrong)s/%(count)s 次核算与输入不符") % {"wrong": wrong, "count": count})
        self.stdout.write(_("%(count)s 次核算全部相符") % {"count": count})

    def _units(self, code: str, year: int | None) -> list[int]:
        """The zone and every park that ever belonged to it, or did at the end of the year."""
        zone = Unit.objects.filter(code=code, kind=Unit.Kind.ZONE).first()
        if zone is None:
            raise CommandError(_("没有代码为 %(code)s 的开发区") % {"code": code})
        if year is not None:
            return [unit.pk for unit in units_of_zone(zone, year)]
        return [zone.pk, *zone.child_versions.values_list("unit_id", flat=True)]
