"""A keyed digest of what a page showed of a row: a change that bears an older one is refused."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _


def stamp_of(row: models.Model, fields: Iterable[str]) -> str:
    """The digest of these fields of the row as it stands; not reversible, so it may stand in a page."""
    seen = "\x1f".join(str(getattr(row, field) or "") for field in fields)
    return hmac.new(settings.SECRET_KEY.encode(), seen.encode(), hashlib.sha256).hexdigest()[:32]


def refuse_stale(now: str, seen: str) -> None:
    """Raise ValidationError, with code ``stale``, when somebody changed the row since it was shown."""
    if not hmac.compare_digest(now, seen):
        raise ValidationError(_("资料刚被他人修改，请核对最新内容后再保存"), code="stale")
