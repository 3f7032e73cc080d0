from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from common.workdays import keep_calendar

        post_migrate.connect(keep_calendar, sender=self)
