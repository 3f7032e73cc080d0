"""Long work of this room, for the worker (``common/jobs.py``)."""

from reports import slips

__all__ = ["slips"]
