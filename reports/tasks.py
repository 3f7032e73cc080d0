"""Long work of this room, for the worker (``common/jobs.py``)."""

from common import jobs
from reports import building, slips

__all__ = ["slips"]

jobs.work(building.WORK)(building.build)
