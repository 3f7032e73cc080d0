"""Forms of the city's assessment: what to show, the rule of grades, and the grades themselves."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpi.city.services import Choice, Wanted
from kpi.models import GradeRule, Rating
from kpi.typed import NotANumber, parse_number

GRADES = (Rating.FIRST, Rating.SECOND, Rating.THIRD)


def offer(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    if not isinstance(field, forms.ChoiceField):
        raise TypeError("only a choice has choices")
    field.choices = choices


class YearFilters(forms.Form):
    """What of a year to show; every choice is optional and lives in the address."""

    sort = forms.ChoiceField(required=False, choices=[("", ""), *GradeRule.Sort.choices])
    zone = forms.ChoiceField(label=gettext_lazy("开发区"), required=False)
    grade = forms.ChoiceField(label=gettext_lazy("等次"), required=False)
    left = forms.BooleanField(label=gettext_lazy("只看未评完"), required=False)

    def __init__(self, *args, zones: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["zone"], [("", _("全部")), *zones])
        grades = [(grade.value, str(grade.label)) for grade in GRADES]
        offer(self.fields["grade"], [("", _("全部")), *grades, ("none", _("未评定"))])

    def chosen(self) -> dict:
        """The choices that make sense; what an address got wrong is left out rather than refused."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}


class NumberField(forms.CharField):
    """A number as people type it, full-width digits too; None when empty."""

    def __init__(self, *, least: int, most: int, places: int, **kwargs) -> None:
        self.least, self.most, self.places = Decimal(least), Decimal(most), places
        super().__init__(
            required=False, max_length=32, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs
        )

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            number = parse_number(text)
        except NotANumber as error:
            raise ValidationError(_("「%(text)s」不是数字") % {"text": text[:20]}, code=error.code) from error
        if not self.least <= number <= self.most or number != round(number, self.places):
            told = {"least": self.least, "most": self.most, "places": self.places}
            raise ValidationError(_("须在 %(least)s 与 %(most)s 之间，最多 %(places)s 位小数") % told, code="range")
        return number


class RuleForm(forms.Form):
    """The rule of one sort: for each of the two upper grades a share, a score, or both."""

    first_share = NumberField(label=gettext_lazy("第一等次：名次在前（%）"), least=0, most=100, places=2)
    first_score = NumberField(label=gettext_lazy("第一等次：得分不低于（分）"), least=0, most=200, places=2)
    first_join = forms.ChoiceField(label=gettext_lazy("第一等次：两项条件"), choices=GradeRule.Join.choices)
    second_share = NumberField(
        label=gettext_lazy("第二等次：名次在前（%）"),
        help_text=gettext_lazy("从第一名数起，含第一等次"),
        least=0,
        most=100,
        places=2,
    )
    second_score = NumberField(label=gettext_lazy("第二等次：得分不低于（分）"), least=0, most=200, places=2)
    second_join = forms.ChoiceField(label=gettext_lazy("第二等次：两项条件"), choices=GradeRule.Join.choices)

    @classmethod
    def initial_of(cls, rules: list[GradeRule]) -> dict:
        found: dict = {"first_join": "any", "second_join": "any"}
        for rule in rules:
            found |= {
                f"{rule.rating}_share": "" if rule.top_share is None else f"{(rule.top_share * 100).normalize():f}",
                f"{rule.rating}_score": "" if rule.least_score is None else f"{rule.least_score.normalize():f}",
                f"{rule.rating}_join": rule.join,
            }
        return found

    def clean(self) -> dict:
        data = super().clean() or {}
        for grade in ("first", "second"):
            if data.get(f"{grade}_share") == 0:
                self.add_error(f"{grade}_share", _("名次比例须大于 0"))
        one, two = data.get("first_share"), data.get("second_share")
        if one is not None and two is not None and two < one:
            self.add_error("second_share", _("第二等次从第一名数起，不能小于第一等次的比例"))
        one, two = data.get("first_score"), data.get("second_score")
        if one is not None and two is not None and two > one:
            self.add_error("second_score", _("第二等次的得分条件不能高于第一等次"))
        return data

    def wanted(self) -> dict[str, Wanted]:
        data = self.cleaned_data
        return {
            grade: Wanted(
                None if data[f"{grade}_share"] is None else data[f"{grade}_share"] / 100,
                data[f"{grade}_score"],
                data[f"{grade}_join"],
            )
            for grade in ("first", "second")
        }


class GradesForm(forms.Form):
    """The grades of a sort's units, each with a reason where it is not the proposed one."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args, rows: list[tuple[int, str, str, str]], **kwargs) -> None:
        """``rows`` are card, name, grade to begin with, reason."""
        super().__init__(*args, **kwargs)
        self.cards = [card for card, *_rest in rows]
        for card, name, grade, reason in rows:
            choices = [("", _("待定")), *((each.value, str(each.label)) for each in GRADES)]
            self.fields[f"grade_{card}"] = forms.ChoiceField(
                label=_("%(name)s的等次") % {"name": name}, choices=choices, initial=grade, required=False
            )
            self.fields[f"reason_{card}"] = forms.CharField(
                label=_("%(name)s：理由") % {"name": name}, max_length=500, initial=reason, required=False
            )

    def chosen(self) -> dict[int, Choice]:
        """The cards whose grade was chosen; those left open are passed over."""
        data = self.cleaned_data
        return {
            card: Choice(data[f"grade_{card}"], data[f"reason_{card}"]) for card in self.cards if data[f"grade_{card}"]
        }
