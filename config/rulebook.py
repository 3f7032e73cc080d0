"""The catalogue of rules as a document: ``docs/rules.md`` is written from the rules' own classes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import translation

from common.rules import Parameter, Rule

HEAD = """\
# The rules

Written by `manage.py rules_doc` from the rules' classes; change those, not this file. A *hard* measure is refused at
COMMIT on every path, a *warning* is reported. Parameters are what a charter may state; the value here is the source's
own, never a default: what a charter does not state is not adopted. Only what was read in a document is cited.
"""
BASES = {"memory": "recalled, not cited", "plausible": "a convention of this project, not cited"}


def path() -> Path:
    return Path(settings.BASE_DIR) / "docs" / "rules.md"


def text() -> str:
    """The whole document, the same on every machine."""
    with translation.override("zh-hans"):
        return "\n".join([HEAD, *(line for _id, rule in sorted(Rule.registry.items()) for line in _section(rule))])


def _section(rule: type[Rule]) -> Iterator[str]:
    yield f"## {rule.id} {rule.title}"
    yield ""
    yield f"> {rule.requirement}"
    yield ""
    article = f" {rule.article}" if rule.article.strip("-") else ""
    yield f"Basis: {f'{rule.source}{article}' if rule.basis == 'stored' else BASES[rule.basis]}."
    yield ""
    if rule.finders:
        yield "| measure | severity | what is said |"
        yield "|---|---|---|"
        for measure in rule.finders:
            severity = "warning" if measure in rule.warnings else rule.severity
            yield f"| `{measure}` | {severity} | {str(rule.sentences[measure]).replace('%%', '%')} |"
        yield ""
    if rule.parameters:
        yield "| parameter | means | the source's value |"
        yield "|---|---|---|"
        for name, parameter in rule.parameters.items():
            yield f"| `{name}` | {parameter.label} | {_value(parameter)} |"
        yield ""


def _value(parameter: Parameter) -> str:
    return f"{parameter.shown(parameter.example)} {parameter.unit}".strip()
