"""Pages of entering scores."""

from django.urls import path

from kpi.entry import evidence_views, line_views, scorebook_views, views

urlpatterns = [
    path("scorecards/", views.scorecards, name="scorecards"),
    path("scorecards/<int:pk>/", views.scorecard, name="scorecard"),
    path("scorecards/matrix/", views.matrix, name="score_matrix"),
    path("scorecards/cells/", views.cells, name="score_cells"),
    path("scorecards/export/<slug:format>/", scorebook_views.scores_export, name="scores_export"),
    path("scorecards/import/", scorebook_views.upload, name="scores_import"),
    path("scorecards/import/<str:token>/", scorebook_views.check, name="scores_import_check"),
    path("scorecards/import/<str:token>/errors/", scorebook_views.errors, name="scores_import_errors"),
    path("lines/<int:pk>/score/", views.line_score, name="line_score"),
    path("lines/<int:pk>/why/", line_views.line_why, name="line_why"),
    path("lines/<int:pk>/applies/", line_views.line_applies, name="line_applies"),
    path("lines/<int:pk>/evidence/", evidence_views.line_evidence, name="line_evidence"),
    path("evidence/<int:pk>/", evidence_views.evidence_file, name="evidence_file"),
    path("evidence/<int:pk>/withdraw/", evidence_views.evidence_withdraw, name="evidence_withdraw"),
    path("scorecards/<int:pk>/refill/", line_views.scorecard_refill, name="scorecard_refill"),
    path("scorecards/refill/", line_views.scorecards_refill, name="scorecards_refill"),
]
