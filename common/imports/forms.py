"""The form that takes a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.sheets import MAX_BYTES


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("文件"),
        help_text=gettext_lazy("XLSX 或 CSV（UTF-8、GBK），不超过 10 MB；先预检，不会直接写入"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def clean_file(self) -> Any:
        found = self.cleaned_data["file"]
        if found.size > MAX_BYTES:
            raise ValidationError(_("文件超过 %(n)s MB，请分批导入") % {"n": MAX_BYTES // 1024 // 1024})
        return found
