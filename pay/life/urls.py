from django.urls import path

from pay.life import account_views, payout_views, spread_views, views

urlpatterns = [
    path("runs/<int:pk>/check/", views.check, name="run_check"),
    path("runs/<int:pk>/send-back/", views.send_back, name="run_send_back"),
    path("runs/<int:pk>/approve/", views.approve, name="run_approve"),
    path("runs/<int:pk>/cancel/", views.cancel, name="run_cancel"),
    path("runs/<int:pk>/correct/", views.correct, name="run_correct"),
    path("runs/<int:pk>/compare/", views.compare, name="run_compare"),
    path("runs/<int:pk>/differences/", views.differences, name="run_differences"),
    path("runs/<int:pk>/payouts/", payout_views.draft, name="payout_draft"),
    path("payouts/", payout_views.payout_list, name="payouts"),
    path("payouts/<int:pk>/", payout_views.payout_page, name="payout"),
    path("payouts/<int:pk>/release/", payout_views.release, name="payout_release"),
    path("payouts/<int:pk>/discard/", payout_views.discard, name="payout_discard"),
    path("terms/", payout_views.term_list, name="terms"),
    path("terms/add/", payout_views.term_add, name="term_add"),
    path("accounts/", account_views.account_list, name="accounts"),
    path("accounts/import/", account_views.upload, name="account_import"),
    path("accounts/import/<str:token>/", account_views.check, name="account_import_check"),
    path("accounts/import/<str:token>/errors/", account_views.errors, name="account_import_errors"),
    path("accounts/of/<str:staff_no>/", account_views.account_edit, name="account_edit"),
    path("my/account/", account_views.my_account, name="my_account"),
    path("differentiation/<slug:code>/", spread_views.spread, name="differentiation"),
]
