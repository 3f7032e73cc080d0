"""What the rules of pay share: they judge what was done with the zone's money, for those who may see it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

from common.rules import Parameter, Rule

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

RUN, SCHEME, TERM, PEOPLE = ("view", "run"), ("view", "scheme"), ("view", "term_result"), ("export", "allocation")


class PayRule(Rule):
    """Base of the rules of pay."""

    id = "PAY"
    title = _("绩效")
    source, basis = "", "stored"
    beyond: ClassVar[bool] = True


# The base is no rule of the catalogue.
del Rule.registry[PayRule.id]


def ratio(label: StrOrPromise, example: str) -> Parameter:
    return Parameter(label, "%", Decimal(example), "ratio")


def times(label: StrOrPromise, example: str) -> Parameter:
    return Parameter(label, _("倍"), Decimal(example))


def flag(label: StrOrPromise, example: int = 1) -> Parameter:
    return Parameter(label, "", Decimal(example), "flag")
