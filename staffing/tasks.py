"""Long work of this room, for the worker (``common/jobs.py``)."""

from common import jobs
from staffing.intake.import_views import PAGES

jobs.work(PAGES.name)(PAGES.work)
