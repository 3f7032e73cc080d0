"""Pages of entering scores."""

from django.urls import path

from kpi.entry import views

urlpatterns = [
    path("scorecards/", views.scorecards, name="scorecards"),
    path("scorecards/<int:pk>/", views.scorecard, name="scorecard"),
    path("scorecards/matrix/", views.matrix, name="score_matrix"),
    path("scorecards/cells/", views.cells, name="score_cells"),
    path("lines/<int:pk>/score/", views.line_score, name="line_score"),
    path("lines/<int:pk>/why/", views.line_why, name="line_why"),
]
