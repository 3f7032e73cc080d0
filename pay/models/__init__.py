"""Money: schemes, runs, what they gave to bureaus and people, and what was paid. In yuan, to the fen."""

from pay.models.payouts import BankAccount, Payout, PayoutLine, TermResult
from pay.models.runs import Allocation, BureauShare, Run
from pay.models.scenarios import Scenario
from pay.models.schemes import PoolRule, Scheme

__all__ = [
    "Allocation",
    "BankAccount",
    "BureauShare",
    "Payout",
    "PayoutLine",
    "PoolRule",
    "Run",
    "Scenario",
    "Scheme",
    "TermResult",
]
