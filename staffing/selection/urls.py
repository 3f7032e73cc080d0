"""Pages of selection rounds."""

from django.urls import path

from staffing.selection import candidate_views, notice_views, round_views, score_views

urlpatterns = [
    path("selections/", round_views.selections, name="selections"),
    path("selections/add/", round_views.selection_add, name="selection_add"),
    path("selections/<int:pk>/", round_views.selection, name="selection"),
    path("selections/<int:pk>/edit/", round_views.selection_edit, name="selection_edit"),
    path("selections/<int:pk>/posts/", round_views.selection_offer, name="selection_offer"),
    path("selections/<int:pk>/step/", round_views.selection_step, name="selection_step"),
    path("selections/<int:pk>/cancel/", round_views.selection_cancel, name="selection_cancel"),
    path("selections/<int:pk>/nominate/", candidate_views.selection_nominate, name="selection_nominate"),
    path("selections/<int:pk>/candidates/", candidate_views.selection_candidates, name="selection_candidates"),
    path("selections/<int:pk>/candidates/add/", candidate_views.candidate_add, name="candidate_add"),
    path("candidates/<int:pk>/check/", candidate_views.candidate_check, name="candidate_check"),
    path("candidates/<int:pk>/withdraw/", candidate_views.candidate_withdraw, name="candidate_withdraw"),
    path("candidates/<int:pk>/medical/", candidate_views.candidate_medical, name="candidate_medical"),
    path("selections/<int:pk>/scores/", score_views.selection_scores, name="selection_scores"),
    path("selections/<int:pk>/scores/import/", score_views.selection_scores_import, name="selection_scores_import"),
    path("candidates/<int:pk>/scores/<slug:part>/", score_views.score_save, name="score_save"),
    path("selections/<int:pk>/outcome/", score_views.selection_outcome, name="selection_outcome"),
    path("selections/<int:pk>/propose/", score_views.selection_propose, name="selection_propose"),
    path("selections/<int:pk>/confirm/", score_views.selection_confirm, name="selection_confirm"),
    path("candidates/<int:pk>/decide/", score_views.candidate_decide, name="candidate_decide"),
    path("selections/<int:pk>/notice/", notice_views.selection_notice, name="selection_notice"),
    path("selections/<int:pk>/notice/publish/", notice_views.notice_publish, name="notice_publish"),
    path("notices/<int:pk>/object/", notice_views.notice_object, name="notice_object"),
    path("objections/<int:pk>/settle/", notice_views.objection_settle, name="objection_settle"),
    path("selections/<int:pk>/appoint/", notice_views.selection_appoint, name="selection_appoint"),
]
