"""Loading bank accounts: ``accounts.csv``, where a folder has one."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from common.files import Folder
from common.loading import Index, Tally, add_missing_dated, span
from pay.life.accounts import read_number
from pay.models import BankAccount
from staffing.models import Person

ACCOUNTS = "accounts.csv"


def load(folder: Folder, tally: Tally) -> None:
    if not (folder.path / ACCOUNTS).exists():
        return
    people = Index(Person, "staff_no")
    wanted = []
    for row in folder.csv(ACCOUNTS, "staff_no bank number starts", "ends holder example"):
        try:
            number = read_number(row.text("number"))
        except ValidationError as error:
            raise row.error(error.messages[0], "number") from error
        wanted.append(
            (
                row,
                BankAccount(
                    person_id=people.find(row, "staff_no"),
                    bank=row.text("bank"),
                    number=number,
                    last4=number[-4:],
                    holder=row.text("holder"),
                    period=span(row),
                    is_example=row.flag("example"),
                ),
            )
        )
    add_missing_dated(BankAccount, wanted, lambda account: [account.person_id], tally)
