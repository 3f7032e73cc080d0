"""Importing the roster: a dry run and the deed are one function, of which one is rolled back (design 4)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from import_export.instance_loaders import BaseInstanceLoader

from common.actors import Actor
from common.cells import text_of
from common.imports.columns import said
from common.imports.deeds import Told
from common.periods import period
from common.sheets import Fault, Table
from staffing import services, store
from staffing.intake.matching import Deed, Match, Register, Said
from staffing.intake.repeats import PERSON_COLUMNS, refuse_repeats
from staffing.models import Appointment, Person
from staffing.personnel.identity import is_masked, mask, read_national_id
from staffing.roster.line import LEFT, RosterRow, of_appointment, of_person
from staffing.roster.resources import RosterColumns

#: Left blank, these say nothing rather than empty the field.
BLANK_SAYS_NOTHING = ("national_id", "original_rank", "grade", "step", "starts", "change", "changed_on", "staff_no")
TERM_COLUMNS = ("step", "document_number", "term_ends", "probation_ends")
#: Faults that say nothing where the column before them could not be read.
FOLLOWING = {
    "unit": ("bureau", "post", "grade"),
    "bureau": ("post", "grade"),
    "post": ("grade",),
    "kind": ("post",),
    "starts": ("post",),
    "staff_no": ("national_id",),
}


class NoDiff:
    """The library's picture of a change, which nobody looks at: ours is in the report."""

    def __init__(self, *_rows: Any) -> None:
        """Draw nothing."""

    def compare_with(self, *_rows: Any) -> None:
        """Compare nothing."""


def sealed_changes(person: Person | None, line: RosterRow) -> list[str]:
    """The columns of the original status that a line would change: a roster is no document for that."""
    kept = ("identity", "original_rank")
    return [name for name in kept if person and getattr(person, name) not in ("", getattr(line, name))]


