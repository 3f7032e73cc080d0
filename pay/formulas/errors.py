"""What keeps an amount from being computed. Pure."""

from __future__ import annotations


class PayError(ValueError):
    """What keeps an amount from being computed."""


class BadParameter(PayError):
    """A parameter of the scheme is not usable; ``field`` names it, ``reason`` is a key."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class BadInput(PayError):
    """An input is there but cannot be right; ``key`` names it, ``reason`` is a key."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


class MissingInput(PayError):
    """Inputs that the formula needs and nobody gave; ``keys`` names them all."""

    def __init__(self, *keys: str) -> None:
        super().__init__(", ".join(keys))
        self.keys = keys


class UndefinedGrowth(PayError):
    """The base year is zero or negative, so ``key`` has no growth (edge case "zero/negative base year")."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
