"""Bank accounts as a sheet: entered by the service, compared line by line with what is on file. Numbers stay masked."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.cells import day_of, refusal, text_of
from common.imports.deeds import Told
from common.imports.pages import ImportPages
from common.imports.report import BAD, CHANGED, NEW, UNCHANGED, Change, Line, Report
from common.sheets import Fault, SheetForm, Table
from pay.life.accounts import doubtful, mask, read_number, set_account
from pay.models import BankAccount
from staffing.models import Person

STAFF_NO, NAME, BANK, NUMBER, HOLDER, STARTS = COLUMNS = ("工号", "姓名", "开户行", "账号", "户名", "启用日期")
SHEET = SheetForm("accounts", "银行账户", COLUMNS, titles=("银行账户", "账户"), anywhere=True)


@dataclass
class AccountImporter:
    """Accounts of people of the units that the clerk reaches; without a day of their own they begin on ``day``."""

    unit_ids: frozenset[int]
    by: Actor
    day: dt.date
    source: str = ""

    verb = "import_accounts"
    forms = (SHEET,)

    def carry(self, tables: dict[str, Table], told: Told) -> Report:
        table = tables[SHEET.name]
        cells = [dict(zip(table.columns, row, strict=False)) for row in table.rows]
        numbers = {_plain(each.get(STAFF_NO)) for each in cells}
        people = {
            person.staff_no: person
            for person in Person.objects.filter(staff_no__in=numbers, home_unit__in=self.unit_ids)
        }
        rows = BankAccount.objects.filter(person__in=people.values()).order_by("period")
        on_file = {row.person_id: row for row in rows}
        report, done = Report(), Counter[str]()
        seen: set[str] = set()
        for at, (cell, place) in enumerate(zip(cells, table.places, strict=True)):
            line = self._line(cell, place, people, on_file, seen, list(table.unread.get(at, [])))
            done[line.kind] += 1
            report.take(line)
            told(at + 1, len(cells), _("核对账户"))
        odd = [line.key for line in report.lines if line.about]
        if odd:
            report.notes.append(_("以下账号的银行卡校验位不符，请核对是否抄错：%(who)s") % {"who": "、".join(odd[:20])})
        report.written = {"added": done[NEW], "changed": done[CHANGED]}
        return report

    def _line(self, cell: Mapping[str, Any], place, people, on_file, seen: set[str], faults: list[Fault]) -> Line:
        sheet, row = place
        key = _plain(cell.get(STAFF_NO))
        line = Line(sheet, row, BAD, key=key, faults=faults)

        def fault(column: str, reason: str, value: str = "") -> Line:
            line.faults.append(Fault(reason, sheet, row, column, value))
            return line

        for column in COLUMNS:
            if reason := refusal(cell.get(column)):
                fault(column, reason)
        person = people.get(key)
        if person is None:
            return fault(STAFF_NO, _("没有这个工号，或不在您的管理范围"), key)
        if key in seen:
            return fault(STAFF_NO, _("文件中重复"), key)
        seen.add(key)
        line.name = person.name
        if line.faults:
            return line
        return self._compared(cell, person, on_file.get(person.pk), line, fault)

    def _compared(self, cell: Mapping[str, Any], person: Person, old: BankAccount | None, line: Line, fault) -> Line:
        values: dict[str, Any] = {}
        for column, read in ((NAME, text_of), (BANK, text_of), (NUMBER, _number), (HOLDER, text_of), (STARTS, day_of)):
            try:
                values[column] = read(cell.get(column))
            except ValidationError as error:
                return fault(column, " ".join(error.messages))
        if values[NAME] and values[NAME] != person.name:
            return fault(NAME, _("与工号不符：该工号是 %(name)s") % {"name": person.name}, values[NAME])
        holder = "" if values[HOLDER] == person.name else values[HOLDER]
        if (
            old
            and old.period.upper is None
            and (old.bank, old.number, old.holder)
            == (
                values[BANK],
                values[NUMBER],
                holder,
            )
        ):
            line.kind = UNCHANGED
            return line
        try:
            with transaction.atomic():
                set_account(
                    person=person,
                    bank=values[BANK],
                    number=values[NUMBER],
                    holder=holder,
                    starts=values[STARTS] or self.day,
                    by=self.by,
                )
        except ValidationError as error:
            return fault(_column(error), " ".join(error.messages))
        line.kind, line.deed = (CHANGED, "correct") if old else (NEW, "create")
        line.changes = [
            Change(BANK, old.bank if old else "", values[BANK]),
            Change(NUMBER, mask(old.number) if old else "", mask(values[NUMBER])),
        ]
        line.about = _("校验位不符") if doubtful(values[NUMBER]) else ""
        return line


def _plain(cell: Any) -> str:
    try:
        return text_of(cell)
    except ValidationError:
        return ""


def _number(cell: Any) -> str:
    return read_number(text_of(cell))


def _column(error: ValidationError) -> str:
    places = {"bank": BANK, "number": NUMBER, "holder": HOLDER, "starts": STARTS}
    named = getattr(error, "error_dict", {})
    return next((places[name] for name in named if name in places), NUMBER)


class AccountPages(ImportPages):
    """The import of accounts, in the units whose people finance pays."""

    name = "account_import"
    back = "accounts"
    template = "pay/life/account_check.html"
    how = "pay/life/_account_how.html"

    def importer(self, access: Access, by: Actor, day: dt.date, source: str) -> AccountImporter:
        if not (units := access.units("import", "bank_account")):
            raise PermissionDenied
        return AccountImporter(units, by, day, source)

    def words(self) -> dict[str, str]:
        return {
            "crumb": _("银行账户"),
            "title": _("导入银行账户"),
            "lede": _("上传后先预检，核对无误再写入；有一行有误就全部不写"),
            "write": _("写入账户"),
            "same": _("与在册账户完全一致"),
            "back": _("返回银行账户"),
        }

    def told(self, written: Mapping[str, int]) -> str:
        return _("新登记 %(added)s 个账户，变更 %(changed)s 个账户。") % {
            key: written.get(key, 0) for key in ("added", "changed")
        }

    def columns(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(SHEET.label, SHEET.columns)]


PAGES = AccountPages()
