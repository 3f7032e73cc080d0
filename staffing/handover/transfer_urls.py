"""Pages of the handovers of duties: they stand here because people go with them."""

from django.urls import path

from staffing.handover import transfer_steps, transfer_views

urlpatterns = [
    path("transfers/", transfer_views.transfer_list, name="transfers"),
    path("transfers/add/", transfer_views.transfer_add, name="transfer_add"),
    path("transfers/<slug:code>/", transfer_views.transfer, name="transfer"),
    path("transfers/<slug:code>/edit/", transfer_views.transfer_edit, name="transfer_edit"),
    path("transfers/<slug:code>/start/", transfer_steps.transfer_start, name="transfer_start"),
    path("transfers/<slug:code>/sign/", transfer_steps.transfer_sign, name="transfer_sign"),
    path("transfers/<slug:code>/dispute/", transfer_steps.transfer_dispute, name="transfer_dispute"),
    path("transfers/<slug:code>/disputes/<int:pk>/settle/", transfer_steps.transfer_settle, name="transfer_settle"),
    path("transfers/<slug:code>/complete/", transfer_steps.transfer_complete, name="transfer_complete"),
    path("transfers/<slug:code>/withdraw/", transfer_steps.transfer_withdraw, name="transfer_withdraw"),
]
