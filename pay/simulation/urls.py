from django.urls import path

from pay.simulation import views

urlpatterns = [
    path("pools/simulate/<slug:code>/<int:year>/", views.simulation, name="simulation"),
    path("pools/simulate/<slug:code>/<int:year>/save/", views.scenario_save, name="scenario_save"),
    path("scenarios/<int:pk>/rename/", views.scenario_rename, name="scenario_rename"),
    path("scenarios/<int:pk>/delete/", views.scenario_delete, name="scenario_delete"),
]
