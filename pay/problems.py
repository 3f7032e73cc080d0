"""What keeps a run from being computed, and what a checker must see, said to people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A sentence to people; ``code`` is for programs."""

    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


class CannotCompute(Exception):
    """A run lacks inputs; ``problems`` names every one of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
