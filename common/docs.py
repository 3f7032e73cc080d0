"""The API's documentation as a page, under the same Content-Security-Policy as every other.

Swagger UI from its wheel; its start-up script has an address of its own
(``?script=``), so that the page needs no inline script.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from drf_spectacular.views import SpectacularSwaggerSplitView

docs = login_required(SpectacularSwaggerSplitView.as_view(url_name="api-schema"))
