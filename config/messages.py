"""Translations without the gettext programs: extract, check and compile with Babel.

The strings in the code are Chinese; ``locale/en`` is the only catalogue. It is
written so that a review shows meaning only: sorted by string, file names
without line numbers, no dates, no fuzzy guesses, no graveyard of old entries.

``python -m config.messages update|check|compile`` works without settings and
servers; ``manage.py messages`` is the same.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent
APPS = ("common", "zones", "orgchart", "staffing", "kpi", "pay", "reports", "config")
SKIPPED = {"migrations", "tests", "__pycache__"}
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = """\
# English for OneZone. The strings in the code are Chinese.
msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|(?<!%)%[sd]|\{\w*\}")

Key = tuple[str | None, str]


class MessagesError(Exception):
    """Said as one line."""


@dataclass(frozen=True)
class Tree:
    """A source tree with its one catalogue; tests have small ones of their own."""

    root: Path

    @property
    def po(self) -> Path:
        return self.root / "locale" / "en" / "LC_MESSAGES" / "django.po"

    @property
    def mo(self) -> Path:
        return self.po.with_suffix(".mo")

    def sources(self) -> Iterator[Path]:
        for top in (*APPS, "templates"):
            for path in sorted((self.root / top).rglob("*")):
                if not SKIPPED & set(path.relative_to(self.root).parts) and self._counts(path):
                    yield path

    def _counts(self, path: Path) -> bool:
        in_templates = "templates" in path.relative_to(self.root).parts
        return path.suffix == ".py" or (in_templates and path.suffix in {".html", ".txt", ".svg", ".xml"})


def _as_python(path: Path) -> str:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return source
    # What is left of a template is junk with any indentation; inside brackets indentation means nothing.
    return "(\n" + templatize(source, origin=str(path)) + "\n)"


def extracted(tree: Tree) -> Catalog:
    """All strings that the code and the templates mark for translation."""
    found = Catalog(locale="en", charset="utf-8")
    for path in tree.sources():
        name = path.relative_to(tree.root).as_posix()
        try:
            source = io.BytesIO(_as_python(path).encode())
            for _line, message, comments, context in extract("python", source, KEYWORDS, ["Translators:"]):
                found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
        except (SyntaxError, TokenError) as error:
            raise MessagesError(f"{name}: cannot be read for translation: {error}") from error
    return found


def catalogue(tree: Tree) -> Catalog:
    if not tree.po.exists():
        return Catalog(locale="en", charset="utf-8")
    with tree.po.open("rb") as file:
        return read_po(file, locale="en", ignore_obsolete=True)


def _entries(catalog: Catalog) -> dict[Key, Message]:
    return {_key(message): message for message in catalog if message.id}


def _key(message: Message) -> Key:
    return message.context, _ids(message)[0]


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id or ())


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def update(tree: Tree) -> str:
    """Merge what the code has into the catalogue; a translation stays as long as its string does."""
    code, known = _entries(extracted(tree)), _entries(catalogue(tree))
    merged = Catalog(locale="en", charset="utf-8")
    for key, message in code.items():
        old = known.get(key)
        keep = old is not None and len(_ids(old)) == len(_ids(message))
        merged.add(
            message.id,
            old.string if keep and old else None,
            locations=sorted(set(message.locations)),
            flags=message.flags | ({"fuzzy"} & old.flags if old else set()),
            auto_comments=sorted(set(message.auto_comments)),
            user_comments=old.user_comments if old else (),
            context=message.context,
        )
    body = io.BytesIO()
    write_po(body, merged, width=0, omit_header=True, sort_output=True, include_lineno=False)
    text = HEADER + body.getvalue().decode()
    if not tree.po.exists() or tree.po.read_text(encoding="utf-8") != text:
        _write(tree.po, text.encode())
    new, gone = len(code.keys() - known.keys()), len(known.keys() - code.keys())
    return f"{len(code)} strings, {new} new, {gone} gone"


def problems(tree: Tree) -> list[str]:
    """Everything that keeps English from being complete, one line each."""
    code, known = _entries(extracted(tree)), _entries(catalogue(tree))
    rows = [f"stale: {_shown(key)} is no longer in the code" for key in known.keys() - code.keys()]
    for key, message in code.items():
        translated = known.get(key)
        place = ", ".join(sorted({name for name, _line in message.locations}))
        if translated is None or not all(_strings(translated)):
            rows.append(f"missing: {_shown(key)} in {place}")
        elif len(_ids(translated)) != len(_ids(message)):
            rows.append(f"stale: {_shown(key)} became {'plural' if message.pluralizable else 'singular'}")
        elif translated.fuzzy:
            rows.append(f"fuzzy: {_shown(key)} in {place}")
        else:
            rows += [f"placeholder: {_shown(key)}: {why}" for why in _misfits(translated)]
    return sorted(rows)


def _shown(key: Key) -> str:
    return f"“{key[1]}”" + (f" ({key[0]})" if key[0] else "")


def _misfits(message: Message) -> Iterable[str]:
    """A translation uses the placeholders of its string; the singular may leave its number out."""
    wanted = sorted(PLACEHOLDER.findall(_ids(message)[-1]))
    *singular, last = (sorted(PLACEHOLDER.findall(string)) for string in _strings(message))
    if last != wanted or any(not set(one) <= set(wanted) for one in singular):
        yield f"wants {' '.join(wanted) or 'none'}, has {' '.join(last) or 'none'}"


def compile_catalogue(tree: Tree) -> str:
    """Write the .mo that Django reads when it is older than the .po."""
    if not tree.po.exists():
        return "no catalogue"
    if tree.mo.exists() and tree.mo.stat().st_mtime >= tree.po.stat().st_mtime:
        return "up to date"
    body = io.BytesIO()
    write_mo(body, catalogue(tree))
    _write(tree.mo, body.getvalue())
    return "compiled"


def _write(path: Path, content: bytes) -> None:
    """At once or not at all: another process may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        draft.write(content)
    os.chmod(draft.name, 0o644)
    os.replace(draft.name, path)


def run(action: str, tree: Tree) -> tuple[list[str], int]:
    """What to print, and the exit status."""
    if action == "check":
        found = problems(tree)
        return found or ["translations are complete"], 1 if found else 0
    return [update(tree) if action == "update" else compile_catalogue(tree)], 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="messages", description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("action", choices=["update", "check", "compile"])
    try:
        lines, status = run(parser.parse_args(arguments).action, Tree(BASE_DIR))
    except MessagesError as error:
        lines, status = [str(error)], 1
    print("\n".join(lines), file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
