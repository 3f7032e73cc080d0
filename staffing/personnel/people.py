"""The verbs of people: add, correct. What identifies a person is checked here, whatever the door."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.cells import FORMULA_STARTS
from common.fields import digest
from common.stamps import refuse_stale, stamp_of
from staffing import store
from staffing.models import Person, StatusCorrection
from staffing.personnel.identity import read_national_id
from staffing.store import deed
from zones.models import Unit

#: What a correction may touch; the unit follows the post, the user is linked elsewhere.
CORRECTABLE = (
    "name",
    "gender",
    "birth_date",
    "national_id",
    "phone",
    "category",
    "identity",
    "original_rank",
    "entered_on",
    "ethnic_group",
    "native_place",
    "politics",
    "joined_party_on",
    "education",
    "full_time_education",
    "full_time_school",
    "in_service_education",
    "in_service_school",
    "professional_title",
)
#: Not only what a spreadsheet runs: its full-width look-alikes too, which some programs make plain again.
RISKY_STARTS = (*FORMULA_STARTS, "\uff1d", "\uff0b", "\uff0d", "\uff20")


def refuse_own_case(person: Person, by: Actor) -> None:
    """Nobody appoints, moves, ends or corrects himself (design 6)."""
    if by.user is not None and person.user_id is not None and person.user_id == by.user.pk:
        raise ValidationError(_("不能办理本人的人事事项，请由其他经办人办理"), code="own_case")


def clean_name(text: str) -> str:
    """A person's name without blanks around it; raises ValidationError for what a spreadsheet would run."""
    if text.startswith(RISKY_STARTS) or text.strip().startswith(RISKY_STARTS):
        raise ValidationError({"name": _("姓名不能以「%(sign)s」开头") % {"sign": text.strip()[:1]}}, code="formula")
    name = re.sub(r"\s+", " ", text).strip()
    if not name:
        raise ValidationError({"name": _("姓名须填写")})
    if any(unicodedata.category(sign).startswith("C") for sign in name):
        raise ValidationError({"name": _("姓名中有不可见的控制字符")})
    return name


def stamp(person: Person) -> str:
    """What a page showed of a person: a correction that bears an older one is refused."""
    return stamp_of(person, CORRECTABLE)


def _take_in_identity(person: Person) -> None:
    """Check the number and hold birth date and sex to it; read them from it where they are missing."""
    if not person.national_id:
        return
    try:
        told = read_national_id(person.national_id)
    except ValidationError as error:
        raise ValidationError({"national_id": error}) from error
    person.national_id = told.number
    if person.birth_date and person.birth_date != told.birth_date:
        raise ValidationError({"national_id": _("身份证号中的出生日期与登记的出生日期不符")}, code="id_birth")
    if person.gender and person.gender != told.gender:
        raise ValidationError({"national_id": _("身份证号中的性别与登记的性别不符")}, code="id_gender")
    person.birth_date, person.gender = told.birth_date, told.gender


def _save(person: Person) -> None:
    person.name = clean_name(person.name or "")
    _take_in_identity(person)
    person.national_id_digest = digest(person.national_id)
    person.clean_fields(exclude=["national_id_digest", "home_unit", "user"])
    store.now().save(person)


@deed
def add_person(*, by: Actor, home_unit: Unit, staff_no: str = "", reason: str = "", **fields: Any) -> Person:
    """Enter a person. Without ``staff_no`` he gets the unit's next number.

    Birth date and sex may be left out where there is a national ID to read them from.
    Raises ValidationError keyed by field.
    """
    person = Person(home_unit=home_unit, staff_no=staff_no.strip() or store.now().next_staff_no(home_unit), **fields)
    if store.now().is_taken(person.staff_no):
        text = _("工号 %(no)s 已被使用") % {"no": person.staff_no}
        raise ValidationError({"staff_no": text}, code="unique")
    _save(person)
    audit.record("add_person", person, by=by, reason=reason)
    return person


@deed
def correct_person(
    *, person: Person, by: Actor, seen: str, reason: str = "", document_number: str = "", **changes: Any
) -> Person:
    """Correct what is on file. ``seen`` is the ``stamp`` of the row that the caller looked at.

    The original identity and rank are sealed: to correct them takes a reason and
    the document it rests on. Raises ValidationError, with code ``stale`` when
    somebody changed the row meanwhile.
    """
    if unknown := changes.keys() - set(CORRECTABLE):
        raise TypeError(f"cannot be corrected: {sorted(unknown)}")
    row = store.now().person(person)
    refuse_own_case(row, by)
    refuse_stale(stamp(row), seen)
    before = audit.facts(row)
    sealed = (row.identity, row.original_rank)
    for field, value in changes.items():
        setattr(row, field, value)
    _unseal(row, sealed, reason, document_number)
    _save(row)
    audit.record("correct_person", row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row


def _unseal(person: Person, sealed: tuple[str, str], reason: str, document_number: str) -> None:
    """Keep on file what corrects the original status (身份封存); a rank that was never entered is not sealed yet."""
    identity, rank = sealed
    if person.identity == identity and rank in ("", person.original_rank):
        return
    missing = {}
    if not document_number.strip():
        missing["document_number"] = _("原身份和原职级已封存，更正须填写依据文号")
    if not reason.strip():
        missing["reason"] = _("原身份和原职级已封存，更正须填写理由")
    if missing:
        raise ValidationError(missing, code="sealed")  # type: ignore[arg-type]
    StatusCorrection.objects.create(
        person=person,
        identity_before=identity,
        identity=person.identity,
        rank_before=rank,
        original_rank=person.original_rank,
        document_number=document_number.strip(),
        reason=reason,
    )


def record_reading(people: list[Person], *, by: Actor, place: str) -> None:
    """Leave an entry for each person whose unmasked identity somebody else is about to see (design 13)."""
    others = [person for person in people if by.user is None or person.user_id != by.user.pk]
    with transaction.atomic():
        audit.record_many(audit.entry("read_identity", person, by=by, after={"place": place}) for person in others)
