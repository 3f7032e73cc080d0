"""Leaving an audit entry: called by services, inside their transaction (design 12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models, transaction

from common.actors import Actor
from common.fields import EncryptedTextField, digest
from common.models import AuditEntry

_gathering: ContextVar[list[AuditEntry] | None] = ContextVar("gathering", default=None)


@contextmanager
def gathered() -> Iterator[list[AuditEntry]]:
    """Within it, ``record`` keeps its entries back; they are written together at the end.

    For one deed that calls many services: an entry that is written takes the
    chain of seals for the rest of the transaction as soon as rules are checked
    (``hold_rules``), and everybody else's COMMIT would wait that long. A deed that
    comes to nothing clears the list.
    """
    kept: list[AuditEntry] = []
    token = _gathering.set(kept)
    try:
        yield kept
    finally:
        _gathering.reset(token)
    record_many(kept)


def facts(row: models.Model) -> dict[str, Any]:
    """A row's own columns, for ``before`` and ``after``; what identifies a person or opens his account stays out.

    A model names in ``identifying`` what identifies besides its encrypted fields.
    In their place stands a short keyed digest: that a value changed is said, the value is not.
    """
    out = {}
    named = getattr(row, "identifying", ())
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(field, EncryptedTextField) or field.name in named or field.name.endswith(("_digest", "password")):
            out[field.name] = f"*** {digest(str(value))[:8]}" if value else ""
        else:
            out[field.name] = value
    return out


def entry(
    verb: str,
    row: models.Model,
    *,
    by: Actor,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """An unsaved entry; ``record`` saves one, ``record_many`` a batch."""
    if after is None and before is None:
        after = facts(row)
    if before is not None and after is not None:
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        before = {key: value for key, value in before.items() if key in changed}
        after = {key: value for key, value in after.items() if key in changed}
    return AuditEntry(
        user=by.user if by.user and by.user.pk else None,
        door=by.door,
        address=by.address[:100],
        verb=verb,
        noun=row._meta.label_lower,
        key=str(row.pk),
        label=str(row)[:200],
        before=before,
        after=after,
        reason=reason,
    )


def record(verb: str, row: models.Model, **kwargs: Any) -> AuditEntry:
    """Record one deed; raises when called outside the transaction of the deed."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an audit entry belongs in the transaction of its deed")
    saved = entry(verb, row, **kwargs)
    kept = _gathering.get()
    if kept is None:
        saved.save(force_insert=True)
    else:
        kept.append(saved)
    return saved


def record_many(entries: Iterable[AuditEntry]) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an audit entry belongs in the transaction of its deed")
    AuditEntry.objects.bulk_create(entries, batch_size=1000)
