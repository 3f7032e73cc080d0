from django.urls import path

from reports import views

urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("reports/verify/", views.verify, name="verify"),
    path("reports/<slug:kind>/<slug:key>.<slug:format>", views.download, name="report_download"),
]
