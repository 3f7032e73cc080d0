"""Reading the files a zone is loaded from: YAML for structure, CSV (UTF-8) for many rows alike.

Columns are declared, cells are typed, and every error names file and line. A
YAML number with a point stays text until it is a Decimal: nothing here is ever
a float. Imports nothing of Django.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml


class LoadError(Exception):
    """Something in a file that cannot be taken; says where it stands."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")


class Row:
    """One row of a file, ``place`` being its file and line; a cell left out or empty is ``default``."""

    def __init__(self, cells: Mapping[str, Any], place: str) -> None:
        self.cells = cells
        self.place = place

    def error(self, message: str, field: str = "") -> LoadError:
        return LoadError(self.place, f"{field}: {message}" if field else message)

    def check(self, needs: str, may: str = "") -> Row:
        """Refuse a column that nobody declared, and a needed one that is empty."""
        if unknown := self.cells.keys() - set(needs.split()) - set(may.split()):
            raise self.error(f"unknown key {', '.join(sorted(map(str, unknown)))}")
        for field in needs.split():
            if self.cells.get(field) in (None, ""):
                raise self.error("is missing", field)
        return self

    def text(self, field: str, default: str = "") -> str:
        value = self.cells.get(field)
        if isinstance(value, list | dict | bool):
            raise self.error("must be text", field)
        return default if value is None or value == "" else str(value).strip()

    def day(self, field: str) -> dt.date:
        if (day := self.maybe_day(field)) is None:
            raise self.error("is missing", field)
        return day

    def maybe_day(self, field: str) -> dt.date | None:
        value = self.cells.get(field)
        if value is None or value == "":
            return None
        if type(value) is dt.date:
            return value
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            raise self.error(f"“{value}” is no day like 2020-09-01", field) from None

    def whole(self, field: str, default: int = 0) -> int:
        value = self.text(field)
        if not value:
            return default
        if not value.isascii() or not value.isdigit():
            raise self.error(f"“{value}” is no whole number", field)
        return int(value)

    def number(self, field: str) -> Decimal:
        if (number := self.maybe_number(field)) is None:
            raise self.error("is missing", field)
        return number

    def maybe_number(self, field: str) -> Decimal | None:
        value = self.text(field)
        try:
            number = Decimal(value) if value else None
        except InvalidOperation:
            raise self.error(f"“{value}” is no number", field) from None
        if number is not None and not number.is_finite():
            raise self.error(f"“{value}” is no number", field)
        return number

    def flag(self, field: str) -> bool:
        value = self.cells.get(field)
        known = {None: False, "": False, "0": False, False: False, "1": True, True: True}
        if isinstance(value, list | dict) or value not in known:
            raise self.error(f"“{value}” is neither true (1) nor false (empty)", field)
        return known[value]

    def names(self, field: str) -> list[str]:
        value = self.cells.get(field)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error("must be a list of codes", field)
        return value

    def mapping(self, field: str) -> dict[str, Any]:
        value = self.cells.get(field) or {}
        if not isinstance(value, dict):
            raise self.error("must be names with values", field)
        return {str(key): each for key, each in value.items() if key != LINE}

    def rows(self, field: str, needs: str, may: str = "") -> list[Row]:
        """The rows nested under this one."""
        value = self.cells.get(field)
        return list(_rows(value, self.place.partition(",")[0], field, needs, may))


class Folder:
    """A folder of such files."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise LoadError(str(path), "no such folder")
        self.path = path
        self._read: dict[str, dict[str, Any]] = {}

    def section(self, name: str, title: str, needs: str, may: str = "") -> list[Row]:
        """The rows of one section of a YAML file; a file holds only sections that somebody reads."""
        return list(_rows(self._yaml(name).get(title), name, title, needs, may))

    def sections(self, name: str, *titles: str) -> None:
        """Refuse a YAML file with other sections than these."""
        if unknown := self._yaml(name).keys() - {LINE, *titles}:
            raise LoadError(name, f"unknown section {', '.join(sorted(map(str, unknown)))}")

    def csv(self, name: str, needs: str, may: str = "") -> Iterator[Row]:
        """The rows of a CSV file whose header names the columns."""
        reader = csv.reader(self._text(name).splitlines(), strict=True)
        header = next(reader, [])
        if len(set(header)) < len(header):
            raise LoadError(f"{name}, line 1", "a column is named twice")
        try:
            for cells in reader:
                place = f"{name}, line {reader.line_num}"
                if len(cells) != len(header):
                    raise LoadError(place, f"{len(cells)} cells under {len(header)} headings")
                yield Row(dict(zip(header, cells, strict=True)), place).check(needs, may)
        except csv.Error as error:
            raise LoadError(f"{name}, line {reader.line_num}", str(error)) from error

    def _text(self, name: str) -> str:
        try:
            return (self.path / name).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise LoadError(name, f"is missing from {self.path}") from None
        except UnicodeDecodeError:
            raise LoadError(name, "is not UTF-8") from None

    def _yaml(self, name: str) -> dict[str, Any]:
        if name not in self._read:
            try:
                found = yaml.load(self._text(name), _Loader)  # noqa: S506 - a SafeLoader, below
            except yaml.MarkedYAMLError as error:
                line = error.problem_mark.line + 1 if error.problem_mark else 1
                raise LoadError(f"{name}, line {line}", error.problem or "is no YAML") from error
            if not isinstance(found, dict):
                raise LoadError(name, "holds no sections")
            self._read[name] = found
        return self._read[name]


def _rows(value: Any, file: str, title: str, needs: str, may: str) -> Iterable[Row]:
    if value is None:
        raise LoadError(file, f"{title} is missing")
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise LoadError(file, f"{title} must be a list of rows")
    for each in value:
        cells = {key: cell for key, cell in each.items() if key != LINE}
        yield Row(cells, f"{file}, line {each[LINE]}").check(needs, may)


#: Under which a mapping keeps the line it stands on.
LINE = "__line__"


class _Loader(yaml.SafeLoader):
    """Safe YAML that knows its lines, refuses a key given twice, and leaves 0.6 as text."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:float"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for marked, _ in node.value:
            key = self.construct_object(marked)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key} is given twice", marked.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep) | {LINE: node.start_mark.line + 1}
