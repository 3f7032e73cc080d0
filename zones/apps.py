from importlib import import_module

from django.apps import AppConfig


class ZonesConfig(AppConfig):
    name = "zones"

    def ready(self) -> None:
        # A rule is known once its module is loaded, wherever violations are asked for.
        import_module("zones.rules")
