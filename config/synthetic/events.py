"""What happened to whom: written by hand, so that every case the rules know occurs, and is easy to find."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

#: Everybody was appointed to a post on one day (全员岗位聘任制).
BEGIN = dt.date(2019, 11, 1)
#: What is told ends here; terms running then are open.
HORIZON = dt.date(2026, 11, 1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@dataclass(frozen=True)
class Event:
    """``joins`` and ``moves`` take effect on the day; a leaving names its reason, the day is the last in post."""

    day: dt.date
    what: str
    post: str
    seat: int
    to: str = ""
    to_seat: int = 0
    probation: dt.date | None = None
    born: dt.date | None = None


def joins(on: str, post: str, seat: int, probation: str, born: str = "") -> Event:
    return Event(day(on), "joins", post, seat, probation=day(probation), born=day(born) if born else None)


def moves(on: str, post: str, seat: int, to: str, to_seat: int, probation: str = "") -> Event:
    return Event(day(on), "moves", post, seat, to, to_seat, day(probation) if probation else None)


def leaves(on: str, post: str, seat: int, why: str) -> Event:
    return Event(day(on), why, post, seat)


#: Seats left empty at first, besides the usual ones.
EMPTY = {("YZ-DATA-DIRECTOR", 1), ("YZ-AUTO-DEPUTY", 2), ("CHEM-EMERGENCY-H1", 1), ("YZ-INNOV-S1", 3)}

#: Born so that they reach the age of retiring when they do.
BORN = {
    ("YZ-INVEST-S1", 2): day("1960-03-14"),
    ("CHEM-SAFETY-S1", 3): day("1960-03-22"),
    ("YZ-SOCIAL-S2", 4): day("1960-08-09"),
    ("YZ-PORT-H1", 1): day("1963-05-17"),
    ("AUTO-UTIL-H1", 1): day("1966-04-25"),
}

EVENTS = [
    # 2020: whole months count by who is in post on the 15th.
    joins("2020-03-18", "YZ-FIN-S2", 5, "2020-09-17"),
    leaves("2020-03-31", "YZ-INVEST-S1", 2, "retirement"),
    leaves("2020-03-31", "CHEM-SAFETY-S1", 3, "retirement"),
    moves("2020-04-16", "YZ-HITECH-S2", 2, "YZ-INVEST-S1", 2),
    joins("2020-05-06", "YZ-INVEST-S2", 5, "2020-11-05"),
    leaves("2020-06-10", "DATA-PROJECT-S2", 3, "resignation"),
    joins("2020-06-15", "DATA-ECON-S2", 4, "2020-12-14"),
    moves("2020-07-01", "YZ-ECON-S2", 1, "YZ-BUILD-S2", 5),
    moves("2020-07-01", "YZ-HITECH-S2", 3, "CHEM-PROJECT-S2", 5),
    leaves("2020-08-31", "YZ-SOCIAL-S2", 4, "retirement"),
    joins("2020-09-01", "CHEM-MATERIALS-S2", 5, "2021-08-31", "1998-02-11"),
    # After: terms that end soon, probations that run, a change of leaders.
    moves("2021-01-01", "CHEM-EMERGENCY-H2", 1, "CHEM-EMERGENCY-H1", 1, "2021-12-31"),
    joins("2021-01-01", "YZ-SOCIAL-S2", 4, "2021-06-30"),
    joins("2021-02-01", "CHEM-SAFETY-S1", 3, "2021-07-31"),
    joins("2021-03-01", "DATA-PROJECT-S2", 3, "2021-08-31"),
    joins("2021-03-01", "AUTO-OFFICE-S2", 4, "2021-08-31"),
    joins("2021-06-01", "YZ-INVEST-S3", 2, "2021-11-30"),
    joins("2021-09-01", "YZ-HR-S2", 5, "2022-02-28"),
    joins("2022-03-01", "DATA-INVEST-S2", 4, "2022-08-31"),
    joins("2022-05-16", "YZ-ECON-S2", 1, "2022-11-15"),
    leaves("2022-10-31", "YZ-ECON-S2", 2, "term"),
    leaves("2022-10-31", "AUTO-INDUSTRY-S1", 1, "resignation"),
    moves("2022-11-16", "AUTO-INDUSTRY-S2", 1, "AUTO-INDUSTRY-S1", 1),
    joins("2022-12-01", "YZ-ECON-S2", 2, "2023-05-31"),
    leaves("2023-05-31", "YZ-PORT-H1", 1, "retirement"),
    moves("2023-06-01", "YZ-PORT-H2", 1, "YZ-PORT-H1", 1, "2024-05-31"),
    leaves("2024-01-15", "YZ-DIRECTOR", 1, "transfer"),
    moves("2024-01-16", "YZ-DEPUTY", 1, "YZ-DIRECTOR", 1),
    joins("2024-03-01", "YZ-DEPUTY", 1, "2025-02-28"),
    leaves("2024-06-30", "CHEM-PROJECT-S2", 2, "resignation"),
    joins("2024-09-01", "CHEM-PROJECT-S2", 2, "2025-02-28"),
    leaves("2025-10-31", "YZ-OFFICE-S2", 3, "term"),
    joins("2026-01-01", "YZ-FIN-S3", 2, "2026-12-31", "2002-10-08"),
    leaves("2026-03-31", "DATA-TECH-H1", 1, "resignation"),
    joins("2026-07-16", "CHEM-UTIL-S2", 5, "2027-01-15"),
    leaves("2026-08-31", "AUTO-UTIL-H1", 1, "retirement"),
]

#: (post, seat, other post, its seat, from, to, kind): held besides one's own.
Beside = tuple[str, int, str, int, dt.date, dt.date | None, str]
LENT: list[Beside] = [
    ("YZ-DEPUTY", 3, "YZ-DATA-DIRECTOR", 1, BEGIN, None, "concurrent"),
    ("YZ-HITECH-H2", 1, "YZ-INNOV-S1", 3, day("2020-04-01"), None, "concurrent"),
    ("DATA-OFFICE-S2", 2, "YZ-HR-S2", 5, day("2020-09-01"), day("2021-08-31"), "seconded"),
]
ACTING: list[Beside] = [
    ("CHEM-EMERGENCY-H2", 1, "CHEM-EMERGENCY-H1", 1, day("2020-03-01"), day("2020-12-31"), "acting"),
    ("DATA-TECH-H2", 1, "DATA-TECH-H1", 1, day("2026-04-01"), None, "acting"),
]
