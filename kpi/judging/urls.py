"""Pages of judging."""

from django.urls import path

from kpi.judging import adjust_views, appeal_views, grade_views, my_views, year_views

urlpatterns = [
    path("scorecards/<int:pk>/rating/", grade_views.scorecard_rating, name="scorecard_rating"),
    path("scorecards/<int:pk>/settle/", grade_views.grade_settle, name="grade_settle"),
    path("scorecards/<int:pk>/adjust/", adjust_views.adjustment_add, name="adjustment_add"),
    path("scorecards/<int:pk>/appeal/", appeal_views.appeal_file, name="appeal_file"),
    path("adjustments/", adjust_views.adjustments, name="adjustments"),
    path("adjustments/<int:pk>/decide/", adjust_views.adjustment_decide, name="adjustment_decide"),
    path("adjustments/<int:pk>/revoke/", adjust_views.adjustment_revoke, name="adjustment_revoke"),
    path("assessment/", year_views.assessment, name="assessment"),
    path("assessment/<int:pk>/", year_views.overview, name="overview"),
    path("assessment/<int:pk>/grades/", grade_views.grades, name="assessment_grades"),
    path("assessment/<int:pk>/undetermined/", grade_views.undetermined, name="undetermined"),
    path("assessment/<int:pk>/quota/", grade_views.quota_raise, name="quota_raise"),
    path("assessment/<int:pk>/publish/", year_views.year_publish, name="year_publish"),
    path("assessment/<int:pk>/close/", year_views.year_close, name="year_close"),
    path("assessment/<int:pk>/consequences/", year_views.year_consequences, name="year_consequences"),
    path("my-assessment/", my_views.my_assessment, name="my_assessment"),
    path("appeals/", appeal_views.appeals, name="appeals"),
    path("appeals/<int:pk>/", appeal_views.appeal, name="appeal"),
    path("appeals/<int:pk>/decide/", appeal_views.appeal_decide, name="appeal_decide"),
    path("appeals/<int:pk>/withdraw/", appeal_views.appeal_withdraw, name="appeal_withdraw"),
]
