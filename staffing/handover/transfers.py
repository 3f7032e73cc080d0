"""The people and posts of a handover: naming them, and reading them for whoever may know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.access import Access
from common.actors import Actor
from common.databases import hold_rules
from orgchart.models import DutyTransfer
from orgchart.transfers import Terms, draft_transfer, revise_transfer
from staffing.models import Person, Post, PostVersion, TransferStaff


@dataclass(frozen=True)
class Staff:
    """Who goes with the duties: people by name, posts with whoever sits there."""

    people: Sequence[Person] = ()
    posts: Sequence[Post] = ()

    def __len__(self) -> int:
        return len(self.people)


@transaction.atomic
def name_staff(*, transfer: DutyTransfer, staff: Staff, by: Actor) -> list[TransferStaff]:
    """Say who goes with the duties; replaces what was said before, until somebody signs.

    Raises ValidationError when more people are named than the transfer says go with it.
    """
    if transfer.staff_count is not None and len(staff) > transfer.staff_count:
        told = {"named": len(staff), "count": transfer.staff_count}
        raise ValidationError({"staff": _("列出了 %(named)s 名人员，多于移交人数 %(count)s") % told})
    before = _references(transfer)
    wanted = [TransferStaff(transfer=transfer, person=person) for person in dict.fromkeys(staff.people)]
    wanted += [TransferStaff(transfer=transfer, post=post) for post in dict.fromkeys(staff.posts)]
    if before == sorted(row.person.staff_no if row.person else row.post.code for row in wanted):
        return list(transfer.staff.all())
    with hold_rules():
        transfer.staff.all().delete()
        rows = TransferStaff.objects.bulk_create(wanted)
    after = {"staff": _references(transfer)}
    audit.record("name_transfer_staff", transfer, by=by, before={"staff": before}, after=after)
    return rows


def _references(transfer: DutyTransfer) -> list[str]:
    rows = transfer.staff.select_related("person", "post")
    return sorted(row.person.staff_no if row.person else row.post.code for row in rows)


@transaction.atomic
def draft(*, terms: Terms, staff: Staff, by: Actor, move: bool = False, reason: str = "") -> DutyTransfer:
    """Draft a handover together with who goes with it."""
    row = draft_transfer(terms=terms, by=by, move=move, reason=reason)
    name_staff(transfer=row, staff=staff, by=by)
    return row


@transaction.atomic
def revise(*, transfer: DutyTransfer, terms: Terms, staff: Staff, version: int, by: Actor) -> DutyTransfer:
    """Change a handover together with who goes with it, until somebody signs."""
    row = revise_transfer(transfer=transfer, terms=terms, version=version, by=by)
    name_staff(transfer=row, staff=staff, by=by)
    return row


def resolve(references: Sequence[str], access: Access) -> Staff:
    """People by staff number and posts by code, among those whom the visitor may know.

    Raises ValidationError naming each that is neither.
    """
    people = {each.staff_no: each for each in access.scope(Person.objects.filter(staff_no__in=references))}
    posts = {each.code: each for each in access.scope(Post.objects.filter(code__in=references))}
    if unknown := [each for each in references if each not in people and each not in posts]:
        raise ValidationError(
            {
                "staff": [
                    _("没有「%(code)s」这个工号或岗位编号，或不在您的管理范围") % {"code": each} for each in unknown
                ]
            }
        )
    return Staff(
        [people[each] for each in references if each in people],
        [posts[each] for each in references if each not in people],
    )


@dataclass(frozen=True)
class StaffRow:
    """A line of the staff list; a person whom the visitor may not know has no name."""

    code: str
    name: str
    page: str = ""
    post: str = ""


def staff_rows(transfer: DutyTransfer, access: Access) -> list[StaffRow]:
    """Who goes with the duties, as far as the visitor may know them. Four queries."""
    rows = list(transfer.staff.select_related("person", "post"))
    people = set(access.scope(Person.objects.filter(transfers__transfer=transfer)).values_list("pk", flat=True))
    posts = set(access.scope(Post.objects.filter(transfers__transfer=transfer)).values_list("pk", flat=True))
    versions = PostVersion.objects.filter(post__transfers__transfer=transfer).order_by("period")
    names = {version.post_id: version.shown_name for version in versions}
    found = []
    for row in rows:
        if row.post:
            page = "post" if row.post_id in posts else ""
            found.append(StaffRow(row.post.code, names.get(row.post.pk, row.post.code), page))
        elif row.person_id in people:
            found.append(StaffRow(row.person.staff_no, row.person.name, "person"))
        else:
            found.append(StaffRow("", ""))
    return found