class RosterImport(RosterColumns):
    """What each line of a roster does, carried out by the services; see ``resources`` for how it is read."""

    class Meta(RosterColumns.Meta):
        instance_loader_class = BaseInstanceLoader

    def __init__(
        self,
        *,
        unit_ids: frozenset[int],
        by: Actor,
        day: dt.date,
        table: Table,
        source: str,
        told: Told,
        at_once: bool,
    ) -> None:
        """``at_once`` writes the file together; else every line is written, and judged, by itself."""
        super().__init__()
        self.unit_ids, self.by, self.day, self.source = unit_ids, by, day, source
        self.table, self.told, self.at_once = table, told, at_once
        self.open = ExitStack()
        self.bases: dict[int, RosterRow] = {}
        self.matches: list[Match] = []
        #: Keys of the rows that were written, by what was done: the report counts them in the database.
        self.done: dict[str, set[int]] = defaultdict(set)
        self.written: dict[str, int] = {}
        #: Lines that do nothing but end an appointment on file.
        self.ending: set[int] = set()
        self._added: dict[tuple[str, str], Person] = {}

    # --- before any line ----------------------------------------------------------------------------

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        rows = [dict(zip(dataset.headers, row, strict=True)) for row in dataset]
        lines = [self._said(row) for row in rows]
        self.register = Register(lines, self.unit_ids, self.day)
        self.matches = [self.register.match(line) for line in lines]
        for index, faults in self.table.unread.items():
            self._take_unread(self.matches[index], faults)
        told = [{column: self._raw(row, column) for column in PERSON_COLUMNS} for row in rows]
        if self.at_once:
            posts = {match.post_id for match in self.matches if match.post_id}
            self.open.enter_context(store.together(self.register.by_number.values(), posts))
        refuse_repeats(self.matches, told, [number for _sheet, number in self.table.places])
        for index, match in enumerate(self.matches):
            self._refuse_rewriting(match)
            # Ends come first, whatever the order of lines: so two people can change places in one file.
            if not match.faults and self._end_first(match) and match.deed is Deed.CORRECT:
                self.ending.add(index)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Write what was gathered, and count what stands in the database then, before COMMIT or rollback."""
        if result.has_validation_errors() or result.has_errors():
            return
        writing = store.now()
        if isinstance(writing, store.Gathering):
            writing.write()
        held = Appointment.objects.filter(pk__in=self.done["ended"])
        self.written = {
            "people_added": Person.objects.filter(pk__in=self.done["people_added"]).count(),
            "people_corrected": len(self.done["people_corrected"]),
            "appointed": Appointment.objects.filter(pk__in=self.done["appointed"]).count(),
            "corrected": len(self.done["corrected"]),
            "ended": held.exclude(end_reason="").count(),
        }

    def _said(self, row: Mapping[str, Any]) -> Said:
        """The telling cells of a line; one that cannot be read counts as empty, its error comes later."""
        line = Said()
        for attribute in Said.__dataclass_fields__:
            field = self.fields[attribute]
            if field.column_name in row:
                try:
                    setattr(line, attribute, field.clean(row))
                except ValueError:
                    continue
        return line

    def _take_unread(self, match: Match, faults: Sequence[Fault]) -> None:
        """A line with refused cells is bad for these; what is wrong in its other cells is still found."""
        attributes = {field.column_name: attribute for attribute, field in self.fields.items()}
        unread = {attributes.get(fault.column, NON_FIELD_ERRORS): fault.reason for fault in faults}
        match.unread = frozenset(unread)
        for attribute in unread:
            for follower in FOLLOWING.get(attribute, ()):
                match.faults.pop(follower, None)
        match.faults |= unread

    def _raw(self, row: Mapping[str, Any], attribute: str) -> str:
        try:
            return text_of(row.get(self.fields[attribute].column_name))
        except ValidationError:
            return ""

    def _refuse_rewriting(self, match: Match) -> None:
        """变动类型 and 变动日期 come together, and never change an end that is on file."""
        line, row = match.said, match.appointment
        if bool(line.change) != bool(line.changed_on):
            column = "changed_on" if line.change else "change"
            match.faults.setdefault(column, _("变动类型与变动日期须同时填写"))
            return
        on_file = (row.end_reason, row.last_day) if row and match.deed is Deed.CORRECT else ("", None)
        if line.change and row and on_file[0] and (line.change, line.changed_on) != on_file:
            match.faults["change"] = _("该聘任已于 %(day)s 结束，不能改写") % {"day": row.last_day}

    def _end_first(self, match: Match) -> bool:
        """End what the line ends, moves or renews; says whether it did."""
        row, line = match.appointment, match.said
        if row is None:
            return False
        ways = {Deed.TRANSFER: Appointment.End.TRANSFER.value, Deed.RENEW: Appointment.End.TERM.value}
        how = ways.get(match.deed)
        if how and line.starts:
            on, column = line.starts - dt.timedelta(days=1), "starts"
        elif line.change and line.changed_on and not row.end_reason:
            how, on, column = line.change, line.changed_on, "changed_on"
        else:
            return False
        try:
            services.end_appointment(appointment=row, on=on, reason=how, by=self.by, note=self.source)
        except ValidationError as error:
            match.faults[column] = said(error)
            return False
        self.done["ended"].add(row.pk)
        return True

    # --- a line -------------------------------------------------------------------------------------

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        self.told(kwargs["row_number"], len(self.matches), _("核对并办理"))

    def get_diff_class(self) -> type:
        return NoDiff

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        self.index = kwargs["row_number"] - 1
        self.match = self.matches[self.index]
        for attribute in BLANK_SAYS_NOTHING:
            column = self.fields[attribute].column_name
            if row.get(column) is None or row.get(column) == "":
                row.pop(column, None)
        self._read_number(row)
        self._compare_state(row)

    def get_or_init_instance(self, instance_loader: Any, row: Mapping[str, Any]) -> tuple[RosterRow, bool]:
        self.base = self.bases[self.index] = self._base()
        fresh = RosterRow(**vars(self.base))
        if self.match.deed in (Deed.TRANSFER, Deed.RENEW):
            # A new appointment takes nothing from the old but the step, even where the file lacks a column.
            fresh.starts = fresh.term_ends = fresh.probation_ends = fresh.changed_on = None
            fresh.document_number = fresh.change = ""
        return fresh, self.match.appointment is None

    def _base(self) -> RosterRow:
        """The line as it would be written today of what this line speaks of: what it is compared with."""
        match = self.match
        person = match.person and self.register.by_number[match.person.staff_no]
        if match.appointment is None:
            return of_person(person) if person else RosterRow()
        line = of_appointment(match.appointment)
        if person:
            for column in PERSON_COLUMNS:
                setattr(line, column, getattr(person, column))
        place = self.register.places.during(match.appointment.post_id, match.appointment.period)
        if place:
            line.unit, line.bureau, line.post, line.grade = place.unit, place.bureau, place.name, place.grade
        if match.deed is not Deed.TRANSFER:  # found by these names: another spelling is no change
            line.unit, line.bureau, line.post = match.said.unit, match.said.bureau, match.said.post
            line.grade = match.said.grade or line.grade
        return line

    def _read_number(self, row: dict[str, Any]) -> None:
        """A masked number must fit the one on file, and is then left alone; a full one is checked."""
        column, faults = self.fields["national_id"].column_name, self.match.faults
        try:
            text = text_of(row.get(column))
        except ValidationError:
            return  # the column says so itself
        if not text:
            return
        person = self.match.person
        if person and text != person.national_id and self._raw(row, "name") not in ("", person.name):
            faults.setdefault("staff_no", _("姓名与身份证号都和该工号在册的人不符，请核对工号"))
        if is_masked(text):
            if person is None:
                if "staff_no" not in self.match.unread:
                    faults.setdefault("national_id", _("新进人员须填写完整的身份证号"))
            elif text != mask(person.national_id):
                faults.setdefault("national_id", _("遮盖的身份证号与在册的不符，可能错行"))
            row.pop(column)
            return
        try:
            row[column] = read_national_id(text).number
        except ValidationError as error:
            faults.setdefault("national_id", said(error))

    def _compare_state(self, row: Mapping[str, Any]) -> None:
        """The two columns that follow from the rest must not contradict it."""
        faults, post = self.match.faults, self.match.post_id
        if self._raw(row, "state") == LEFT and not self.match.said.change and "change" not in self.match.unread:
            faults.setdefault("state", _("离岗人员须填写变动类型和变动日期"))
        text = self._raw(row, "coefficient")
        place = self.register.places.by_post[post][-1] if post and self.register.places.by_post[post] else None
        if not text or place is None:
            return
        worth = self.register.places.worth(place.grade_id)
        try:
            right = Decimal(text) in worth
        except InvalidOperation:
            right = False
        if not right:
            known = "、".join(f"{value.normalize():f}" for value in sorted(worth))
            text = _("岗位系数由岗级决定：「%(grade)s」为 %(worth)s") % {"grade": place.grade, "worth": known}
            faults.setdefault("coefficient", text)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return not self.match.faults and super().skip_row(instance, original, row, import_validation_errors)

    def validate_instance(
        self, instance: RosterRow, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        errors = dict(import_validation_errors or {})
        faults = dict(self.match.faults)
        if self.match.person is None and not instance.national_id and "staff_no" not in self.match.unread:
            faults.setdefault("national_id", _("新进人员须填写身份证号"))
        for attribute in ("category", "identity", "name"):
            if not getattr(instance, attribute) and attribute not in errors:
                faults.setdefault(attribute, _("须填写"))
        for attribute in sealed_changes(self.match.person, instance):
            faults.setdefault(attribute, _("原身份和原职级已封存，须凭文件在人员页更正"))
        for attribute, text in faults.items():
            errors.setdefault(attribute, [ValidationError(text)])
        super().validate_instance(instance, errors, validate_unique)

    def do_instance_save(self, instance: RosterRow, is_create: bool) -> None:
        person = self._person(instance)
        if self.match.deed is Deed.CORRECT:
            self._correct(instance)
        else:
            self._appoint(person, instance)

    def _person(self, line: RosterRow) -> Person:
        """The line's person: entered when new, corrected where the line differs from the file."""
        told = self.match.said
        known = self._added.get((told.staff_no, line.national_id)) if self.match.person is None else None
        person = known or self.match.person
        if person is None:
            return self._add(line)
        person = self.register.by_number[person.staff_no]
        before = of_person(person)
        changes = {key: getattr(line, key) for key in PERSON_COLUMNS if getattr(line, key) != getattr(before, key)}
        if changes:
            seen = services.stamp(person)
            person = services.correct_person(person=person, by=self.by, seen=seen, reason=self.source, **changes)
            self.register.learn(person)
            self.done["people_corrected"].add(person.pk)
        return person

    def _add(self, line: RosterRow) -> Person:
        from_line = {column: getattr(line, column) for column in PERSON_COLUMNS}
        places = self.register.places
        place = places.during(self.match.post_id or 0, period(line.starts or self.day, self.match.said.changed_on))
        if place is None:
            raise ValidationError({"post": _("该岗位在聘期起尚未设置")})
        person = services.add_person(
            by=self.by,
            home_unit=places.units[place.unit_id],
            staff_no=self.match.said.staff_no,
            reason=self.source,
            **from_line,
        )
        self._added[self.match.said.staff_no, line.national_id] = person
        self.register.learn(person)
        self.done["people_added"].add(person.pk)
        line.staff_no = person.staff_no
        return person

    def _correct(self, line: RosterRow) -> None:
        changes = {key: getattr(line, key) for key in TERM_COLUMNS if getattr(line, key) != getattr(self.base, key)}
        if line.starts != self.base.starts:
            changes["starts"] = line.starts
        if changes and self.match.appointment:
            row = services.correct_appointment(
                appointment=self.match.appointment, by=self.by, reason=self.source, **changes
            )
            self.done["corrected"].add(row.pk)

    def _appoint(self, person: Person, line: RosterRow) -> None:
        renewed = self.match.appointment if self.match.deed is Deed.RENEW else None
        if line.starts is None:
            raise ValidationError({"starts": _("聘期起须填写")})
        row = services.appoint(
            person=person,
            post=self.register.places.posts[self.match.post_id or 0],
            starts=line.starts,
            decided_on=line.starts,
            by=self.by,
            kind=line.kind,
            seat=renewed.seat if renewed else None,
            ends=self.match.said.changed_on,
            end_reason=self.match.said.change,
            reason=self.source,
            **{column: getattr(line, column) for column in TERM_COLUMNS},
        )
        self.done["appointed"].add(row.pk)
