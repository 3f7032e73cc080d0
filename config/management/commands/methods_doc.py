"""``manage.py methods_doc``: write ``docs/methods.md`` from the functions that score."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import methodbook


class Command(BaseCommand):
    help = "Write docs/methods.md from the functions that score."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when it is not current")

    def handle(self, *, check: bool, **_options: Any) -> None:
        current = methodbook.text()
        if check:
            if methodbook.path().read_text(encoding="utf-8") != current:
                raise CommandError("docs/methods.md is not current: run manage.py methods_doc")
            return
        methodbook.path().write_text(current, encoding="utf-8")
        self.stdout.write(f"{methodbook.path().name}: {current.count(chr(10))} lines")
