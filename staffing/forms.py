"""Forms of posts and people. They read what was typed; rules are the services'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import DayInput
from orgchart.models import Tier
from staffing.models import Appointment, Person, PostVersion

ANY = ("", gettext_lazy("全部"))
#: What "soon" may mean for a term or a probation that ends, in days.
SOON = (30, 90, 180, 365)
#: In which state somebody holds a seat: in his probation, past his term, or with his last day already set.
STANDINGS = (
    ("probation", gettext_lazy("试用期内")),
    ("overdue", gettext_lazy("聘期已满未续")),
    ("leaving", gettext_lazy("已定离岗")),
)


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=help_text, widget=DayInput())


# --- the roster's choices --------------------------------------------------------------------------------


class Places(forms.Form):
    """Choices of an address whose units, bureaus and grades are those of ``places`` (``choices()`` of a placed set)."""

    def __init__(self, data: Any, *, places: Iterable[dict[str, Any]]) -> None:
        super().__init__(data)
        units: dict[str, str] = {}
        grades: dict[str, str] = {}
        bureaus: dict[str, dict[str, str]] = {}
        for place in places:
            units[place["unit_code"]] = place["unit_name"]
            grades[place["grade_code"]] = place["grade_name"]
            if place["bureau_code"]:
                bureaus.setdefault(place["unit_code"], {})[place["bureau_code"]] = place["bureau_name"]
        chosen_unit = self.data.get("unit") or ""
        # A bureau that was chosen stays on offer: with another unit it gives an empty list, and is seen to.
        chosen_bureau = self.data.get("bureau") or ""
        offered = {code: of for code, of in bureaus.items() if chosen_unit in ("", code) or chosen_bureau in of}
        self.fields["unit"].choices = [ANY, *units.items()]
        self.fields["grade"].choices = [ANY, *grades.items()]
        groups = [(units[code], list(of.items())) for code, of in offered.items()]
        self.fields["bureau"].choices = [ANY, *(groups if len(groups) > 1 else [b for _g, of in groups for b in of])]

    def chosen(self) -> dict[str, Any]:
        """What was chosen and exists; a choice that does not is among ``errors``."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    def in_words(self) -> str:
        words = []
        for name, value in self.chosen().items():
            shown = dict(_flat(getattr(self.fields[name], "choices", ()))).get(str(value), value)
            words.append(_("%(choice)s：%(value)s") % {"choice": self.fields[name].label, "value": force_str(shown)})
        return "；".join(words)


class RosterFilters(Places):
    """The choices over the roster, all in the address; ``places`` are what the visitor's posts offer."""

    #: Asked for less often: under a fold on the page.
    RARE = ("post_category", "identity", "kind", "standing", "probation")

    q = forms.CharField(label=gettext_lazy("姓名、工号"), required=False, max_length=60)
    unit = forms.ChoiceField(label=gettext_lazy("单位"), required=False)
    bureau = forms.ChoiceField(label=gettext_lazy("部门"), required=False)
    tier = forms.ChoiceField(label=gettext_lazy("层级"), required=False, choices=[ANY, *Tier.Kind.choices])
    grade = forms.ChoiceField(label=gettext_lazy("岗级"), required=False)
    category = forms.ChoiceField(
        label=gettext_lazy("编制类别"), required=False, choices=[ANY, *Person.Category.choices]
    )
    ending = forms.TypedChoiceField(label=gettext_lazy("聘期届满"), required=False, coerce=int)
    post_category = forms.ChoiceField(
        label=gettext_lazy("岗位类别"), required=False, choices=[ANY, *PostVersion.Category.choices]
    )
    identity = forms.ChoiceField(label=gettext_lazy("原身份"), required=False, choices=[ANY, *Person.Identity.choices])
    kind = forms.ChoiceField(label=gettext_lazy("任职方式"), required=False, choices=[ANY, *Appointment.Kind.choices])
    standing = forms.ChoiceField(label=gettext_lazy("在岗状态"), required=False, choices=[ANY, *STANDINGS])
    probation = forms.TypedChoiceField(label=gettext_lazy("试用期满"), required=False, coerce=int)

    def __init__(self, data: Any, *, places: Iterable[dict[str, Any]]) -> None:
        super().__init__(data, places=places)
        for name in ("ending", "probation"):
            soon = [(str(days), _("%(n)s 天内") % {"n": days}) for days in SOON]
            self.fields[name].choices = [ANY, *soon]

    @property
    def common(self) -> list[forms.BoundField]:
        return [bound for bound in self if bound.name not in self.RARE]

    @property
    def rare(self) -> list[forms.BoundField]:
        return [bound for bound in self if bound.name in self.RARE]

    @property
    def rare_chosen(self) -> bool:
        return any(self.data.get(name) for name in self.RARE)


