"""Made-up people: names put together by chance, numbers that cannot belong to anybody.

The identity numbers begin with 999999, a region that GB/T 2260 does not have,
and pass every other check. The telephone numbers begin, after the area code,
with a zero, as no subscriber's does.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from config.synthetic.dice import Dice
from staffing.personnel.identity import check_digit

NO_REGION = "999999"
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙陶贺毛郝顾龚邵万"
)
MEN = "伟强磊洋勇军杰涛超明刚平辉鹏斌波宁凯健俊帆浩宇晨轩鑫博文彬峰翔锋阳鸣亮庆国志恒泽睿毅岩钧"
WOMEN = "芳娜敏静丽艳霞燕玲娟萍红梅莉英华慧颖婷雪琳倩薇蕾洁怡欣妍晶瑶佳琪悦岚云秋蓉菲璐"
MIDDLE = "建国志文海晓春永明家世德立振宗正学思子雨天成玉金俊小秀新"
BORN = {
    "L1": (1968, 1972),
    "L2": (1968, 1976),
    "L3": (1970, 1978),
    "H1": (1970, 1982),
    "H2": (1974, 1985),
    "S1": (1975, 1990),
    "S2": (1982, 1995),
    "S3": (1988, 1996),
}
#: Women are asked to retire earlier, and all of these still serve.
FIRST_YEAR_OF_WOMEN = 1973
RANKS = {
    "L1": ["正处级"],
    "L2": ["副处级"],
    "L3": ["副处级", "正科级"],
    "H1": ["正科级", "四级调研员"],
    "H2": ["副科级", "一级主任科员"],
    "S1": ["二级主任科员", "三级主任科员"],
    "S2": ["四级主任科员", "一级科员"],
    "S3": ["一级科员", "二级科员"],
}
INSTITUTION_RANKS = {"H": ["管理六级", "管理七级"], "S": ["管理八级", "管理九级", "专技十级", "专技十二级"]}
SCHOOLS = ("示例大学", "示例理工学院", "示例师范大学", "示例财经大学")
TITLES = ("经济师", "工程师", "会计师", "助理工程师")
#: Who is born later may still be in the Youth League.
LEAGUE_SINCE = 1999


class Makers:
    """Hands out people one after the other; no two share a name or a number."""

    def __init__(self, seed: str) -> None:
        self.dice = Dice(seed)
        #: Dice of their own, so that what a file says besides changes nobody's name or number.
        self.papers = Dice(f"{seed} papers")
        self.rows: list[dict[str, Any]] = []
        self._names: set[str] = set()
        self._numbers: set[str] = set()

    def make(self, grade: str, unit: str, joined: dt.date, born: dt.date | None = None) -> dict[str, Any]:
        """A person fit for a post of the grade who joined on a day; ``born`` where his story asks for it."""
        woman = self.dice.chance(42) and born is None
        birth = born or self._birth(grade, woman)
        number = len(self.rows) + 1
        category, identity = self._status(grade)
        row = {
            "staff_no": f"S{number:04d}",
            "name": self._name(woman),
            "gender": "F" if woman else "M",
            "birth_date": birth.isoformat(),
            "national_id": self._national_id(birth, woman),
            "phone": f"0514-0000{number:04d}",
            "category": category,
            "identity": identity,
            "original_rank": self._rank(grade, identity),
            "education": self._education(grade),
            "entered_on": self._entered(birth, joined).isoformat(),
            "home_unit": unit,
            "example": "1",
        }
        row |= self._papers(grade, birth, str(row["education"]))
        self.rows.append(row)
        return row

    def _birth(self, grade: str, woman: bool) -> dt.date:
        first, last = BORN[grade]
        return self.dice.day(self.dice.between(max(first, FIRST_YEAR_OF_WOMEN) if woman else first, last))

    def _name(self, woman: bool) -> str:
        while True:
            given = self.dice.pick(WOMEN if woman else MEN)
            middle = self.dice.pick(MIDDLE) if self.dice.chance(70) else ""
            name = self.dice.pick(SURNAMES) + (middle if middle != given else "") + given
            if name not in self._names:
                self._names.add(name)
                return name

    def _national_id(self, birth: dt.date, woman: bool) -> str:
        while True:
            order = self.dice.between(0, 499) * 2 + (0 if woman else 1)
            first17 = f"{NO_REGION}{birth:%Y%m%d}{order:03d}"
            if first17 not in self._numbers:
                self._numbers.add(first17)
                return first17 + check_digit(first17)

    def _status(self, grade: str) -> tuple[str, str]:
        throw = self.dice.below(100)
        if grade[0] == "L":
            return "administrative", "civil_servant"
        if grade[0] == "H":
            kinds = [(45, "administrative", "civil_servant"), (80, "institution", "institution")]
        else:
            kinds = [
                (12, "administrative", "civil_servant"),
                (18, "administrative", "managed"),
                (50, "institution", "institution"),
                (80, "quota", "enterprise"),
                (100, "contract", "contract"),
            ]
        return next(((one, other) for limit, one, other in kinds if throw < limit), ("quota", "enterprise"))

    def _rank(self, grade: str, identity: str) -> str:
        if identity in ("civil_servant", "managed"):
            return self.dice.pick(RANKS[grade])
        if identity == "institution":
            return self.dice.pick(INSTITUTION_RANKS[grade[0]])
        return ""

    def _education(self, grade: str) -> str:
        if grade[0] in "LH":
            return self.dice.pick(["硕士研究生", "大学本科", "大学本科"])
        if grade == "S3":
            return self.dice.pick(["大学本科", "大学专科"])
        return self.dice.pick(["硕士研究生", "大学本科", "大学本科", "大学本科", "大学专科"])

    def _papers(self, grade: str, birth: dt.date, education: str) -> dict[str, str]:
        """Party, schools and title. Nobody joins the party before he is eighteen; the schools are named as made up."""
        member = grade[0] in "LH" or self.papers.chance(55)
        joined = dt.date(birth.year + self.papers.between(19, 23), 7, 1) if member else None
        others = ["masses", "masses", "league"] if birth.year >= LEAGUE_SINCE else ["masses"]
        later = education == "硕士研究生" and self.papers.chance(60)
        first = "大学本科" if later else education
        return {
            "ethnic_group": "汉族" if self.papers.chance(97) else "回族",
            "politics": "member" if member else self.papers.pick(others),
            "joined_party_on": joined.isoformat() if joined else "",
            "full_time_education": first,
            "full_time_school": self.papers.pick(SCHOOLS),
            "in_service_education": education if later else "",
            "in_service_school": self.papers.pick(SCHOOLS) if later else "",
            "professional_title": self.papers.pick(TITLES) if self.papers.chance(25) else "",
        }

    def _entered(self, birth: dt.date, joined: dt.date) -> dt.date:
        """When he began to work: after school or university, and not after he joined."""
        return min(dt.date(birth.year + self.dice.between(22, 25), self.dice.pick([7, 8, 9]), 1), joined)
