"""Pages of panels: for raters, and for whoever keeps them."""

from django.urls import path

from kpi.raters import panel_views, progress_views, rating_views

urlpatterns = [
    path("ratings/", rating_views.ratings, name="ratings"),
    path("ratings/<int:pk>/", rating_views.panel_ratings, name="rating"),
    path("ratings/lines/<int:pk>/", rating_views.rating_save, name="rating_save"),
    path("panels/", panel_views.panels, name="panels"),
    path("panels/add/", panel_views.panel_add, name="panel_add"),
    path("panels/<int:pk>/", panel_views.panel, name="panel"),
    path("panels/<int:pk>/edit/", panel_views.panel_edit, name="panel_edit"),
    path("panels/<int:pk>/lines/", panel_views.panel_lines, name="panel_lines"),
    path("panels/<int:pk>/lines/remove/", panel_views.panel_line_remove, name="panel_line_remove"),
    path("panels/<int:pk>/raters/", panel_views.panel_raters, name="panel_raters"),
    path("panels/<int:pk>/close/", panel_views.panel_close, name="panel_close"),
    path("panels/<int:pk>/remove/", panel_views.panel_remove, name="panel_remove"),
    path("panels/<int:pk>/remind/", panel_views.panel_remind, name="panel_remind"),
    path("raters/<int:pk>/remove/", panel_views.rater_remove, name="rater_remove"),
    path("progress/", progress_views.progress, name="kpi_progress"),
    path("progress/<int:pk>/remind/", progress_views.progress_remind, name="progress_remind"),
]
