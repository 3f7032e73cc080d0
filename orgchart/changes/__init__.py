"""The kinds of change that a plan may hold: what each needs, how it reads, and what it does to the structure."""

from orgchart.changes.base import Asked, Change, Deed, read, sentence
from orgchart.changes.kinds import (
    Abolish,
    Merge,
    Move,
    MoveDuty,
    MovePosts,
    Redefine,
    Regrade,
    Rename,
    SetQuota,
    SetUp,
    Split,
)
from orgchart.changes.site import Site, around, of_zone

__all__ = [
    "Abolish",
    "Asked",
    "Change",
    "Deed",
    "Merge",
    "Move",
    "MoveDuty",
    "MovePosts",
    "Redefine",
    "Regrade",
    "Rename",
    "SetQuota",
    "SetUp",
    "Site",
    "Split",
    "around",
    "of_zone",
    "read",
    "sentence",
]
