"""Pages of the structure with who is in it: they stand here because seats and heads come from the roster."""

from django.urls import path

from staffing.structure import chart_views, compare_views, rules_views, structure_views

urlpatterns = [
    path("zones/<slug:code>/chart/", chart_views.chart_page, name="chart"),
    path("zones/<slug:code>/compare/", compare_views.compare_page, name="chart_compare"),
    path("units/<slug:code>/", structure_views.unit_page, name="unit"),
    path("rules/", rules_views.rules_index, name="rules_index"),
    path("rules/<slug:code>/", rules_views.rules_page, name="rules"),
    path("bureaus/<slug:code>/", structure_views.bureau_page, name="bureau"),
]
