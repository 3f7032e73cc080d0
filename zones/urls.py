from django.urls import path

from zones import views

urlpatterns = [path("figures/", views.figures, name="figures")]
