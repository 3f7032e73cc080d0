"""What waits for whoever keeps the structure: handovers that are late, and those to sign."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Access
from common.due import Due
from orgchart.models import DutyTransfer, Side, TransferSignature


def due(access: Access, on: dt.date) -> list[Due]:
    """Handovers past their deadline for those who keep them; those that wait for this visitor's side to sign."""
    found, address = [], reverse("transfers")
    if access.can("change", "transfer"):
        kept = access.scope(DutyTransfer.objects.on(on), "change")
        states = list(kept.values_list("state_then", "late"))
        over = (DutyTransfer.State.DONE, DutyTransfer.State.WITHDRAWN)
        running = sum(state not in over for state, _late in states)
        late = sum(late for _state, late in states)
        if states:
            title = _("逾期未完成的职责移交")
            found.append(Due(title, late, running, f"{address}?state=late", _("督办移交"), urgent=late > 0))
    if access.can("sign", "transfer"):
        waiting = to_sign(access, on).count()
        if waiting:
            found.append(Due(_("待签字的职责移交"), waiting, None, f"{address}?state=to_sign", _("核对并签字")))
    return found


def to_sign(access: Access, on: dt.date):
    """The running handovers that wait for this visitor: a side in his reach is unsigned, and he signed neither."""
    units = access.units("sign", "transfer")
    by_side = {
        side: Exists(TransferSignature.objects.filter(transfer=OuterRef("pk"), side=side)) for side in Side.values
    }
    own = Exists(TransferSignature.objects.filter(transfer=OuterRef("pk"), signer=access.user))
    waits = Q(from_unit__in=units) & ~Q(by_side[Side.GIVER]) | Q(to_unit__in=units) & ~Q(by_side[Side.TAKER])
    running = DutyTransfer.objects.on(on).filter(state_then=DutyTransfer.State.HANDING, disputed=False)
    return access.scope(running.filter(waits).exclude(own), "view")
