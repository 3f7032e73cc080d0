"""Forms of webhooks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class WebhookForm(forms.Form):
    holder = forms.TypedChoiceField(label=gettext_lazy("单位"), coerce=int)
    url = forms.URLField(
        label=gettext_lazy("地址"),
        max_length=300,
        assume_scheme="https",
        help_text=gettext_lazy("以 https:// 开头的公网地址；内部网络的地址须先由运维人员放行"),
    )

    def __init__(self, *args: Any, holders: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"] = forms.TypedChoiceField(label=_("单位"), coerce=int, choices=holders)
