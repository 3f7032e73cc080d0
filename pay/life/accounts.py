"""Verbs of bank accounts: entered by finance, encrypted, read in full only where that leaves an entry (design 13)."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import cut, period
from pay.models import BankAccount
from staffing.models import Person

#: So many digits a card or an account of a Chinese bank has.
DIGITS = range(10, 31)
HIDDEN = "*"


def read_number(text: str) -> str:
    """An account's number as people type it: blanks, strokes and full-width digits are accepted.

    Raises ValidationError; the number is not repeated, so that no error page or log holds it.
    """
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", str(text)))
    if not number.isascii() or not number.isdigit():
        raise ValidationError(_("账号只能是数字"), code="account_characters")
    if len(number) not in DIGITS:
        raise ValidationError(_("账号须为 10 至 30 位数字，现为 %(n)s 位") % {"n": len(number)}, code="account_length")
    return number


def doubtful(number: str) -> bool:
    """Whether a number of a card's length fails the cards' check digit (Luhn).

    Accounts that are no cards have no such digit: a warning, never a refusal.
    """
    if not 16 <= len(number) <= 19:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 != 0


def mask(number: str) -> str:
    return HIDDEN * (len(number) - 4) + number[-4:]


@transaction.atomic
def set_account(
    *, person: Person, bank: str, number: str, starts: dt.date, by: Actor, holder: str = "", is_example: bool = False
) -> BankAccount:
    """Where a person's pay goes from a day on; what was in force before ends the day before.

    The same account again changes nothing; another one from the same first day
    corrects it, unless something was paid there. Raises ValidationError keyed by field.
    """
    number = _number(number)
    holder = "" if holder.strip() == person.name else holder.strip()
    if not bank.strip():
        raise ValidationError({"bank": _("须填写开户行")})
    Person.objects.select_for_update().get(pk=person.pk)
    rows = list(BankAccount.objects.filter(person=person).order_by("period"))
    if rows and rows[-1].starts > starts:
        raise ValidationError({"starts": _("此后已有登记的账户，请用更晚的日期")})
    now = next((row for row in rows if row.in_force(starts)), None)
    if now and (now.bank, now.number, now.holder) == (bank.strip(), number, holder):
        return now
    if by.user is not None and person.user_id == by.user.pk:
        raise ValidationError(_("本人的账户由其他财政人员登记"), code="own_case")
    if now and now.starts == starts:
        return _corrected(now, bank.strip(), number, holder, by)
    if now:
        before = audit.facts(now)
        now.period = cut(now.period, starts)
        now.save(update_fields=["period"])
        audit.record("end_account", now, by=by, before=before, after=audit.facts(now))
    row = BankAccount(
        person=person,
        bank=bank.strip(),
        number=number,
        last4=number[-4:],
        holder=holder,
        period=period(starts),
        is_example=is_example,
    )
    with hold_rules():
        row.full_clean(validate_constraints=False)
        row.save(force_insert=True)
    audit.record("add_account", row, by=by)
    return row


def _corrected(row: BankAccount, bank: str, number: str, holder: str, by: Actor) -> BankAccount:
    before = audit.facts(row)
    row.bank, row.number, row.last4, row.holder = bank, number, number[-4:], holder
    with hold_rules():
        row.save(update_fields=["bank", "number", "last4", "holder"])
    audit.record("correct_account", row, by=by, before=before, after=audit.facts(row))
    return row


def _number(text: str) -> str:
    try:
        return read_number(text)
    except ValidationError as error:
        raise ValidationError({"number": error}) from error


def record_reading(accounts: Iterable[BankAccount], *, by: Actor, place: str) -> None:
    """Leave an entry for each account whose full number somebody else is about to see."""
    own = Person.objects.filter(user=by.user).values_list("pk", flat=True) if by.user else []
    mine = set(own)
    entries = [
        audit.entry("read_account", row, by=by, after={"place": place}) for row in accounts if row.person_id not in mine
    ]
    with transaction.atomic():
        audit.record_many(entries)
