"""Forms of a run's life, of payouts, terms and accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.actors import Actor
from common.forms import DayField
from orgchart.law_forms import WithDocument, documents_of
from zones.models import Instrument
from zones.services import record_instrument


def papers(unit_ids) -> QuerySet[Instrument]:
    """The documents that a run or a term of these units may rest on, the latest first."""
    own = Instrument.objects.filter(
        Q(pk__in=documents_of(unit_ids).order_by().values("pk"))
        | Q(scheme__zone__in=unit_ids)
        | Q(runs__unit__in=unit_ids)
        | Q(termresult__unit__in=unit_ids)
    )
    return own.distinct().order_by("-issued_on", "code")


class PaperForm(WithDocument):
    """A document on file, or a new one: what closes a run or a term."""

    starts = None  # type: ignore[assignment]  # a run is of its year: the document sets no day

    def paper(self, by: Actor) -> Instrument:
        """The document chosen, or the new one put on file."""
        new = self.new_document
        return record_instrument(by=by, **new) if new else self.cleaned_data["instrument"]


class SeenForm(forms.Form):
    """Bears what the page showed: a run that moved since is not signed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class SendBackForm(SeenForm):
    reason = forms.CharField(label=gettext_lazy("退回理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ApproveForm(PaperForm, SeenForm):
    """The instrument that closes a run (PAY-04)."""


class TermForm(PaperForm):
    """How a term of office was judged."""

    field_order = ["first_year", "last_year", "qualified", "ratio", "cap"]

    first_year = forms.IntegerField(label=gettext_lazy("任期首年"), min_value=1978, max_value=2200)
    last_year = forms.IntegerField(label=gettext_lazy("任期末年"), min_value=1978, max_value=2200)
    qualified = forms.TypedChoiceField(
        label=gettext_lazy("任期考核结果"),
        choices=[("1", gettext_lazy("合格")), ("0", gettext_lazy("不合格"))],
        coerce=lambda value: value == "1",
    )
    ratio = forms.DecimalField(
        label=gettext_lazy("递延兑现比例（%）"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=100,
        help_text=gettext_lazy("合格一般为 100，不合格为 0；批文另有规定的从其规定。"),
    )
    cap = forms.DecimalField(
        label=gettext_lazy("任期激励上限（%）"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy(
            "批文规定递延兑现不得超过任期绩效的一定比例时填写；留空的，按机构编制规定载明的上限（PAY-08）。"
        ),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in ("ratio", "cap"):
            if data.get(name) is not None:
                data[name] = data[name] / Decimal(100)
        return data


class AccountForm(forms.Form):
    """Where somebody's pay goes from a day on."""

    bank = forms.CharField(label=gettext_lazy("开户行"), max_length=100)
    number = forms.CharField(
        label=gettext_lazy("账号"),
        max_length=60,
        help_text=gettext_lazy("只写数字，可带空格。银行卡号校验位不符时会提醒，不会拒绝。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    holder = forms.CharField(
        label=gettext_lazy("户名"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("与姓名相同的留空；姓名含银行系统不能识别的字时，填写银行登记的户名。"),
    )
    starts = DayField(label=gettext_lazy("启用日期"))


class ReleaseForm(forms.Form):
    leave_out = forms.BooleanField(required=False)


def part_of(text: str, parts: type) -> str:
    """A payout's part as posted; raises ValidationError for what is none."""
    if text not in parts.values:  # type: ignore[attr-defined]
        raise ValidationError(_("没有这种发放"))
    return text
