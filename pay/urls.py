from django.urls import include, path

from pay import run_views, views
from pay.why import views as why

urlpatterns = [
    path("", include("pay.life.urls")),
    path("", include("pay.simulation.urls")),
    path("pools/", views.pools, name="pools"),
    path("pools/compute/", views.compute, name="compute"),
    path("pools/cancel/", run_views.cancel_waiting, name="cancel_waiting"),
    path("runs/", run_views.runs, name="runs"),
    path("runs/<int:pk>/", views.run, name="run"),
    path("runs/<int:pk>/again/", run_views.again, name="run_again"),
    path("shares/<int:pk>/", why.share, name="share"),
    path("allocations/<int:pk>/", why.allocation, name="allocation"),
    path("my/pay/", why.my_pay, name="my_pay"),
    path("", include("pay.schemes.urls")),
]
