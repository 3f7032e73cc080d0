"""Who a post answers to and who answers to it (直接上级、下级岗位), as the three tiers have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from orgchart.models import Tier
from staffing.models import PostVersion
from zones.models import UnitVersion


def _of_unit(unit_id: int, day: dt.date) -> list[PostVersion]:
    return list(PostVersion.objects.filter(unit=unit_id).placed(day))


def _leaders(posts: Sequence[PostVersion]) -> list[PostVersion]:
    return [row for row in posts if row.tier.kind == Tier.Kind.LEADER]


def superior(version: PostVersion, day: dt.date) -> PostVersion | None:
    """The post directly above: a bureau's head, the unit's first leader, or that of the unit above; None at the top."""
    posts = _of_unit(version.unit_id, day)
    heads = [row for row in posts if row.is_head and row.bureau_id == version.bureau_id]
    if version.bureau_id and not version.is_head and heads:
        return heads[0]
    first = next(iter(_leaders(posts)), None)
    if first and first.post_id != version.post_id:
        return first
    above = UnitVersion.objects.on(day).filter(unit=version.unit_id).values_list("parent", flat=True).first()
    return next(iter(_leaders(_of_unit(above, day))), None) if above else None


def below(version: PostVersion, day: dt.date) -> list[PostVersion]:
    """The posts of the unit directly below, in roster order."""
    posts = [row for row in _of_unit(version.unit_id, day) if row.post_id != version.post_id]
    if version.is_head:
        return [row for row in posts if row.bureau_id == version.bureau_id]
    first = next(iter(_leaders(_of_unit(version.unit_id, day))), None)
    if first is None or first.post_id != version.post_id:
        return []
    return [row for row in posts if row.is_head or row.tier.kind == Tier.Kind.LEADER]
