"""What a line of an uploaded roster is about: which person, which post, and which appointment it speaks of."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.fields import digest
from staffing.models import Appointment, Person
from staffing.personnel.identity import is_masked, read_national_id
from staffing.posting.places import Places


class Deed(Enum):
    """What a line asks for."""

    APPOINT = "appoint"
    TRANSFER = "transfer"
    RENEW = "renew"
    CORRECT = "correct"


@dataclass
class Said:
    """The cells of a line that tell what it is about; empty where the file does not say."""

    staff_no: str = ""
    national_id: str = ""
    unit: str = ""
    bureau: str = ""
    post: str = ""
    grade: str = ""
    kind: str = Appointment.Kind.PRIMARY
    starts: dt.date | None = None
    change: str = ""
    changed_on: dt.date | None = None


@dataclass
class Match:
    """What a line was found to be about; ``faults`` say by column why it cannot be carried out.

    ``unread`` are the columns whose cells were refused: of those nothing can be said but that.
    """

    said: Said
    person: Person | None = None
    appointment: Appointment | None = None
    post_id: int | None = None
    deed: Deed = Deed.APPOINT
    faults: dict[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()


def number_digest(text: str) -> str:
    """The digest of a national ID as it would be stored; "" when it is none, or masked."""
    if not text or is_masked(text):
        return ""
    try:
        return digest(read_national_id(text).number)
    except ValidationError:
        return ""


class Register:
    """The people whom a file names, locked, and all their appointments: two queries, whatever the file."""

    def __init__(self, lines: Sequence[Said], unit_ids: Iterable[int], day: dt.date) -> None:
        self.day = day
        self.reach = frozenset(unit_ids)
        self.places = Places(self.reach, day)
        numbers = {line.staff_no for line in lines if line.staff_no}
        digests = {found for line in lines if (found := number_digest(line.national_id))}
        people = Person.objects.filter(staff_no__in=numbers) | Person.objects.filter(national_id_digest__in=digests)
        self.by_number: dict[str, Person] = {}
        self.by_digest: dict[str, Person] = {}
        # Locked, so that what is compared here is what will be written upon.
        for person in people.select_for_update(of=("self",), no_key=True).order_by("pk"):
            self.learn(person)
        self._held: dict[int, list[Appointment]] = defaultdict(list)
        known = {person.pk: person for person in self.by_number.values()}
        for row in Appointment.objects.filter(person__in=list(known)).select_related("post").order_by("period"):
            row.person = known[row.person_id]
            self._held[row.person_id].append(row)

    def learn(self, person: Person) -> None:
        """Take in a person as he is now, so that his next line is compared with that."""
        self.by_number[person.staff_no] = person
        if person.national_id_digest:
            self.by_digest[person.national_id_digest] = person

    def person_of(self, said: Said) -> tuple[Person | None, dict[str, str]]:
        """By 工号 where the line has one, else by 身份证号; both given, they must agree."""
        by_id = self.by_digest.get(number_digest(said.national_id))
        if not said.staff_no:
            if by_id is None and is_masked(said.national_id):
                return None, {"national_id": _("身份证号被遮盖，请用工号指明是谁")}
            return by_id, self._out_of_reach(by_id, "national_id")
        person = self.by_number.get(said.staff_no)
        if by_id is not None and (person is None or by_id.pk != person.pk):
            return None, {"national_id": _("该身份证号已登记在另一工号名下")}
        return person, self._out_of_reach(person, "staff_no")

    def _out_of_reach(self, person: Person | None, column: str) -> dict[str, str]:
        if person is None or person.home_unit_id in self.reach:
            return {}
        return {column: _("已被使用，或此人不在您的管理范围")}

    def match(self, said: Said) -> Match:
        found = Match(said)
        found.person, found.faults = self.person_of(said)
        posts, faults = self.places.find(said.unit, said.bureau, said.post, said.grade, said.starts)
        found.faults |= faults
        if found.faults:
            return found
        held = [row for row in self._held[found.person.pk] if row.kind == said.kind] if found.person else []
        self._match_appointment(found, [row for row in held if row.post_id in posts])
        if found.appointment is None:
            self._match_transfer(found, held)
        if found.deed is Deed.CORRECT or (found.deed is Deed.RENEW and found.appointment):
            found.post_id = found.appointment.post_id
        elif len(posts) > 1:
            found.faults["post"] = _("该部门有同名同级的岗位，无法判断是哪一个")
        else:
            (found.post_id,) = posts
        if found.deed is not Deed.CORRECT and said.starts is None:
            found.faults["starts"] = _("聘期起须填写")
        return found

    def _match_appointment(self, found: Match, same_post: list[Appointment]) -> None:
        """The appointment to that post that the line describes, and whether as a new term of it."""
        starts = found.said.starts or self.day
        exact = [row for row in same_post if row.starts == found.said.starts]
        current = [row for row in same_post if row.in_force(starts)]
        ends = found.said.changed_on
        later = [row for row in same_post if row.starts > starts and (ends is None or ends >= row.starts)]
        for row in exact or current or later[:1]:
            found.appointment, found.deed = row, Deed.CORRECT
            if row.term_ends and row.starts < starts and starts > row.term_ends and found.said.starts:
                found.deed = Deed.RENEW

    def _match_transfer(self, found: Match, held: list[Appointment]) -> None:
        """Somebody with a primary post elsewhere on that day moves, unless both would begin together."""
        starts = found.said.starts or self.day
        current = [row for row in held if row.in_force(starts)]
        if found.said.kind != Appointment.Kind.PRIMARY or not current:
            return
        found.appointment, found.deed = current[0], Deed.TRANSFER
        place = self.places.during(current[0].post_id, current[0].period)
        if place is None or place.unit_id not in self.reach:
            found.faults["post"] = _("此人现任岗位不在您的管理范围")
        elif current[0].starts == starts:
            found.faults["post"] = _("在册主岗是「%(post)s」，且自同一日起；换岗请另填聘期起") % {"post": place.name}
