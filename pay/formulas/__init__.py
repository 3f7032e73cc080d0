"""The reference of the money, first half: a unit's pool (绩效总额). Pure and exact.

One file a family: F01 and F02 (``reference``), F03 (``linked``), F06
(``increment``), F13 (``composite``); ``pools`` puts them together. How a pool is
shared out is in ``pay/sharing.py``, what of it is paid when (F05) in ``pay/parts.py``.
"""

from pay.formulas.composite import CompositeParameters
from pay.formulas.errors import BadInput, BadParameter, MissingInput, PayError, UndefinedGrowth
from pay.formulas.increment import IncrementParameters
from pay.formulas.linked import LinkedParameters
from pay.formulas.pools import LIMIT, METHODS, TERM, PoolScheme, Rule, pool_of_unit
from pay.formulas.reference import ReferenceCapParameters, ReferenceParameters
from pay.formulas.shared import INPUT_NAMES, Inputs, Parameters, Pool, growth, input_value, term

__all__ = [
    "INPUT_NAMES",
    "LIMIT",
    "METHODS",
    "TERM",
    "BadInput",
    "BadParameter",
    "CompositeParameters",
    "IncrementParameters",
    "Inputs",
    "LinkedParameters",
    "MissingInput",
    "Parameters",
    "PayError",
    "Pool",
    "PoolScheme",
    "ReferenceCapParameters",
    "ReferenceParameters",
    "Rule",
    "UndefinedGrowth",
    "growth",
    "input_value",
    "pool_of_unit",
    "term",
]
