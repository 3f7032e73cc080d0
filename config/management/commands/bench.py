"""Measurements with figures to quote: ``bench`` pages, import, roster, chart, entry, pools, simulate."""

from django.core.management.base import BaseCommand, CommandError

from config.benches import chart, entry, imports, pages, pools, roster, simulate
from config.servers import ServerError


class Command(BaseCommand):
    help = "Measure; prints figures, asserts nothing, and leaves no row behind."

    def add_arguments(self, parser):
        what = parser.add_subparsers(dest="what", required=True)
        page = what.add_parser("pages", help="queries, bytes and server time of every page")
        page.add_argument("--zone", default="YZ")
        page.add_argument("--sizes", type=int, nargs="+", default=[300, 5000], metavar="PEOPLE")
        page.add_argument("--repeat", type=int, default=5, help="openings of each page; the median is printed")
        files = what.add_parser("import", help="a roster of new people: checked, written, uploaded again")
        files.add_argument("--zone", default="YZ")
        files.add_argument("--rows", type=int, default=5000)

        lists = what.add_parser("roster", help="the roster's pages with thousands of people")
        lists.add_argument("--zone", default="YZ")
        lists.add_argument("--people", type=int, default=5000)
        lists.add_argument("--repeat", type=int, default=20, help="openings of each page")
        picture = what.add_parser("chart", help="the org chart of a made-up zone")
        picture.add_argument("--bureaus", type=int, default=60)
        picture.add_argument("--posts", type=int, default=1000)
        picture.add_argument("--repeat", type=int, default=20, help="how many requests are measured")

        money = what.add_parser("pools", help="a made-up province computed by real workers, beside its floor")
        money.add_argument("--zones", type=int, default=386, help="each with three parks")
        money.add_argument("--people", type=int, default=260, help="of a unit")
        money.add_argument("--workers", type=int, default=2, help="processes of the Celery worker")
        money.add_argument("--block", type=int, default=64, help="units a task")
        money.add_argument("--verify", action="store_true", help="compute everything again by the reference")
        sheet = what.add_parser("entry", help="a head's sheet of scores: the page, each cell's save, a pasted block")
        sheet.add_argument("--rows", type=int, default=40)
        sheet.add_argument("--columns", type=int, default=12)

        trial = what.add_parser("simulate", help="a moved dial of the simulation page")
        trial.add_argument("--zone", default="YZ")
        trial.add_argument("--people", type=int, default=600, help="of the zone and its parks together")
        trial.add_argument("--repeat", type=int, default=40)

    def handle(self, *, what: str, **options):
        if what == "pools":
            names = ("zones", "people", "workers", "block", "verify")
            try:
                pools.run(self.stdout, **{name: options[name] for name in names})
            except ServerError as error:
                raise CommandError(str(error)) from error
            return
        if what == "import":
            imports.run(self.stdout, zone=options["zone"], rows=options["rows"])
            return
        if what == "roster":
            roster.run(self.stdout, zone=options["zone"], people=options["people"], repeat=options["repeat"])
            return
        if what == "simulate":
            simulate.run(self.stdout, zone=options["zone"], people=options["people"], repeat=options["repeat"])
            return
        if what == "entry":
            entry.run(self.stdout, rows=options["rows"], columns=options["columns"])
            return
        if what == "chart":
            # A small zone first: the queries must be the same.
            sizes = [(6, 50), (options["bureaus"], options["posts"])]
            chart.run(self.stdout, sizes=sizes, repeat=options["repeat"])
            return
        pages.run(self.stdout, zone=options["zone"], sizes=options["sizes"], repeat=options["repeat"])
