"""Long work of this room, for the worker (``common/jobs.py``)."""

from common import jobs
from kpi.promise import library_views, template_views

for pages in (library_views.PAGES, template_views.PAGES):
    jobs.work(pages.name)(pages.work)
