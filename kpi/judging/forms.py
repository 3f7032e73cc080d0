"""Forms of judging. They read what was typed; rules are the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DayField, offer
from kpi.judging.grading import ratings_for
from kpi.judging.words import choices_for
from kpi.models import Adjustment, Appeal, Scorecard
from zones.models import Instrument


def _long(label: Any, limit: int, *, required: bool = True, help_text: Any = "", rows: int = 4) -> forms.CharField:
    box = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=limit, required=required, help_text=help_text, widget=box)


class RatingForm(forms.Form):
    rating = forms.ChoiceField(label=_("等次"), required=False)

    def __init__(self, *args, card: Scorecard, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["rating"], [("", _("未评定")), *choices_for(card, ratings_for(card.kind))])


class InstrumentChoice(forms.ModelChoiceField):
    """An instrument by number and title."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Instrument.objects.order_by("-issued_on", "code"), empty_label=_("不选"), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return " ".join(part for part in (obj.number, obj.title) if part)


class AdjustmentForm(forms.Form):
    """What is proposed beside the lines of a card."""

    kind = forms.ChoiceField(label=_("类别"), choices=Adjustment.Kind.choices)
    points = forms.DecimalField(
        label=_("分值（分）"), max_digits=6, decimal_places=2, required=False, help_text=_("一票否决不填分值")
    )
    reason = _long(_("理由"), 300, rows=3)
    happened_on = DayField(label=_("事项日期"), required=False)
    instrument = InstrumentChoice(label=_("依据批文"), required=False)
    evidence = forms.CharField(
        label=_("佐证"), max_length=200, required=False, help_text=_("文号、通报、会议纪要等；与批文至少填一项")
    )


class RevokeForm(forms.Form):
    reason = _long(_("撤销的理由"), 300, rows=3)
    evidence = forms.CharField(label=_("佐证"), max_length=200, required=False)


class DecideAdjustmentForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("审定"), choices=[("approve", _("通过")), ("refuse", _("不通过"))], widget=forms.RadioSelect
    )
    opinion = _long(_("审定意见"), 300, required=False, help_text=_("不通过须写明理由"), rows=3)


class AdjustmentFilters(forms.Form):
    year = forms.ChoiceField(label=_("年度"), required=False)
    kind = forms.ChoiceField(label=_("类别"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["year"], [("", _("全部年度")), *((str(year), str(year)) for year in years)])
        offer(self.fields["kind"], [("", _("全部类别")), *Adjustment.Kind.choices])
        offer(self.fields["state"], [("", _("全部状态")), *Adjustment.State.choices])

    def chosen(self) -> dict[str, str]:
        """The choices that make sense; what an address got wrong is left out rather than refused."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class RaiseForm(forms.Form):
    unit = forms.ChoiceField(label=_("单位"))
    percent = forms.DecimalField(label=_("优秀比例（%）"), max_digits=5, decimal_places=2)
    instrument = InstrumentChoice(label=_("批文"))

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units)


class PublishForm(forms.Form):
    notice = _long(_("公布说明"), 2000, required=False, help_text=_("随结果公布，如公布范围、咨询电话"))


class AppealForm(forms.Form):
    text = _long(_("理由"), 4000, help_text=_("写明对等次有异议的事实和依据"), rows=6)


class DecideAppealForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("处理结果"),
        choices=[(each.value, each.label) for each in (Appeal.Outcome.UPHELD, Appeal.Outcome.CHANGED)],
        widget=forms.RadioSelect,
    )
    new_rating = forms.ChoiceField(label=_("变更后的等次"), required=False)
    decision = _long(_("决定和理由"), 4000, rows=5)

    def __init__(self, *args: Any, ratings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["new_rating"], [("", _("不变更")), *ratings])
