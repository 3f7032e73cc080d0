"""Lines of one file that repeat or contradict each other; each fault names the earlier line."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from staffing.intake.matching import Match
from staffing.personnel.identity import is_masked

#: What a line says of the person; two lines of one person must say the same.
PERSON_COLUMNS = ("name", "national_id", "category", "identity", "original_rank")
#: What tells two lines apart; where one of these could not be read, they may differ in it.
TELLING_COLUMNS = frozenset({"staff_no", "unit", "bureau", "post", "kind", "starts"})


def refuse_repeats(matches: Sequence[Match], told: Sequence[dict[str, str]], numbers: Sequence[int]) -> None:
    """Put a fault on every later line; ``told`` has each line's person columns as text, ``numbers`` its row."""
    seen: dict[tuple, int] = {}
    people: dict[str, int] = {}
    for index, match in enumerate(matches):
        line = match.said
        who = line.staff_no or line.national_id
        if not who:
            continue  # refused for that already
        if not match.unread & TELLING_COLUMNS:
            first = seen.setdefault((who, line.unit, line.bureau, line.post, line.kind, line.starts), index)
            if first != index:
                match.faults.setdefault("staff_no", _("与第 %(row)s 行重复") % {"row": numbers[first]})
        earlier = people.setdefault(who, index)
        for column, text in told[index].items():
            if column not in match.unread | matches[earlier].unread and text != told[earlier][column]:
                fault = _("与第 %(row)s 行对同一人的填写不一致") % {"row": numbers[earlier]}
                match.faults.setdefault(column, fault)
    _refuse_shared_numbers(matches, numbers)


def _refuse_shared_numbers(matches: Sequence[Match], numbers: Sequence[int]) -> None:
    owner: dict[str, int] = {}
    for index, match in enumerate(matches):
        line = match.said
        if not line.national_id or is_masked(line.national_id) or "staff_no" in match.unread:
            continue
        first = owner.setdefault(line.national_id.upper(), index)
        if matches[first].said.staff_no != line.staff_no:
            text = _("与第 %(row)s 行的身份证号相同") % {"row": numbers[first]}
            match.faults.setdefault("national_id", text)
