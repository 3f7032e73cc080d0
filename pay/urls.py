from django.urls import include, path

from pay import views

urlpatterns = [
    path("", include("pay.life.urls")),
    path("pools/", views.pools, name="pools"),
    path("pools/compute/", views.compute, name="compute"),
    path("runs/<int:pk>/", views.run, name="run"),
    path("shares/<int:pk>/", views.share, name="share"),
    path("allocations/<int:pk>/", views.allocation, name="allocation"),
    path("my/pay/", views.my_pay, name="my_pay"),
]
