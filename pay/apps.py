from importlib import import_module

from django.apps import AppConfig


class PayConfig(AppConfig):
    name = "pay"

    def ready(self) -> None:
        # A rule is known once its module is loaded, wherever a charter is read.
        import_module("pay.rules")
