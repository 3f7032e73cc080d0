from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The site itself: settings, urls, navigation, and the commands that run it."""

    name = "config"
    verbose_name = "OneZone"
