"""Pages of the structure alone, and of its law."""

from django.urls import path

from orgchart import duty_views, import_views, law_views

urlpatterns = [
    path("structure/<slug:code>/export/", import_views.structure_export, name="structure_export"),
    path("structure/import/", import_views.upload, name="structure_import"),
    path("structure/import/<str:token>/", import_views.check, name="structure_import_check"),
    path("structure/import/<str:token>/errors/", import_views.errors, name="structure_import_errors"),
    path("charter/<slug:code>/", law_views.charter_page, name="charter"),
    path("charter/<slug:code>/new/", law_views.charter_new, name="charter_new"),
    path("charter/<slug:code>/exceptions/new/", law_views.exception_new, name="exception_new"),
    path("charter/<slug:code>/exceptions/<int:pk>/end/", law_views.exception_end, name="exception_end"),
    path("duties/<slug:code>/", duty_views.duties, name="duties"),
    path("duties/<slug:code>/lists/", duty_views.duty_lists, name="duty_lists"),
    path("duties/<slug:code>/move/", duty_views.duty_move, name="duty_move"),
]
