"""Pages of plans: they stand here because a plan moves posts and people too."""

from django.urls import path

from staffing.plans import plan_deeds, plan_views, trial_views

urlpatterns = [
    path("zones/<slug:code>/plans/", plan_views.plans_page, name="plans"),
    path("zones/<slug:code>/plans/new/", plan_views.plan_add, name="plan_add"),
    path("plans/<slug:code>/", plan_views.plan_page, name="plan"),
    path("plans/<slug:code>/edit/", plan_views.plan_edit, name="plan_edit"),
    path("plans/<slug:code>/trial/", trial_views.plan_trial, name="plan_trial"),
    path("plans/<slug:code>/check/", plan_deeds.plan_check, name="plan_check"),
    path("plans/<slug:code>/copy/", plan_deeds.plan_copy, name="plan_copy"),
    path("plans/<slug:code>/step/<slug:stage>/", plan_deeds.plan_step, name="plan_step"),
    path("plans/<slug:code>/add/<slug:kind>/", plan_deeds.change_add, name="plan_change_add"),
    path("plans/<slug:code>/changes/<int:pk>/", plan_deeds.change_edit, name="plan_change"),
    path("plans/<slug:code>/changes/<int:pk>/remove/", plan_deeds.change_remove, name="plan_change_remove"),
    path("plans/<slug:code>/changes/<int:pk>/<slug:way>/", plan_deeds.change_move, name="plan_change_move"),
]
