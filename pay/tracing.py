"""A person's share drawn again from the columns that it is stored in: the steps of F15, by the reference's own hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from common.money import exact
from common.trace import Input, Step
from pay.sharing import PersonInput, person_weight, share_step
from staffing.headcount import PostMonths

if TYPE_CHECKING:
    from pay.models import Allocation, BureauShare


def person_input(row: Allocation) -> PersonInput:
    """What F15 reads of a person, each value with where it came from."""
    posts = [
        PostMonths(
            post=post["post"],
            coefficient=Input(
                "post_coefficient",
                Decimal(post["coefficient"]),
                unit="ratio",
                source=f"{post['name']} × {post['months']}",
                ref=f"staffing.post:{post['post']}",
            ),
            months=post["months"],
            bureau=str(row.share.bureau_id),
        )
        for post in row.posts
    ]
    factor = Input(
        "grade_factor",
        row.grade_factor,
        unit="ratio",
        source=row.rating or row.reason,
        ref=f"kpi.result:{row.result}" if row.result else "",
        example=row.is_example,
    )
    return PersonInput(str(row.person_id), posts, factor)


def person_trace(row: Allocation, share: BureauShare) -> Step:
    """The step "person_share": the bureau's amount × his weight ÷ everybody's (coefficient × months × factor)."""
    weight = person_weight(person_input(row))
    return share_step("person_share", "F15", share.amount, weight, exact(share.people_points) / 12, row.amount)
