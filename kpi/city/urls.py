from django.urls import path

from kpi.city import grade_views, import_views, views, year_views

urlpatterns = [
    path("city/", views.assessment, name="city_assessment"),
    path("city/import/", import_views.UPLOAD, name="city_import"),
    path("city/import/<str:token>/", import_views.CHECK, name="city_import_check"),
    path("city/import/<str:token>/errors/", import_views.ERRORS, name="city_import_errors"),
    path("city/scores.<slug:format>", import_views.sheet_file, name="city_sheet_file"),
    path("city/<int:pk>/", views.year, name="city_year"),
    path("city/<int:pk>/<slug:sort>/sheet/", views.sheet, name="city_sheet"),
    path("city/<int:pk>/<slug:sort>/compare/", views.compare, name="city_compare"),
    path("city/<int:pk>/<slug:sort>/grades/", grade_views.grades, name="city_grades"),
    path("city/<int:pk>/<slug:sort>/rules/", grade_views.rules, name="city_rules"),
    path("city/<int:pk>/publish/", year_views.publish, name="city_publish"),
    path("city/<int:pk>/close/", year_views.close, name="city_close"),
    path("city/units/<int:pk>/", views.subject, name="city_subject"),
]
