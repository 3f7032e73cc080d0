from django.urls import path

from reports import slips, views

urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("reports/verify/", views.verify, name="verify"),
    path("reports/lists/posts.<slug:format>", views.post_list_file, name="post_list_file"),
    path("reports/lists/roster.<slug:format>", views.roster_file, name="roster_file"),
    path("reports/lists/changes.<slug:format>", views.roster_changes_file, name="roster_changes_file"),
    path("reports/built/<str:token>/", views.built_file, name="built_file"),
    path("reports/<slug:kind>/<slug:key>.<slug:format>", views.download, name="report_download"),
    path("runs/<int:pk>/slips/", slips.slips_start, name="slips_start"),
    path("reports/slips/<str:token>/", slips.slips_file, name="slips_file"),
]
