"""The form by which a duty gets another bearer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.access import Access
from common.forms import DayField
from orgchart.ledger import areas_of
from orgchart.models import Bureau, BureauVersion, Duty
from zones.models import Instrument, Unit, UnitVersion


class InstrumentChoice(forms.ModelChoiceField):
    """A document on file, the latest first."""

    def __init__(self, **kwargs: Any) -> None:
        documents = Instrument.objects.order_by("-issued_on", "code")
        super().__init__(documents, to_field_name="code", empty_label=None, **kwargs)

    def label_from_instance(self, instrument) -> str:
        return " · ".join(part for part in (instrument.number, instrument.title) if part)


class MoveDutyForm(forms.Form):
    """Which duty, in which area, to whom, from which day on, by which document."""

    duty = forms.ModelChoiceField(Duty.objects.all(), label=_("职责"), to_field_name="code", empty_label=None)
    area = forms.ChoiceField(label=_("区域"))
    bearer = forms.ChoiceField(label=_("改由谁承担"), help_text=_("一个职能机构，或属地镇整体。"))
    starts = DayField(label=_("生效日期"), help_text=_("原承担者承担到前一日；此后已定的变动不受影响。"))
    instrument = InstrumentChoice(label=_("依据"))
    note = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, *args: Any, zone: Unit, day: dt.date, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = {area.unit.code: area for area in areas_of(zone, day, access)}
        self.fields["area"].choices = [(code, area.shown_short_name) for code, area in self.areas.items()]
        bureaus = BureauVersion.objects.of_zone(zone.pk, day).select_related("bureau", "unit")
        units = {area.unit_id: area.shown_short_name for area in self.areas.values()}
        groups: dict[str, list[tuple[str, str]]] = {}
        for each in bureaus:
            if each.unit_id in units:
                groups.setdefault(units[each.unit_id], []).append((f"bureau:{each.bureau.code}", each.shown_name))
        city = UnitVersion.objects.on(day).filter(unit=zone).values("parent")
        towns = UnitVersion.objects.on(day).filter(parent__in=city, unit__kind=Unit.Kind.TOWN).select_related("unit")
        named = [(f"unit:{each.unit.code}", each.shown_short_name) for each in towns.order_by("unit__sequence")]
        self.fields["bearer"].choices = [(str(_("属地镇")), named), *groups.items()]

    def clean_area(self) -> Unit:
        return self.areas[self.cleaned_data["area"]].unit

    def clean_bearer(self) -> dict[str, Any]:
        kind, _colon, code = self.cleaned_data["bearer"].partition(":")
        if kind == "unit":
            return {"to_unit": Unit.objects.get(code=code)}
        return {"to_bureau": Bureau.objects.get(code=code)}
