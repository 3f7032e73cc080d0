"""What the home page shows as due: each room says what waits for this visitor, as of the day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Due:
    """One thing that waits: how many, what to do about it, and where.

    ``done`` marks a count of zero as good news rather than as work.
    """

    title: str
    count: int
    of: int | None
    url: str
    action: str
    urgent: bool = False

    @property
    def done(self) -> bool:
        return self.count == 0
