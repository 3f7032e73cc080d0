"""``manage.py rules_doc``: write ``docs/rules.md`` from the rules' classes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import rulebook


class Command(BaseCommand):
    help = "Write docs/rules.md from the rules' classes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when it is not current")

    def handle(self, *, check: bool, **_options: Any) -> None:
        current = rulebook.text()
        if check:
            if rulebook.path().read_text(encoding="utf-8") != current:
                raise CommandError("docs/rules.md is not current: run manage.py rules_doc")
            return
        rulebook.path().write_text(current, encoding="utf-8")
        self.stdout.write(f"{rulebook.path().name}: {current.count(chr(10))} lines")
