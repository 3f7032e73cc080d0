"""银行代发文件: whom the bank pays how much, one line a person, as CSV in GBK.

The bank reads every byte of it, so there is no title and no note. What the file
leaves out (what waits, what is to be paid back) is in the payout's list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from pay.life.accounts import record_reading
from pay.life.payouts import net_of
from pay.models import BankAccount, Payout
from reports.payout_list import payout_of, subject_of
from reports.tables import Column, Report
from staffing.models import Person
from zones.models import Unit

KIND = "bank-file"
FORMATS = ("csv",)
ENCODING = "gbk"


@dataclass(frozen=True)
class Transfer:
    """One line: to whom, how much (yuan), to which account, and what for."""

    number: int
    person: Person
    account: BankAccount
    amount: Decimal
    remark: str


#: What a column of the file may hold, by the name that BANK_FILE_COLUMNS uses: its title and its value.
KNOWN: dict[str, tuple[Callable[[], str], Callable[[Transfer], Any]]] = {
    "number": (lambda: _("序号"), lambda row: str(row.number)),
    "staff_no": (lambda: _("工号"), lambda row: row.person.staff_no),
    "account": (lambda: _("账号"), lambda row: row.account.number),
    "holder": (lambda: _("户名"), lambda row: row.account.holder or row.person.name),
    "bank": (lambda: _("开户行"), lambda row: row.account.bank),
    "amount": (lambda: _("金额"), lambda row: f"{row.amount:.2f}"),
    "remark": (lambda: _("附言"), lambda row: row.remark),
}


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of a released payout, for finance. Raises ValidationError naming whose name the bank's encoding has not."""
    payout = payout_of(access, key)
    if not access.can_in(payout.run.unit_id, "add", "payout"):
        raise Http404
    if payout.state != Payout.State.RELEASED:
        raise ValidationError(_("审核发放之后才能下载银行代发文件"))
    report = build(payout)
    read = [row.account for row in transfers(payout)]
    report.handed_to = partial(_read, read)
    return report, payout.run.unit


def transfers(payout: Payout) -> list[Transfer]:
    """One a person, in the payout's order: what he is paid, all his lines together; nobody with nothing to get."""
    lines = [line for line in payout.lines.select_related("person", "account") if not line.held]
    net = net_of(lines)
    first = {line.person_id: line for line in reversed(lines)}
    remark = _("%(year)s年绩效") % {"year": payout.run.year}
    paid = [(first[person], amount) for person, amount in net.items() if amount > 0]
    return [
        # Whoever is paid has an account: else his line waits (pay/life/payouts.py).
        Transfer(number, line.person, line.account, amount, remark)  # type: ignore[arg-type]
        for number, (line, amount) in enumerate(paid, start=1)
    ]


def _read(accounts: list[BankAccount], by: Actor) -> None:
    """Who was handed the numbers, and from where."""
    record_reading(accounts, by=by, place="bank_file")


def build(payout: Payout) -> Report:
    names = settings.BANK_FILE_COLUMNS
    if unknown := set(names) - KNOWN.keys():
        raise ImproperlyConfigured(f"BANK_FILE_COLUMNS: {', '.join(sorted(unknown))}")
    rows = transfers(payout)
    _refuse_foreign(rows, names)
    report = Report(
        kind=KIND,
        title=_("%(year)s 年银行代发文件") % {"year": payout.run.year},
        subject=subject_of(payout),
        as_of=timezone.localdate(payout.released_at),
        columns=[Column(name, KNOWN[name][0]()) for name in names],
        basis={"run": payout.run_id, "payout": payout.pk, "encoding": ENCODING},
        example=payout.run.scheme.is_example,
    )
    report.rows = [{name: KNOWN[name][1](row) for name in names} for row in rows]
    return report


def _refuse_foreign(rows: list[Transfer], names: list[str]) -> None:
    """Characters that GBK has not would reach the bank as others: their people are named."""
    found = []
    for row in rows:
        text = "".join(str(KNOWN[name][1](row)) for name in names)
        odd = "".join(dict.fromkeys(letter for letter in text if not _in_gbk(letter)))
        if odd:
            found.append(f"{row.person.name}（{row.person.staff_no}：{odd}）")
    if found:
        raise ValidationError(
            _("银行文件用 GBK 编码，以下人员的户名或开户行含其中没有的字：%(who)s。请登记银行所用的户名。")
            % {"who": "、".join(found)},
            code="not_gbk",
        )


def _in_gbk(letter: str) -> bool:
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True
