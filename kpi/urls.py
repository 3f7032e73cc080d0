"""Pages of assessment, collected from its packages."""

from django.urls import include, path

urlpatterns = [
    path("", include("kpi.entry.urls")),
    path("", include("kpi.promise.urls")),
    path("", include("kpi.judging.urls")),
    path("", include("kpi.city.urls")),
    path("", include("kpi.raters.urls")),
    path("", include("kpi.hooks.urls")),
]
