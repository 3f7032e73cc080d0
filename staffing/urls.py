"""Pages of posts and people."""

from django.urls import path

from staffing import deed_views, import_views, people_views, views

urlpatterns = [
    path("roster/", views.roster, name="roster"),
    path("roster/export/", views.roster_export, name="roster_export"),
    path("roster/import/", import_views.roster_import, name="roster_import"),
    path("roster/import/<str:token>/", import_views.roster_import_check, name="roster_import_check"),
    path("roster/import/<str:token>/errors/", import_views.roster_import_errors, name="roster_import_errors"),
    path("people/add/", people_views.person_add, name="person_add"),
    path("people/<str:staff_no>/", people_views.person, name="person"),
    path("people/<str:staff_no>/edit/", people_views.person_edit, name="person_edit"),
    path("people/<str:staff_no>/appoint/", deed_views.appoint, name="appoint"),
    path("posts/<slug:code>/", views.post, name="post"),
    path("posts/<slug:code>/appoint/", deed_views.post_appoint, name="post_appoint"),
    path("appointments/<int:pk>/transfer/", deed_views.appointment_transfer, name="appointment_transfer"),
    path("appointments/<int:pk>/renew/", deed_views.appointment_renew, name="appointment_renew"),
    path("appointments/<int:pk>/edit/", deed_views.appointment_edit, name="appointment_edit"),
    path("appointments/<int:pk>/end/", deed_views.appointment_end, name="appointment_end"),
]
