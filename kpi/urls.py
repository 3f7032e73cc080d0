from django.urls import path

from kpi import views

urlpatterns = [
    path("scorecards/", views.scorecards, name="scorecards"),
    path("scorecards/<int:pk>/", views.scorecard, name="scorecard"),
    path("scorecards/<int:pk>/rating/", views.scorecard_rating, name="scorecard_rating"),
    path("lines/<int:pk>/score/", views.line_score, name="line_score"),
    path("lines/<int:pk>/why/", views.line_why, name="line_why"),
]
