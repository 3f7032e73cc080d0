"""Pages that belong to no room in particular: a user's long work."""

from django.urls import path

from common import job_views

urlpatterns = [
    path("jobs/", job_views.job_list, name="jobs"),
    path("jobs/<int:pk>/", job_views.job_page, name="job"),
    path("jobs/<int:pk>/progress/", job_views.job_progress, name="job_progress"),
    path("jobs/<int:pk>/cancel/", job_views.job_cancel, name="job_cancel"),
]
