"""What PostgreSQL refuses, said to people: constraint and trigger errors as a rule and a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from common.rules import Refusal, read_refusal


@dataclass(frozen=True)
class BrokenRule:
    """The rule or constraint by name, what it says, and who offends.

    ``refusal`` has the breach as data where a rule of the catalogue was broken.
    """

    rule: str
    message: str
    detail: str = ""
    refusal: Refusal | None = None

    @property
    def text(self) -> str:
        """All of it in one line."""
        return f"{self.message}{self.detail and '：' + self.detail}"


def _constraint_messages() -> dict[str, str]:
    """What each declared constraint says to a person, by its name."""
    return {
        constraint.name: str(constraint.violation_error_message)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message
        and constraint.violation_error_message != constraint.default_violation_error_message
    }


def broken_rule(error: IntegrityError) -> BrokenRule | None:
    """What an IntegrityError was about; None when the database does not say.

    A trigger of ours raises with the rule's id as the constraint's name and a
    sentence as its message; the hold of a zone's rules adds the facts, of which
    the reader's sentence is made. A declared constraint has its sentence in the model.
    PostgreSQL's own detail of the latter repeats the row, which may hold what
    identifies a person, and is left out.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None:
        return None
    name = diagnosis.constraint_name or ""
    if sentence := _constraint_messages().get(name):
        return BrokenRule(rule=name, message=sentence)
    if refusal := read_refusal(name, diagnosis.message_detail or ""):
        return BrokenRule(name, refusal.sentence, refusal=refusal)
    return BrokenRule(name, diagnosis.message_primary or str(error), diagnosis.message_detail or "")


_together: ContextVar[bool] = ContextVar("together", default=False)


@contextmanager
def judged_together() -> Iterator[None]:
    """Within it, ``hold_rules`` asks for no verdict: many verbs are one deed, judged by whoever opened it.

    Between the verbs of a merger a rule may well be broken; what counts is how
    it ends. Whatever is not judged afterwards still is at COMMIT.
    """
    token = _together.set(True)
    try:
        yield
    finally:
        _together.reset(token)


class hold_rules(transaction.Atomic):
    """An atomic block at whose end every deferred rule is checked, and said as a ValidationError.

    Used around services' writes where the caller wants the refusal now, with
    its sentence, instead of an IntegrityError at COMMIT.
    """

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, exc_type, exc_value, traceback):
        try:
            if exc_type is None and not _together.get():
                with transaction.get_connection().cursor() as cursor:
                    cursor.execute("set constraints all immediate; set constraints all deferred")
        except IntegrityError as error:
            super().__exit__(type(error), error, error.__traceback__)
            raise self._said(error) from error
        super().__exit__(exc_type, exc_value, traceback)
        if isinstance(exc_value, IntegrityError):
            raise self._said(exc_value) from exc_value

    @staticmethod
    def _said(error: IntegrityError) -> Exception:
        broken = broken_rule(error)
        if broken is None:
            return error
        return ValidationError(broken.text, code=broken.rule or "constraint")
