"""Every report that can be downloaded, by its kind: one module each, found here and nowhere else.

A module of a report has ``KIND`` (the word in its address), ``FORMATS`` (what it
is drawn as), and ``fetch``, which finds what the address points at, asks the gate,
and returns the document with the unit it is of.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from common.access import Access
from reports import (
    allocation_plan,
    application_form,
    assessment_form,
    assessment_roster,
    bank_file,
    city_book,
    city_letters,
    city_ranking,
    city_table,
    correction,
    differentiation,
    duty_transfer,
    kpi_letter,
    kpi_letters,
    panel_results,
    pay_slip,
    payout_list,
    pool_determination,
    post_description,
    post_plan,
    responsibility_lists,
    scheme_version,
    selection_notice,
    three_fixes,
)
from reports.tables import Document
from zones.models import Unit


class Kind(Protocol):
    """A module of a report."""

    KIND: str
    FORMATS: tuple[str, ...]

    # A module whose files may be large has ``HEAVY`` and ``heaviness`` besides (reports/building.py).

    def fetch(self, access: Access, key: str, on: dt.date) -> tuple[Document, Unit]:
        """The document of ``key`` as of a day. Raises Http404 for what this visitor may not have."""
        ...


MODULES: tuple[Kind, ...] = (  # type: ignore[assignment]
    allocation_plan,
    application_form,
    assessment_form,
    assessment_roster,
    pool_determination,
    scheme_version,
    correction,
    payout_list,
    bank_file,
    pay_slip,
    differentiation,
    post_description,
    post_plan,
    selection_notice,
    three_fixes,
    responsibility_lists,
    duty_transfer,
    kpi_letter,
    kpi_letters,
    panel_results,
    city_ranking,
    city_table,
    city_book,
    city_letters,
)
CATALOGUE: dict[str, Kind] = {module.KIND: module for module in MODULES}
