"""What every kind of change has: fields that it asks for, a sentence, and a deed.

A change is plain values, codes in place of rows, so that it reads the same
whenever it is looked at. ``Asked`` in a field's metadata says what it holds;
form, API and check are made from that.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _

from common.actors import Actor
from orgchart.models import Bureau, Duty, Function
from zones.models import Instrument, Unit

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from orgchart.changes.site import Site

#: What a field may hold: a word of the plan's own, or the code of something that the site knows.
Sort = Literal[
    "text", "code", "number", "nature", "quota", "bureau", "unit", "area", "bearer", "function", "post", "duty"
]
PLAIN = ("text", "code", "number")


@dataclass(frozen=True)
class Asked:
    """A field of a change: what it holds, what people call it, and whether it may be left out or has several."""

    sort: Sort
    label: StrOrPromise
    required: bool = True
    many: bool = False
    most: int = 100
    help: StrOrPromise = ""


def asked(sort: Sort, label: StrOrPromise, **more: Any) -> Any:
    """A dataclass field with its ``Asked``; what may be left out is empty by default."""
    what = Asked(sort, label, **more)
    empty: Any = () if what.many else 0 if sort == "number" else ""
    return dataclasses.field(metadata={"asked": what}, **({} if what.required else {"default": empty}))


@dataclass
class Deed:
    """A plan as it is carried out: on which day, by which instrument, by whom; and what its codes stand for."""

    zone: Unit
    day: dt.date
    instrument: Instrument
    by: Actor
    site: Site
    reason: str = ""

    @property
    def common(self) -> dict[str, Any]:
        """What every verb is given."""
        return {"starts": self.day, "instrument": self.instrument, "by": self.by, "reason": self.reason}

    def bureau(self, code: str) -> Bureau:
        return self._found(Bureau, code)

    def unit(self, code: str) -> Unit:
        return self._found(Unit, code)

    def duty(self, code: str) -> Duty:
        return self._found(Duty, code)

    def functions(self, codes: tuple[str, ...]) -> list[Function]:
        found = list(Function.objects.filter(code__in=codes))
        if missing := set(codes) - {each.code for each in found}:
            raise _unknown(", ".join(sorted(missing)))
        return found

    @staticmethod
    def _found(model: Any, code: str) -> Any:
        row = model.objects.filter(code=code).first()
        if row is None:
            raise _unknown(code)
        return row


def _unknown(code: str) -> ValidationError:
    return ValidationError(_("没有代码 %(code)s") % {"code": code}, code="unknown")


class Change:
    """Base of all kinds; a subclass is a frozen dataclass whose fields are ``asked``."""

    kind: ClassVar[str]
    label: ClassVar[StrOrPromise]
    #: What it is for, in a line.
    hint: ClassVar[StrOrPromise] = ""

    registry: ClassVar[dict[str, type[Change]]] = {}

    def __init_subclass__(cls) -> None:
        Change.registry[cls.kind] = cls

    @classmethod
    def fields(cls) -> dict[str, Asked]:
        return {field.name: field.metadata["asked"] for field in dataclasses.fields(cls)}  # type: ignore[arg-type]

    def dump(self) -> dict[str, Any]:
        """As it is stored; what is empty is left out."""
        values = {name: getattr(self, name) for name in self.fields()}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value not in ("", ())
        }

    def check(self, site: Site) -> None:
        """Raise ValidationError keyed by field for a code that is not of this zone, and for what cannot be meant."""
        faults = {}
        for name, what in self.fields().items():
            value = getattr(self, name)
            codes = value if isinstance(value, tuple) else (value,) if value else ()
            if what.sort in PLAIN:
                continue
            if strange := [code for code in codes if code not in site.offers(what.sort)]:
                faults[name] = _("本区没有「%(codes)s」") % {"codes": "、".join(strange)}
        if faults:
            raise ValidationError(faults)
        self.check_more(site)

    def check_more(self, site: Site) -> None:
        """What the kind itself wants besides."""

    def sets_up(self) -> dict[str, str]:
        """Bureaus that stand only once this change is carried out: code → name."""
        return {}

    def words(self, site: Site) -> str:
        """The change as a sentence in the reader's language."""
        raise NotImplementedError

    def apply(self, deed: Deed) -> None:
        """Do to the structure what it says; posts follow above (``staffing/plans/reorganising.py``)."""
        raise NotImplementedError


def read(kind: str, payload: Mapping[str, Any]) -> Change:
    """A change from what was stored, typed or sent. Raises ValidationError keyed by field."""
    cls = Change.registry.get(kind)
    if cls is None:
        raise ValidationError({"kind": _("没有这种调整事项")})
    faults: dict[str, Any] = {}
    if strange := sorted(set(payload) - set(cls.fields())):
        faults["payload"] = _("没有这些栏目：%(names)s") % {"names": "、".join(map(str, strange))[:100]}
    values = {}
    for name, what in cls.fields().items():
        try:
            values[name] = _value(what, payload.get(name))
        except ValidationError as error:
            faults[name] = error
    if faults:
        raise ValidationError(faults)
    return cls(**values)


def _value(what: Asked, given: Any) -> Any:
    """What was given for a field in its own type, or ValidationError."""
    if given in (None, "", [], ()):
        if what.required:
            raise ValidationError(_("必填"))
        return () if what.many else 0 if what.sort == "number" else ""
    if what.many:
        if not isinstance(given, list | tuple) or len(given) > 500:
            raise ValidationError(_("须为列表"))
        return tuple(dict.fromkeys(_text(what, each) for each in given))
    return _number(given) if what.sort == "number" else _text(what, given)


def _number(given: Any) -> int:
    text = str(given).strip()
    if isinstance(given, bool | float) or not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValidationError(_("须为不小于 0 的整数"))
    return int(text)


def _text(what: Asked, given: Any) -> str:
    if not isinstance(given, str):
        raise ValidationError(_("须为文字"))
    text = given.strip()
    if not text or len(text) > what.most or not text.isprintable():
        raise ValidationError(_("须为 1 至 %(most)s 个可见的字") % {"most": what.most})
    if what.sort == "code":
        validate_slug(text)
    return text


def sentence(kind: str, payload: Mapping[str, Any], site: Site) -> str:
    """A stored change in words, even one that could no longer be made."""
    try:
        return read(kind, payload).words(site)
    except ValidationError:
        return _("内容有误的调整事项（%(kind)s）") % {"kind": kind}
