"""A person's amounts over the years: what was set, what of it is paid now or later, and what has been paid."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pay.models import Allocation, PayoutLine, Run
from pay.parts import current_parts
from staffing.models import Person

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Year:
    """One run's amounts for a person, in yuan; ``current`` and ``deferred`` sum to ``amount``.

    Somebody who moved has a row in each bureau. ``paid`` is what was released to
    him of this run and those that it corrects; ``waiting`` what is drafted.
    """

    run: Run
    rows: tuple[Allocation, ...]
    current: Decimal
    paid: Decimal
    lines: tuple[PayoutLine, ...]

    @property
    def amount(self) -> Decimal:
        return sum((row.amount for row in self.rows), NOTHING)

    @property
    def deferred(self) -> Decimal:
        return self.amount - self.current

    @property
    def difference(self) -> Decimal | None:
        found = [row.difference for row in self.rows if row.difference is not None]
        return sum(found, NOTHING) if found else None

    @property
    def held(self) -> bool:
        return any(row.held for row in self.rows)

    @property
    def approved(self) -> bool:
        return self.run.state == Run.State.APPROVED


def years_of(person: Person | int) -> list[Year]:
    """The person's standing amounts, newest year first. Four queries, however many years there are."""
    own = Allocation.objects.filter(person=person, run__in=Run.objects.standing())
    own = own.select_related("person", "run__scheme", "run__unit", "share__bureau").defer("run__inputs", "run__trace")
    rows: dict[int, list[Allocation]] = {}
    for row in own.order_by("-run__year", "-run_id", "share__sequence"):
        rows.setdefault(row.run_id, []).append(row)
    parts = _current_parts(list(rows))
    lines = _lines(person)
    return [_year(of[0].run, of, parts, lines) for of in rows.values()]


def _year(run: Run, of: list[Allocation], parts: dict[int, Decimal], lines: list[PayoutLine]) -> Year:
    paid = tuple(line for line in lines if (line.payout.run.unit_id, line.payout.run.year) == (run.unit_id, run.year))
    whole = sum((line.amount for line in paid if line.payout.released_at and not line.held), NOTHING)
    return Year(run, tuple(of), sum((parts[row.pk] for row in of), NOTHING), whole, paid)


def _current_parts(runs: list[int]) -> dict[int, Decimal]:
    """What is paid now of each allocation of the runs (F05), rounded over the whole run as its payout is."""
    found: dict[int, Decimal] = {}
    amounts: dict[int, list[tuple[int, Decimal]]] = {}
    ratios: dict[int, Decimal] = {}
    rows = Allocation.objects.filter(run__in=runs).order_by("run", "share__sequence", "sequence")
    for pk, run, amount, ratio in rows.values_list("pk", "run", "amount", "run__scheme__current_ratio"):
        amounts.setdefault(run, []).append((pk, amount))
        ratios[run] = ratio
    for run, of in amounts.items():
        current = current_parts([amount for _pk, amount in of], ratios[run])
        found |= {pk: part for (pk, _amount), part in zip(of, current, strict=True)}
    return found


def _lines(person: Person | int) -> list[PayoutLine]:
    rows = (
        PayoutLine.objects.filter(person=person)
        .select_related("payout__run")
        .defer("payout__run__inputs", "payout__run__trace")
    )
    return list(rows.order_by("payout__drafted_at", "pk"))
