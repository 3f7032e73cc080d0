"""Pages of webhooks."""

from django.urls import path

from kpi.hooks import views

urlpatterns = [
    path("webhooks/", views.webhooks, name="webhooks"),
    path("webhooks/add/", views.webhook_add, name="webhook_add"),
    path("webhooks/<int:pk>/", views.webhook, name="webhook"),
    path("webhooks/<int:pk>/switch/", views.webhook_switch, name="webhook_switch"),
    path("webhooks/<int:pk>/renew/", views.webhook_renew, name="webhook_renew"),
    path("deliveries/<int:pk>/resend/", views.delivery_resend, name="delivery_resend"),
]
