"""What both servers need: where a wheel lies, and what a log said last."""

from __future__ import annotations

import importlib.util
from pathlib import Path


class ServerError(Exception):
    """Said to the person at the keyboard as one line."""


def wheel(module: str, setting: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"{setting} is not set and the wheel {module.replace('_', '-')} is not installed")
    return Path(spec.submodule_search_locations[0])


def last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "no log")
