"""The posts: leaders of each unit, and for each bureau a head, deputies and three grades of staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STARTS = "2019-10-01"
#: Seats by grade in a bureau of each unit; the first so many bureaus have a second deputy.
SEATS = {
    "YZ": {"H1": 1, "H2": 1, "S1": 3, "S2": 5, "S3": 2},
    "YZ-CHEM": {"H1": 1, "H2": 1, "S1": 3, "S2": 5, "S3": 1},
    "YZ-AUTO": {"H1": 1, "H2": 1, "S1": 2, "S2": 4, "S3": 1},
    "YZ-DATA": {"H1": 1, "H2": 1, "S1": 2, "S2": 4, "S3": 1},
}
SECOND_DEPUTIES = {"YZ": 5, "YZ-CHEM": 3}
#: unit → (title, English, director's grade, deputy's grade, deputies).
LEADERS = {
    "YZ": ("管委会主任", "Administrative Committee Director", "L1", "L2", 4),
    "YZ-CHEM": ("化学工业园主任", "Chemical Park Director", "L2", "L3", 2),
    "YZ-AUTO": ("汽车工业园主任", "Automotive Park Director", "L2", "L3", 2),
    "YZ-DATA": ("大数据产业园主任", "Big Data Park Director", "L2", "L3", 1),
}
#: What a bureau's staff are called after.
TRADES = {
    "INVEST": "招商",
    "ECON": "经济运行",
    "HITECH": "产业促进",
    "PORT": "港航",
    "BUILD": "规划建设",
    "INNOV": "创新服务",
    "FIN": "财务",
    "OFFICE": "综合",
    "HR": "人事",
    "SOCIAL": "社会事务",
    "MATERIALS": "新材料产业",
    "SAFETY": "安全环保",
    "EMERGENCY": "应急",
    "PROJECT": "项目服务",
    "UTIL": "要素保障",
    "INDUSTRY": "汽车产业",
    "TECH": "科技创新",
}
PROFESSIONAL = {"BUILD", "SAFETY", "INNOV", "TECH"}
STAFF = {"S1": ("主管", "Supervisor"), "S2": ("专员", "Specialist"), "S3": ("助理", "Assistant")}
TEXTS = {
    "leader": (
        "负责本单位{range}工作，研究决定重大事项，推动各职能机构履行职责",
        "年度高质量考核不低于第二等次，不发生重大安全、环保和廉政问题",
        "大学本科以上学历，具有园区或者综合经济部门领导工作经历",
    ),
    "H1": (
        "主持{bureau}全面工作，组织履行{functions}职责",
        "部门年度目标任务全面完成，部门考核居本单位前列",
        "大学本科以上学历，从事相关工作 8 年以上，有较强的组织协调能力",
    ),
    "H2": (
        "协助正职工作，分管{functions}方面的事项",
        "分管任务按期完成率不低于 95%，无责任差错",
        "大学本科以上学历，从事相关工作 5 年以上",
    ),
    "S1": (
        "牵头承办{trade}业务，制订方案并组织实施",
        "承办事项按期办结率不低于 95%，成果质量优良",
        "大学本科以上学历，从事相关工作 3 年以上",
    ),
    "S2": (
        "承办{trade}具体业务，收集资料，跟踪进展",
        "承办事项按期办结率不低于 90%，差错率低",
        "大学专科以上学历，熟悉{trade}业务",
    ),
    "S3": (
        "协助办理{trade}日常事务，做好资料归档和服务保障",
        "交办事项按时完成，资料完整准确",
        "大学专科以上学历，责任心强",
    ),
}


#: The national grade of management posts by grade; of professional and workers' posts besides.
LEVELS = {
    "L1": "GL05",
    "L2": "GL06",
    "L3": "GL07",
    "H1": "GL07",
    "H2": "GL08",
    "S1": "GL09",
    "S2": "GL09",
    "S3": "GL10",
}
OTHER_LEVELS = {("ZJ", "S1"): "ZJ09", ("ZJ", "S2"): "ZJ11", ("GQ", "S3"): "GQ03"}
TERM_MONTHS = 36


@dataclass(frozen=True)
class Post:
    """A post as far as careers need it, with the row of the file."""

    code: str
    unit: str
    bureau: str
    grade: str
    seats: int
    row: dict[str, Any]


def posts(structure: dict[str, Any]) -> list[Post]:
    """Every post, in the order of the roster: each unit's leaders, then bureau by bureau."""
    functions = {row["code"]: row["name"] for row in structure["functions"]}
    found: list[Post] = []
    for unit in SEATS:
        found += _leaders(unit)
        for place, bureau in enumerate(row for row in structure["bureaus"] if row["unit"] == unit):
            second = 1 if place < SECOND_DEPUTIES.get(unit, 0) else 0
            found += _of_bureau(bureau, functions, second)
    return found


