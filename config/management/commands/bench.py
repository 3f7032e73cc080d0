"""Measurements with figures to quote: ``bench pages``, ``bench import``."""

from django.core.management.base import BaseCommand

from config.benches import imports, pages


class Command(BaseCommand):
    help = "Measure; prints figures, asserts nothing, and leaves no row behind."

    def add_arguments(self, parser):
        what = parser.add_subparsers(dest="what", required=True)
        page = what.add_parser("pages", help="queries, bytes and server time of every page")
        page.add_argument("--zone", default="YZ")
        page.add_argument("--sizes", type=int, nargs="+", default=[300, 5000], metavar="PEOPLE")
        page.add_argument("--repeat", type=int, default=5, help="openings of each page; the median is printed")
        roster = what.add_parser("import", help="a roster of new people: checked, written, uploaded again")
        roster.add_argument("--zone", default="YZ")
        roster.add_argument("--rows", type=int, default=5000)

    def handle(self, *, what: str, **options):
        if what == "import":
            imports.run(self.stdout, zone=options["zone"], rows=options["rows"])
            return
        pages.run(self.stdout, zone=options["zone"], sizes=options["sizes"], repeat=options["repeat"])
