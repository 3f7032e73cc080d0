from django.urls import path

from zones import purpose_views, views

urlpatterns = [
    path("figures/", views.figures, name="figures"),
    path("positioning/<slug:code>/", purpose_views.positioning, name="positioning"),
    path("positioning/<slug:code>/set/", purpose_views.positioning_set, name="positioning_set"),
    path("positioning/rows/<int:pk>/close/", purpose_views.positioning_close, name="positioning_close"),
    path("projects/", purpose_views.projects, name="projects"),
    path("projects/add/", purpose_views.project_add, name="project_add"),
    path("projects/<slug:code>/", purpose_views.project, name="project"),
    path("projects/<slug:code>/advance/", purpose_views.project_advance, name="project_advance"),
]
