"""``manage.py messages update|check|compile``: see ``config/messages.py``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.messages import BASE_DIR, MessagesError, Tree, run


class Command(BaseCommand):
    help = "Extract, check or compile the English translations."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["update", "check", "compile"])

    def handle(self, *, action: str, **_options: Any) -> None:
        try:
            lines, status = run(action, Tree(BASE_DIR))
        except MessagesError as error:
            raise CommandError(str(error)) from error
        if status:
            raise CommandError("\n".join(lines), returncode=status)
        self.stdout.write("\n".join(lines))