def _flat(choices: Iterable) -> Iterable[tuple[str, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield str(value), label


# --- what is done to an appointment -------------------------------------------------------------------------


class Terms(forms.Form):
    """The days and numbers of an appointment."""

    starts = _day(gettext_lazy("聘期起"))
    decided_on = _day(gettext_lazy("决定日期"), help_text=gettext_lazy("党委（党组）决定任职的日期，任职时间自此计算"))
    term_ends = _day(gettext_lazy("聘期止"), required=False)
    probation_ends = _day(gettext_lazy("试用期止"), required=False)
    document_number = forms.CharField(label=gettext_lazy("聘任文号"), max_length=60, required=False)
    step = forms.IntegerField(label=gettext_lazy("档级"), min_value=1, max_value=99, initial=1)
    hire = forms.ChoiceField(
        label=gettext_lazy("进入方式"),
        choices=Appointment.Hire.choices,
        required=False,
        help_text=gettext_lazy("试用期的长短由此确定"),
    )
    regime = forms.ChoiceField(
        label=gettext_lazy("聘任制度"),
        choices=Appointment.Regime.choices,
        initial=Appointment.Regime.INTERNAL,
        required=False,
    )
    approval_number = forms.CharField(
        label=gettext_lazy("省级批准文号"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("仅聘任制公务员填写"),
    )
    reason = forms.CharField(label=gettext_lazy("办理说明"), max_length=200, required=False)

    def clean_regime(self) -> str:
        return self.cleaned_data["regime"] or Appointment.Regime.INTERNAL


def seats_on_offer(vacant: Sequence[PostVersion]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Free seats as grouped choices by post code: unit and bureau above, post and number of seats in the line."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for post in vacant:
        place = " · ".join(name for name in (post.unit_name, post.bureau_name) if name)
        text = _("%(post)s（%(grade)s，空 %(free)s 席）")
        label = text % {"post": post.shown_name, "grade": post.grade.shown_name, "free": post.free}
        groups.setdefault(place, []).append((post.post_code, label))
    return list(groups.items())


class AppointForm(Terms):
    """A person to a post: ``offers`` when the person is known, ``staff_no`` when the post is."""

    kind = forms.ChoiceField(label=gettext_lazy("任职方式"), choices=Appointment.Kind.choices)
    field_order = ("staff_no", "post", "kind")

    def __init__(self, *args: Any, offers: list | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if offers is not None:
            self.fields["post"] = forms.ChoiceField(label=_("聘任岗位"), choices=[("", _("请选择空缺岗位")), *offers])
        else:
            self.fields["staff_no"] = forms.CharField(
                label=_("工号"), max_length=20, help_text=_("填写拟聘人员的工号；可在花名册中查到")
            )
        self.order_fields(self.field_order)


class TransferForm(Terms):
    field_order = ("post",)

    def __init__(self, *args: Any, offers: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"] = forms.ChoiceField(label=_("转往岗位"), choices=[("", _("请选择空缺岗位")), *offers])
        self.fields["starts"].label = _("到岗日期")
        self.fields["starts"].help_text = _("原聘任于前一日结束")
        self.order_fields(self.field_order)


class CorrectTermsForm(Terms):
    """What was entered wrongly of an appointment."""

    reason = forms.CharField(label=gettext_lazy("更正理由"), max_length=200)


class EndForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("离岗原因"),
        choices=[("", gettext_lazy("请选择")), *(pair for pair in Appointment.End.choices if pair[0])],
    )
    on = _day(gettext_lazy("离岗日期"), help_text=gettext_lazy("在岗的最后一天；次日起席位空出"))
    notified_on = _day(
        gettext_lazy("书面通知日期"), required=False, help_text=gettext_lazy("考核不合格解聘的必填，须提前书面通知")
    )
    note = forms.CharField(label=gettext_lazy("办理说明"), max_length=200, required=False)


# --- people -----------------------------------------------------------------------------------------------


#: Columns of a person that identify him: only those who may read them are given them to correct.
IDENTIFYING = ("national_id", "birth_date", "phone")


class PersonForm(forms.ModelForm):
    """A person's own facts. ``seen`` is what the page was made from: an older one is refused."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    document_number = forms.CharField(
        label=gettext_lazy("依据文号"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("更正原身份、原职级时必填，并须填写办理说明"),
    )
    reason = forms.CharField(label=gettext_lazy("办理说明"), max_length=200, required=False)
    national_id = forms.CharField(
        label=gettext_lazy("身份证号"), max_length=24, help_text=gettext_lazy("18 位；须与出生日期、性别相符")
    )
    phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=30, required=False)

    class Meta:
        model = Person
        fields = (
            "name", "national_id", "gender", "birth_date", "phone", "category", "identity", "original_rank",
            "entered_on", "ethnic_group", "native_place", "politics", "joined_party_on", "education",
            "full_time_education", "full_time_school", "in_service_education", "in_service_school",
            "professional_title",
        )  # fmt: skip
        widgets = {"entered_on": DayInput(), "birth_date": DayInput(), "joined_party_on": DayInput()}

    def without(self, names: Iterable[str]) -> PersonForm:
        for name in names:
            self.fields.pop(name, None)
        return self

    def changes(self) -> dict[str, Any]:
        """The facts as typed, without what only the form needs."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.cleaned_data}

    def _post_clean(self) -> None:
        """The services check the row; a ModelForm would write into the instance before that."""


class NewPersonForm(PersonForm):
    """Sex and birth date are read from the number."""

    staff_no = forms.CharField(
        label=gettext_lazy("工号"), max_length=20, required=False, help_text=gettext_lazy("不填则自动编号")
    )
    home_unit = forms.ChoiceField(label=gettext_lazy("人事关系所在单位"))
    field_order = ("staff_no", "name", "national_id", "home_unit")

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.without(["gender", "birth_date", "seen", "document_number"])
        self.fields["national_id"].help_text = _("18 位；出生日期和性别由此读出")
        self.fields["home_unit"].choices = units
        self.order_fields(self.field_order)


def first_terms(day: dt.date) -> dict[str, Any]:
    """What the form of a new term begins with: from the day on, for three years (APT-03, APT-17)."""
    return {"starts": day, "decided_on": day, "term_ends": _three_years_on(day), "step": 1}


def _three_years_on(day: dt.date) -> dt.date:
    later = dt.date(day.year + 3, day.month, min(day.day, 28))
    return later + dt.timedelta(days=day.day - min(day.day, 28)) - dt.timedelta(days=1)
