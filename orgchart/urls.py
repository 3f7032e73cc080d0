"""Pages of the structure alone."""

from django.urls import path

from orgchart import import_views

urlpatterns = [
    path("structure/<slug:code>/export/", import_views.structure_export, name="structure_export"),
    path("structure/import/", import_views.upload, name="structure_import"),
    path("structure/import/<str:token>/", import_views.check, name="structure_import_check"),
    path("structure/import/<str:token>/errors/", import_views.errors, name="structure_import_errors"),
]
