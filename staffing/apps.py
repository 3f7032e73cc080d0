from importlib import import_module

from django.apps import AppConfig


class StaffingConfig(AppConfig):
    name = "staffing"

    def ready(self) -> None:
        # A rule is known once its module is loaded, wherever violations are asked for.
        import_module("staffing.rules")
