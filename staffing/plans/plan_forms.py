"""Forms of plans: the plan itself, each kind of change by what it asks for, the steps, the approval."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import DayField
from orgchart.changes import Asked, Change, Site
from orgchart.models import Plan, Stage

Choices = list[tuple[str, Any]]


class VersionForm(forms.Form):
    """A form that says which version of the plan it was made from."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class PlanForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("方案名称"), max_length=100)
    effective_on = DayField(label=gettext_lazy("生效日期"), help_text=gettext_lazy("批复后自此日起生效，无须另行操作"))
    reason = forms.CharField(label=gettext_lazy("调整理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class EditPlanForm(PlanForm, VersionForm):
    """Of a plan that is there."""


class StepForm(VersionForm):
    """A step: when it was decided, with what opinion, on what paper."""

    decided_on = DayField(label=gettext_lazy("日期"))
    document = forms.CharField(
        label=gettext_lazy("文号或会议纪要"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("如会议名称、纪要编号"),
    )
    opinion = forms.CharField(
        label=gettext_lazy("意见"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if stage in (Stage.REFUSED, Stage.WITHDRAWN):
            self.fields["opinion"].required = True
            self.fields["opinion"].label = _("理由")


class ApproveForm(VersionForm):
    """The instrument of the approval (ORG-02)."""

    number = forms.CharField(label=gettext_lazy("批文文号"), max_length=100)
    issued_on = DayField(label=gettext_lazy("批文日期"), help_text=gettext_lazy("不能晚于方案的生效日期"))
    issuer = forms.CharField(label=gettext_lazy("发文机关"), max_length=100)
    opinion = forms.CharField(
        label=gettext_lazy("意见"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class CopyForm(forms.Form):
    effective_on = DayField(label=gettext_lazy("生效日期"))


class CheckList(forms.CheckboxSelectMultiple):
    """Several out of a long list, by groups, each a box that the keyboard reaches."""

    template_name = "orgchart/_checklist.html"


class ChangeForm(VersionForm):
    """The fields that a kind of change asks for, filled from what the site offers."""

    def __init__(self, *args: Any, change: type[Change], site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.change, self.title, self.hint = change, change.label, change.hint
        for name, what in change.fields().items():
            self.fields[name] = _field(what, site)
        self.fields["version"].widget.attrs["id"] = "id_change_version"

    def payload(self) -> dict[str, Any]:
        """What was typed, by the change's own names."""
        return {name: self.cleaned_data[name] for name in self.change.fields() if name in self.cleaned_data}


def _field(what: Asked, site: Site) -> forms.Field:
    about: dict[str, Any] = {"label": what.label, "required": what.required, "help_text": what.help}
    if what.sort in ("text", "code"):
        return forms.CharField(max_length=what.most, **about)
    if what.sort == "number":
        return forms.IntegerField(min_value=0, max_value=999999, **about)
    offered = _grouped(what.sort, site)
    if what.many:
        return forms.MultipleChoiceField(choices=offered, widget=CheckList(), **about)
    return forms.ChoiceField(choices=[("", _("请选择") if what.required else _("不选")), *offered], **about)


def _grouped(sort: str, site: Site) -> Choices:
    """What a field of that sort may hold: bureaus under their units, posts under their bureaus."""
    offers = site.offers(sort)
    if sort == "bureau":
        keys = {code: site.units.get(site.bureau_unit.get(code, ""), _("本方案新设")) for code in offers}
        return _groups({code: (keys[code], name) for code, name in offers.items()})
    if sort == "post":
        parts = {code: name.rpartition(" · ") for code, name in offers.items()}
        return _groups({code: (place or name, name) for code, (place, _dot, name) in parts.items()})
    return [(code, name) for code, name in offers.items()]


def _groups(placed: dict[str, tuple[str, str]]) -> Choices:
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, (group, name) in placed.items():
        groups.setdefault(str(group), []).append((code, name))
    return list(groups.items())


def first_day(plan: Plan, today: dt.date) -> dict[str, Any]:
    """What the form of a step begins with."""
    return {"version": plan.version, "decided_on": today, "issued_on": min(today, plan.effective_on)}
