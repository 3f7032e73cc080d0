from django.urls import path

from pay.schemes import views

urlpatterns = [
    path("schemes/", views.schemes, name="schemes"),
    path("schemes/<int:pk>/", views.scheme, name="scheme"),
    path("schemes/new/<slug:code>/", views.scheme_new, name="scheme_new"),
]
