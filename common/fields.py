"""Fields that identify a person: encrypted at rest, found by a keyed digest (design 13)."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.lookups import Exact

UNSEARCHABLE = "an encrypted field cannot be searched; use its digest"


@lru_cache(maxsize=1)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is empty: personal fields cannot be encrypted")
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    return _cipher(tuple(settings.FIELD_KEYS))


def digest(value: str) -> str:
    """A keyed digest for exact-match search and uniqueness; not reversible without the key.

    Keyed by the *last* key, so that rotating in a new first key does not lose
    what is already indexed.
    """
    key = settings.FIELD_KEYS[-1].encode()
    return hmac.new(key, value.strip().upper().encode(), hashlib.sha256).hexdigest() if value else ""


class EncryptedTextField(models.TextField):
    """Text that reaches the database only as a Fernet token; it cannot be searched or ordered."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value, expression, connection):
        if not value:
            return value
        try:
            return cipher().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured("a personal field cannot be read with the keys in FIELD_KEYS") from error

    def get_lookup(self, lookup_name):
        if lookup_name == "exact":
            return _ExactlyNothing
        if lookup_name != "isnull":
            raise TypeError(UNSEARCHABLE)
        return super().get_lookup(lookup_name)


class _ExactlyNothing(Exact):
    """``field=""`` asks for what is empty; any other text would be encrypted afresh and never match."""

    def __init__(self, lhs, rhs):
        if rhs != "":
            raise TypeError(UNSEARCHABLE)
        super().__init__(lhs, rhs)
