"""Forms of panels: they read what was typed; rules are the services'."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import DayField
from common.numerals import plain
from kpi.models import Panel, Scorecard
from kpi.raters.rating import read_points
from kpi.raters.services import SETTINGS, GroupPlan

#: Rows for groups that a new panel's form offers.
ROWS = 5
MAX_WORDS = 8
PRESETS = [
    ("", gettext_lazy("不批量加入")),
    ("heads", gettext_lazy("各部门负责人")),
    ("leaders", gettext_lazy("园区领导")),
]


def as_text(words: list[list[str]]) -> str:
    """Quick choices as their form shows them: 好=95 较好=85."""
    return " ".join(f"{word}={points}" for word, points in words)


def read_words(text: str) -> list[list[str]]:
    """Quick choices from ``好=95 较好=85``; ValidationError for what is no such list."""
    found = []
    for part in text.replace("＝", "=").replace("，", " ").replace(",", " ").split():
        word, sign, points = part.partition("=")
        value = read_points(points) if sign else None
        if not word or len(word) > 10 or value is None:
            raise ValidationError(_("「%(part)s」须写成 词=分数") % {"part": part[:20]})
        found.append([word, plain(value)])
    if len(found) > MAX_WORDS:
        raise ValidationError(_("快捷选项最多 %(n)s 个") % {"n": MAX_WORDS})
    return found


class PanelForm(forms.Form):
    """A panel and its groups; ``seen`` is the fingerprint of what the page showed."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    closes_on = DayField(
        label=gettext_lazy("截止日期"), required=False, help_text=gettext_lazy("当天仍可评分；开始后可以延长")
    )
    trim = forms.IntegerField(
        label=gettext_lazy("去掉最高、最低分各几个"),
        min_value=0,
        max_value=20,
        initial=0,
        help_text=gettext_lazy("在每个评价主体之内；0 为不去"),
    )
    shown_from = forms.IntegerField(
        label=gettext_lazy("单独列示的最少人数"),
        min_value=2,
        max_value=50,
        initial=3,
        help_text=gettext_lazy("评分不足此数的评价主体只合并计入，不单独列示，以免看出是谁评的；总数不足时不计分"),
    )
    words = forms.CharField(
        label=gettext_lazy("快捷选项"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("评价人可点选代替输入，写成 词=分数，空格隔开（示例值，可改）"),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, panel: Panel | None = None, cycles: list[tuple[int, str]] = (), **kwargs: Any):  # type: ignore[assignment]
        super().__init__(*args, **kwargs)
        groups = list(panel.groups.order_by("sequence", "pk")) if panel else []
        rows = max(ROWS, len(groups) + 2)
        for number in range(1, rows + 1):
            group = groups[number - 1] if number <= len(groups) else None
            self.fields[f"group{number}"] = forms.CharField(
                label=_("评价主体 %(n)s") % {"n": number}, required=False, max_length=60, initial=group and group.name
            )
            self.fields[f"weight{number}"] = forms.DecimalField(
                label=_("权重 %(n)s") % {"n": number},
                required=False,
                max_digits=5,
                decimal_places=2,
                initial=group and plain(group.weight),
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )
        self.row_count = rows
        if cycles:
            self.fields["cycle"] = forms.TypedChoiceField(label=_("考核年度"), choices=cycles, coerce=int)
            self.order_fields(["cycle"])

    def group_rows(self):
        """The pairs of fields of the groups, for the template."""
        return [(self[f"group{n}"], self[f"weight{n}"]) for n in range(1, self.row_count + 1)]

    def plain_fields(self):
        return [field for field in self.visible_fields() if not field.name.startswith(("group", "weight"))]

    def clean_words(self) -> list[list[str]]:
        return read_words(self.cleaned_data["words"])

    def groups(self) -> list[GroupPlan]:
        """What was filled in; a row with one half only is refused by the services' check of names and weights."""
        pairs = [
            (self.cleaned_data.get(f"group{n}", "").strip(), self.cleaned_data.get(f"weight{n}"))
            for n in range(1, self.row_count + 1)
        ]
        return [GroupPlan(name, weight or Decimal(0)) for name, weight in pairs if name or weight]

    def settings(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SETTINGS}


class LinesForm(forms.Form):
    """Which lines a panel is to rate: those of an indicator on the cards of a kind, in one unit or in all."""

    indicator = forms.ChoiceField(label=gettext_lazy("指标"), help_text=gettext_lazy("按测评计分、还没有完成值的指标"))
    kind = forms.ChoiceField(label=gettext_lazy("对象类别"), choices=Scorecard.Kind.choices)
    unit = forms.ChoiceField(label=gettext_lazy("单位"), required=False)

    def __init__(self, *args: Any, indicators: list, units: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicator"] = forms.ChoiceField(
            label=self.fields["indicator"].label, choices=indicators, help_text=self.fields["indicator"].help_text
        )
        self.fields["unit"] = forms.ChoiceField(
            label=_("单位"), required=False, choices=[("", _("全部单位")), *units], initial=""
        )


class RatersForm(forms.Form):
    """Who is to rate in a group: by a preset, from the roster (``people``), or by user name."""

    group = forms.TypedChoiceField(label=gettext_lazy("加入"), coerce=int)
    preset = forms.ChoiceField(label=gettext_lazy("批量"), choices=PRESETS, required=False)
    people = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    usernames = forms.CharField(
        label=gettext_lazy("用户名"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("不在花名册的评价人（如企业代表）按用户名加入，空格或换行隔开"),
    )

    def __init__(self, *args: Any, groups: list[tuple[int, str]], people: list[tuple[int, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["group"] = forms.TypedChoiceField(label=_("加入"), coerce=int, choices=groups)
        self.fields["people"] = forms.TypedMultipleChoiceField(
            required=False, coerce=int, choices=people, widget=forms.CheckboxSelectMultiple
        )
