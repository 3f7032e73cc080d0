"""``manage.py create_personas``: see ``config/personas.py``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.actors import Actor
from config import personas


class Command(BaseCommand):
    help = "Make a user for each role, with random passwords kept in VAR_DIR/personas.json."

    def handle(self, **_options: Any) -> None:
        try:
            made = personas.create(by=Actor.command("create_personas"))
        except (personas.NoZone, personas.NotOurs) as error:
            raise CommandError(str(error)) from error
        for username, persona in made.items():
            self.stdout.write(f"{username:<10} {persona['role_zh']}  {persona['name']}")
