"""The national grades of posts (岗位等级) and their codes: GL05, ZJ12, GQ03 (PST-04, PST-06). Pure: no Django.

A code is the category and two digits. Management has ten grades, professional
and technical posts thirteen, workers five and, as GQ06, 普通工.
"""

from __future__ import annotations

#: The form of a code (PST-06).
CODE = r"^(GL|ZJ|GQ)[0-9]{2}$"
#: How many grades a category has (PST-04).
COUNTS = {"GL": 10, "ZJ": 13, "GQ": 6}
#: First and last grade of each band of the professional posts (PST-04); PST-03 sets their ratios.
BANDS = {"senior": (1, 7), "middle": (8, 10), "junior": (11, 13)}

_DIGITS = "一二三四五六七八九"
_WORDS = {"GL": "管理", "ZJ": "专业技术", "GQ": "技术工"}


def codes(category: str) -> list[str]:
    """The codes of a category, highest grade first."""
    return [f"{category}{number:02d}" for number in range(1, COUNTS[category] + 1)]


ALL: list[str] = [code for category in COUNTS for code in codes(category)]


def _said(number: int) -> str:
    return _DIGITS[number - 1] if number < 10 else "十" + (_DIGITS[number - 11] if number > 10 else "")


def _called(code: str) -> str:
    """The grade in the words of the law: 管理五级, 专业技术七级, 技术工三级, 普通工."""
    category, number = code[:2], int(code[2:])
    if code == "GQ06":
        return "普通工"
    return f"{_WORDS[category]}{_said(number)}级"


#: (code, its name), highest first; the names are those of the law and stay Chinese in every language.
CHOICES: list[tuple[str, str]] = [(code, f"{code} {_called(code)}") for code in ALL]
NAMES: dict[str, str] = {code: _called(code) for code in ALL}


def band(code: str) -> str:
    """``senior``, ``middle`` or ``junior`` of a professional grade; "" of any other code."""
    if code[:2] != "ZJ" or code not in NAMES:
        return ""
    number = int(code[2:])
    return next(name for name, (first, last) in BANDS.items() if first <= number <= last)