def _leaders(unit: str) -> list[Post]:
    title, english, first, other, deputies = LEADERS[unit]
    ranks = [("DIRECTOR", title, english, first, 1, "全面"), ("DEPUTY", "", "", other, deputies, "分管")]
    found = []
    for suffix, name, name_en, grade, seats, sphere in ranks:
        texts = [text.format(range=sphere) for text in TEXTS["leader"]]
        named = (name or title.replace("主任", "副主任"), name_en or f"Deputy {english}")
        found.append(_post(f"{unit}-{suffix}", unit, "", 1, grade, "GL", seats, named, texts))
    return found


def _of_bureau(bureau: dict[str, Any], functions: dict[str, str], second: int) -> list[Post]:
    key = bureau["code"].split("-")[-1]
    words = {
        "bureau": bureau["name"],
        "trade": TRADES[key],
        "functions": "、".join(functions[code] for code in bureau["functions"]),
    }
    found = []
    for grade, seats in SEATS[bureau["unit"]].items():
        texts = [text.format(**words) for text in TEXTS[grade]]
        category = "ZJ" if key in PROFESSIONAL and grade in ("S1", "S2") else "GL"
        named = _names(bureau, grade, words["trade"])
        if (bureau["code"], grade) == ("YZ-OFFICE", "S3"):
            category, named = "GQ", ("后勤保障员", f"Logistics Worker, {bureau['name_en']}")
        tier = 2 if grade in ("H1", "H2") else 3
        headcount = seats + (second if grade == "H2" else 0)
        code = f"{bureau['code']}-{grade}"
        found.append(_post(code, bureau["unit"], bureau["code"], tier, grade, category, headcount, named, texts))
    return found


def _names(bureau: dict[str, Any], grade: str, trade: str) -> tuple[str, str]:
    if grade in STAFF:
        word, english = STAFF[grade]
        return f"{trade}{word}", f"{english}, {bureau['name_en']}"
    head = {"局": "局长", "部": "部长", "室": "主任"}[bureau["name"][-1]]
    if grade == "H1":
        return f"{bureau['name']}{head}", f"Head, {bureau['name_en']}"
    return f"{bureau['name']}副{head}", f"Deputy Head, {bureau['name_en']}"


def _post(code, unit, bureau, tier, grade, category, seats, named, texts) -> Post:
    row = {
        "code": code,
        "unit": unit,
        "bureau": bureau,
        "tier": tier,
        "grade": grade,
        "category": category,
        "level": OTHER_LEVELS.get((category, grade), LEVELS[grade]),
        "term_months": TERM_MONTHS,
        "is_open": "1" if category == "ZJ" else "",
        "is_head": "1" if grade == "H1" else "",
        "headcount": seats,
        "starts": STARTS,
        "name": named[0],
        "name_en": named[1],
        "duties": texts[0],
        "standards": texts[1],
        "requirements": texts[2],
        "instrument": "example-structure",
        "example": "1",
    }
    return Post(code, unit, bureau, grade, seats, row)
