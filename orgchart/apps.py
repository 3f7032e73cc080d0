from importlib import import_module

from django.apps import AppConfig


class OrgchartConfig(AppConfig):
    name = "orgchart"

    def ready(self) -> None:
        # A rule is known once its module is loaded, wherever violations are asked for.
        import_module("orgchart.rules")
