"""The rules of the territory."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.rules import Rule


class POS01(Rule):
    """同一城市各功能园区的产业主攻方向应错位，避免同质化竞争"""

    id = "POS-01"
    title = _("产业定位错位")
    source = "设计约定"
    basis = "plausible"
    severity = "warning"
    finders = {"overlap": "zones_pos_01"}
    sentences = {"overlap": _("与%(other)s的产业定位重叠：%(industries)s")}
