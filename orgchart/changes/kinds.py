"""The kinds themselves. Each names its fields, says itself in a sentence, and calls the verb that does it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgchart import reshaping, services
from orgchart.changes.base import Change, Deed, asked
from orgchart.changes.site import Site
from orgchart.models import Bureau

NAME = gettext_lazy("机构名称")
NAME_EN = gettext_lazy("英文名称")
CODE_HELP = gettext_lazy("字母、数字和连字符，如 YZ-TECH；此后不变")


def _refuse_taken(field: str, code: str) -> None:
    if Bureau.objects.filter(code=code).exists():
        raise ValidationError({field: _("代码 %(code)s 已被使用") % {"code": code}})


@dataclass(frozen=True)
class SetUp(Change):
    """A new bureau."""

    kind = "set_up"
    label = gettext_lazy("设立机构")
    hint = gettext_lazy("在开发区或园区新设一个职能机构")

    unit: str = asked("unit", gettext_lazy("所属单位"))
    name: str = asked("text", NAME)
    functions: tuple[str, ...] = asked("function", gettext_lazy("职能"), many=True)
    nature: str = asked("nature", gettext_lazy("机构性质"))
    code: str = asked("code", gettext_lazy("机构代码"), most=30, help=CODE_HELP)
    name_en: str = asked("text", NAME_EN, required=False, most=200)
    rank: str = asked("text", gettext_lazy("机构规格"), required=False, most=40)

    def check_more(self, site: Site) -> None:
        _refuse_taken("code", self.code)

    def sets_up(self) -> dict[str, str]:
        return {self.code: self.name}

    def words(self, site: Site) -> str:
        return _("%(unit)s设立%(name)s（%(nature)s：%(functions)s）") % {
            "unit": site.name("unit", self.unit),
            "name": self.name,
            "nature": site.name("nature", self.nature),
            "functions": site.names("function", self.functions),
        }

    def apply(self, deed: Deed) -> None:
        services.set_up_bureau(
            unit=deed.unit(self.unit),
            code=self.code,
            name=self.name,
            name_en=self.name_en,
            functions=deed.functions(self.functions),
            nature=self.nature,
            rank=self.rank,
            **deed.common,
        )


@dataclass(frozen=True)
class Merge(Change):
    """Bureaus into one that goes on."""

    kind = "merge"
    label = gettext_lazy("合并机构")
    hint = gettext_lazy("职能、职责、岗位和人员一并划入保留的机构，并入的机构撤销")

    sources: tuple[str, ...] = asked("bureau", gettext_lazy("并入的机构"), many=True)
    into: str = asked("bureau", gettext_lazy("合并后的机构"))
    name: str = asked("text", gettext_lazy("合并后的名称"), required=False, help=gettext_lazy("不填则沿用原名"))
    name_en: str = asked("text", NAME_EN, required=False, most=200)
    nature: str = asked("nature", gettext_lazy("合并后的性质"), required=False, help=gettext_lazy("不选则沿用"))

    def check_more(self, site: Site) -> None:
        if self.into in self.sources:
            raise ValidationError({"sources": _("合并后的机构不能同时是并入的机构")})

    def words(self, site: Site) -> str:
        said = {
            "sources": "、".join(site.bureau(code) for code in self.sources),
            "into": site.bureau(self.into),
            "name": self.name,
        }
        if self.name:
            return _("%(sources)s并入%(into)s，更名为%(name)s") % said
        return _("%(sources)s并入%(into)s") % said

    def apply(self, deed: Deed) -> None:
        reshaping.merge_bureaus(
            sources=[deed.bureau(code) for code in self.sources],
            into=deed.bureau(self.into),
            name=self.name,
            name_en=self.name_en,
            nature=self.nature,
            **deed.common,
        )


@dataclass(frozen=True)
class Split(Change):
    """A new bureau out of an old one."""

    kind = "split"
    label = gettext_lazy("分设机构")
    hint = gettext_lazy("从一个机构分出一部分职能和岗位，另设一个机构")

    bureau: str = asked("bureau", gettext_lazy("原机构"))
    name: str = asked("text", gettext_lazy("分设机构的名称"))
    functions: tuple[str, ...] = asked("function", gettext_lazy("分出的职能"), many=True)
    nature: str = asked("nature", gettext_lazy("分设机构的性质"))
    code: str = asked("code", gettext_lazy("分设机构的代码"), most=30, help=CODE_HELP)
    posts: tuple[str, ...] = asked("post", gettext_lazy("随转的岗位"), required=False, many=True)
    remaining_nature: str = asked(
        "nature", gettext_lazy("原机构调整后的性质"), required=False, help=gettext_lazy("不选则沿用")
    )
    name_en: str = asked("text", NAME_EN, required=False, most=200)

    def check_more(self, site: Site) -> None:
        _refuse_taken("code", self.code)

    def sets_up(self) -> dict[str, str]:
        return {self.code: self.name}

    def words(self, site: Site) -> str:
        said = {
            "bureau": site.bureau(self.bureau),
            "name": self.name,
            "functions": site.names("function", self.functions),
            "posts": len(self.posts),
        }
        if self.posts:
            return _("%(bureau)s分设%(name)s，划出%(functions)s，随转岗位 %(posts)s 个") % said
        return _("%(bureau)s分设%(name)s，划出%(functions)s") % said

    def apply(self, deed: Deed) -> None:
        reshaping.split_bureau(
            bureau=deed.bureau(self.bureau),
            code=self.code,
            name=self.name,
            name_en=self.name_en,
            functions=deed.functions(self.functions),
            nature=self.nature,
            remaining_nature=self.remaining_nature,
            **deed.common,
        )


@dataclass(frozen=True)
class Rename(Change):
    """Another name."""

    kind = "rename"
    label = gettext_lazy("机构更名")
    hint = gettext_lazy("岗位和人员不变")

    bureau: str = asked("bureau", gettext_lazy("机构"))
    name: str = asked("text", gettext_lazy("新名称"))
    name_en: str = asked("text", NAME_EN, required=False, most=200)

    def words(self, site: Site) -> str:
        return _("%(bureau)s更名为%(name)s") % {"bureau": site.bureau(self.bureau), "name": self.name}

    def apply(self, deed: Deed) -> None:
        reshaping.rename_bureau(bureau=deed.bureau(self.bureau), name=self.name, name_en=self.name_en, **deed.common)


@dataclass(frozen=True)
class Regrade(Change):
    """Another rank."""

    kind = "regrade"
    label = gettext_lazy("调整规格")
    hint = gettext_lazy("变更机构规格")

    bureau: str = asked("bureau", gettext_lazy("机构"))
    rank: str = asked("text", gettext_lazy("新规格"), most=40)

    def words(self, site: Site) -> str:
        return _("%(bureau)s的规格由%(old)s改为%(new)s") % {
            "bureau": site.bureau(self.bureau),
            "old": site.ranks.get(self.bureau) or _("未公布"),
            "new": self.rank,
        }

    def apply(self, deed: Deed) -> None:
        reshaping.regrade_bureau(bureau=deed.bureau(self.bureau), rank=self.rank, **deed.common)


@dataclass(frozen=True)
class Redefine(Change):
    """Other functions, and the nature that goes with them."""

    kind = "redefine"
    label = gettext_lazy("调整职能")
    hint = gettext_lazy("变更机构的职能和性质")

    bureau: str = asked("bureau", gettext_lazy("机构"))
    functions: tuple[str, ...] = asked("function", gettext_lazy("调整后的职能"), many=True)
    nature: str = asked("nature", gettext_lazy("调整后的性质"))

    def words(self, site: Site) -> str:
        return _("%(bureau)s的职能改为%(functions)s，性质为%(nature)s") % {
            "bureau": site.bureau(self.bureau),
            "functions": site.names("function", self.functions),
            "nature": site.name("nature", self.nature),
        }

    def apply(self, deed: Deed) -> None:
        reshaping.redefine_bureau(
            bureau=deed.bureau(self.bureau),
            functions=deed.functions(self.functions),
            nature=self.nature,
            **deed.common,
        )


@dataclass(frozen=True)
class Abolish(Change):
    """A bureau ends; what it has goes to another, where one is named."""

    kind = "abolish"
    label = gettext_lazy("撤销机构")
    hint = gettext_lazy("有人在岗或承担职责的机构须写明划入何处")

    bureau: str = asked("bureau", gettext_lazy("撤销的机构"))
    to: str = asked(
        "bureau",
        gettext_lazy("岗位、人员和职责划入"),
        required=False,
        help=gettext_lazy("不选则其空岗一并撤销；有人在岗时不能撤销"),
    )

    def check_more(self, site: Site) -> None:
        if self.to == self.bureau:
            raise ValidationError({"to": _("不能划入被撤销的机构")})

    def words(self, site: Site) -> str:
        said = {"bureau": site.bureau(self.bureau), "to": site.bureau(self.to)}
        if self.to:
            return _("撤销%(bureau)s，岗位、人员和职责划入%(to)s") % said
        return _("撤销%(bureau)s") % said

    def apply(self, deed: Deed) -> None:
        bureau = deed.bureau(self.bureau)
        if self.to:
            reshaping.hand_over_duties(bureau=bureau, to=deed.bureau(self.to), **deed.common)
        reshaping.abolish_bureau(bureau=bureau, **deed.common)


@dataclass(frozen=True)
class Move(Change):
    """A bureau to another unit, with its posts."""

    kind = "move"
    label = gettext_lazy("划转机构")
    hint = gettext_lazy("机构连同岗位、人员改隶另一单位")

    bureau: str = asked("bureau", gettext_lazy("机构"))
    unit: str = asked("unit", gettext_lazy("划入单位"))

    def words(self, site: Site) -> str:
        said = {"bureau": site.bureau(self.bureau), "unit": site.name("unit", self.unit)}
        return _("%(bureau)s划归%(unit)s") % said

    def apply(self, deed: Deed) -> None:
        reshaping.move_bureau(bureau=deed.bureau(self.bureau), unit=deed.unit(self.unit), **deed.common)


@dataclass(frozen=True)
class MovePosts(Change):
    """Posts with whoever holds them to another bureau."""

    kind = "move_posts"
    label = gettext_lazy("划转岗位")
    hint = gettext_lazy("岗位连同在岗人员划入另一机构")

    posts: tuple[str, ...] = asked("post", gettext_lazy("岗位"), many=True)
    bureau: str = asked("bureau", gettext_lazy("划入机构"))

    def words(self, site: Site) -> str:
        return _("%(posts)s共 %(n)s 个岗位划入%(bureau)s") % {
            "posts": site.names("post", self.posts, 4),
            "n": len(self.posts),
            "bureau": site.bureau(self.bureau),
        }

    def apply(self, deed: Deed) -> None:
        """Nothing of the structure itself: the posts follow above."""


@dataclass(frozen=True)
class MoveDuty(Change):
    """A duty to another bearer."""

    kind = "move_duty"
    label = gettext_lazy("划转职责")
    hint = gettext_lazy("一个区域的一项职责改由另一机构或单位承担")

    duty: str = asked("duty", gettext_lazy("职责"))
    area: str = asked("area", gettext_lazy("区域"))
    to_bureau: str = asked("bureau", gettext_lazy("由机构承担"), required=False)
    to_unit: str = asked("bearer", gettext_lazy("或由单位承担"), required=False)

    def check_more(self, site: Site) -> None:
        if bool(self.to_bureau) == bool(self.to_unit):
            raise ValidationError({"to_bureau": _("请选择一个机构或一个单位，且只选一个")})

    def words(self, site: Site) -> str:
        return _("%(area)s的%(duty)s由%(old)s改由%(new)s承担") % {
            "area": site.name("area", self.area),
            "duty": site.name("duty", self.duty),
            "old": site.bearers.get((self.duty, self.area)) or _("无"),
            "new": site.bureau(self.to_bureau) if self.to_bureau else site.name("bearer", self.to_unit),
        }

    def apply(self, deed: Deed) -> None:
        services.move_duty(
            duty=deed.duty(self.duty),
            area=deed.unit(self.area),
            to_bureau=deed.bureau(self.to_bureau) if self.to_bureau else None,
            to_unit=deed.unit(self.to_unit) if self.to_unit else None,
            **deed.common,
        )


@dataclass(frozen=True)
class SetQuota(Change):
    """Another limit."""

    kind = "set_quota"
    label = gettext_lazy("调整限额")
    hint = gettext_lazy("机构数、职数、编制数的限额")

    unit: str = asked("unit", gettext_lazy("单位"))
    quota: str = asked("quota", gettext_lazy("限额种类"))
    limit: int = asked("number", gettext_lazy("新限额"))

    def words(self, site: Site) -> str:
        old = site.limits.get((self.unit, self.quota))
        return _("%(unit)s%(kind)s由 %(old)s 改为 %(new)s") % {
            "unit": site.name("unit", self.unit),
            "kind": site.name("quota", self.quota),
            "old": _("未规定") if old is None else old,
            "new": self.limit,
        }

    def apply(self, deed: Deed) -> None:
        reshaping.set_quota(unit=deed.unit(self.unit), kind=self.quota, limit=self.limit, **deed.common)
