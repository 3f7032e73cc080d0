"""Pages of posts and people."""

from django.urls import include, path

from staffing.appointing import deed_views
from staffing.desk import desk_views
from staffing.intake import import_views
from staffing.personnel import people_views, reading_views
from staffing.posting import grade_views, post_views
from staffing.recording import fact_views
from staffing.roster import views

urlpatterns = [
    path("", include("staffing.selection.urls")),
    path("roster/", views.roster, name="roster"),
    path("roster/columns/", views.roster_columns, name="roster_columns"),
    path("roster/changes/", views.roster_changes, name="roster_changes"),
    path("hr/", desk_views.hr_home, name="hr_home"),
    path("hr/feed/", desk_views.feed_open, name="feed_open"),
    path("hr/feed/revoke/", desk_views.feed_revoke, name="feed_revoke"),
    path("calendar/<slug:token>.ics", desk_views.feed, name="feed"),
    path("roster/export/", views.roster_export, name="roster_export"),
    path("roster/import/", import_views.upload, name="roster_import"),
    path("roster/import/<str:token>/", import_views.check, name="roster_import_check"),
    path("roster/import/<str:token>/errors/", import_views.errors, name="roster_import_errors"),
    path("people/add/", people_views.person_add, name="person_add"),
    path("people/find/", reading_views.person_find, name="person_find"),
    path("people/<str:staff_no>/", people_views.person, name="person"),
    path("people/<str:staff_no>/readings/", reading_views.readings, name="readings"),
    path("people/<str:staff_no>/facts/<slug:noun>/", fact_views.fact_add, name="fact_add"),
    path("facts/<slug:noun>/<int:pk>/edit/", fact_views.fact_edit, name="fact_edit"),
    path("facts/<slug:noun>/<int:pk>/close/", fact_views.fact_close, name="fact_close"),
    path("facts/<slug:noun>/<int:pk>/annul/", fact_views.fact_annul, name="fact_annul"),
    path("people/<str:staff_no>/edit/", people_views.person_edit, name="person_edit"),
    path("people/<str:staff_no>/appoint/", deed_views.appoint, name="appoint"),
    path("posts/", post_views.post_list, name="posts"),
    path("add/post/", post_views.post_add, name="post_add"),
    path("posts/<slug:code>/", post_views.post, name="post"),
    path("posts/<slug:code>/revise/", post_views.post_revise, name="post_revise"),
    path("posts/<slug:code>/copy/", post_views.post_copy, name="post_copy"),
    path("posts/<slug:code>/close/", post_views.post_close, name="post_close"),
    path("posts/<slug:code>/appoint/", deed_views.post_appoint, name="post_appoint"),
    path("grades/", grade_views.grades, name="grades"),
    path("add/grade/", grade_views.grade_add, name="grade_add"),
    path("grades/<slug:code>/coefficient/", grade_views.coefficient_add, name="coefficient_add"),
    path("units/<slug:code>/post-plan/", grade_views.post_plan, name="post_plan"),
    path("units/<slug:code>/post-plan/file/", grade_views.filing_add, name="filing_add"),
    path("appointments/<int:pk>/transfer/", deed_views.appointment_transfer, name="appointment_transfer"),
    path("appointments/<int:pk>/renew/", deed_views.appointment_renew, name="appointment_renew"),
    path("appointments/<int:pk>/edit/", deed_views.appointment_edit, name="appointment_edit"),
    path("appointments/<int:pk>/probation/", fact_views.appointment_probation, name="appointment_probation"),
    path("appointments/<int:pk>/step/", fact_views.appointment_step, name="appointment_step"),
    path("appointments/<int:pk>/end/", deed_views.appointment_end, name="appointment_end"),
]
