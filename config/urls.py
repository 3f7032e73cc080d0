"""The site's addresses: pages at the root, REST under /api/v1/."""

from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import DefaultRouter

import kpi.api
import orgchart.api
import orgchart.workbook.api
import pay.api
import reports.api
import staffing.api
import staffing.handover.transfer_api
import staffing.intake.import_api
import staffing.selection.api
import staffing.structure.chart_api
import zones.api
import zones.purpose_api
from common import job_api
from common.docs import docs
from config.health import healthz
from config.home import home, search

router = DefaultRouter()
for room in (
    job_api,
    zones.api,
    zones.purpose_api,
    orgchart.api,
    orgchart.workbook.api,
    staffing.api,
    staffing.structure.chart_api,
    staffing.intake.import_api,
    staffing.selection.api,
    staffing.handover.transfer_api,
    kpi.api,
    pay.api,
    reports.api,
):
    for prefix, resource in room.ROUTES:
        router.register(prefix, resource, basename=f"api-{prefix}")

api = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", docs, name="api-docs"),
    *router.urls,
]

urlpatterns = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    path("login/", auth_views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include(api)),
    path("", include("common.urls")),
    path("", include("zones.urls")),
    path("", include("orgchart.urls")),
    path("", include("staffing.structure.chart_urls")),
    path("", include("staffing.plans.plan_urls")),
    path("", include("staffing.handover.transfer_urls")),
    path("", include("staffing.urls")),
    path("", include("kpi.urls")),
    path("", include("pay.urls")),
    path("", include("reports.urls")),
]
