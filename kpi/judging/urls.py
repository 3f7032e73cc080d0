"""Pages of judging."""

from django.urls import path

from kpi.judging import views

urlpatterns = [path("scorecards/<int:pk>/rating/", views.scorecard_rating, name="scorecard_rating")]
