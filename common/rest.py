"""What Django REST framework is told to use everywhere (see ``REST_FRAMEWORK``).

The gate, cursor pages, JSON through orjson, and refusals as problem details
(RFC 9457). Kept apart from ``common/api.py``, which needs these to be loaded first.
"""

from __future__ import annotations

from http import HTTPStatus

import orjson
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, models
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from common.databases import broken_rule

ACTIONS = {
    "GET": "view",
    "HEAD": "view",
    "OPTIONS": "view",
    "POST": "add",
    "PUT": "change",
    "PATCH": "change",
    "DELETE": "delete",
}


class OrjsonRenderer(JSONRenderer):
    """JSON through orjson; amounts stay strings, so that no client turns a fen into a float."""

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else orjson.dumps(data, default=str)


class ProblemRenderer(OrjsonRenderer):
    media_type = "application/problem+json"


class CursorPages(CursorPagination):
    """Pages by cursor: no count, so a page of a long list costs what a short one does."""

    ordering = "pk"
    page_size_query_param = "limit"
    max_page_size = 500

    def paginate_queryset(self, queryset, request, view=None):
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError, DataError) as error:
            # A cursor that was not made by us: it decodes, and points at no row that could be.
            raise exceptions.NotFound(self.invalid_cursor_message) from error


class GatePermission(BasePermission):
    """Asks the table; lists and fetches are narrowed by ``Access.scope`` besides."""

    def has_permission(self, request, view) -> bool:
        if not request.user.is_authenticated:
            return False
        method = request.method.lower()
        if method not in view.http_method_names or not hasattr(view, method):
            return True  # nothing of the kind is offered: the view answers 405
        nouns = getattr(view, "nouns", None) or ([view.noun] if getattr(view, "noun", None) else [])
        if not nouns:  # the schema and its docs: anybody signed in
            return request.method in ("GET", "HEAD", "OPTIONS")
        action = (getattr(view, "rights", None) or {}).get(view.action) or ACTIONS[request.method]
        return any(request.access.can(action, noun) for noun in nouns)


def _errors(detail, path: str = "") -> list[dict[str, str]]:
    """DRF's nested error detail as a flat list of {field, code, detail}."""
    if isinstance(detail, dict):
        return [error for key, value in detail.items() for error in _errors(value, f"{path}.{key}" if path else key)]
    if isinstance(detail, list):
        return [error for value in detail for error in _errors(value, path)]
    return [{"field": path, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}]


def _as_api_error(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404 | models.ObjectDoesNotExist):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, ValidationError):
        return exceptions.ValidationError(_detail(error))
    if isinstance(error, IntegrityError) and (broken := broken_rule(error)):
        return exceptions.ValidationError([broken.text], code=broken.rule or "constraint")
    return None


def _detail(error: ValidationError) -> dict | list:
    """A refusal of ours as DRF has it, each sentence with its code: a rule's id, where it was a rule."""
    if hasattr(error, "error_dict"):
        return {field: _detail(ValidationError(each)) for field, each in error.error_dict.items()}
    return [
        exceptions.ErrorDetail(message, code=each.code or "invalid")
        for each in error.error_list
        for message in each.messages
    ]


def problem(status: int, instance: str, detail: str, errors: list[dict[str, str]] | None = None) -> dict:
    """The body of a refusal (RFC 9457); ``errors`` are the fields at fault."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail or title, "instance": instance}
    return body if errors is None else {**body, "errors": errors}


def as_problem(
    status: int, instance: str, detail: str = "", errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    """A refusal that was made before any resource was reached."""
    content = orjson.dumps(problem(status, instance, detail, errors))
    return HttpResponse(content, status=status, content_type=ProblemRenderer.media_type)


def problem_details(error: Exception, context: dict) -> Response | None:
    """Every refusal in one form: RFC 9457, with the fields at fault under ``errors``."""
    api_error = _as_api_error(error)
    if api_error is None:
        return None
    status = api_error.status_code
    many = isinstance(api_error.detail, dict | list)
    detail = _("提交的内容有误") if many else str(api_error.detail)
    body = problem(status, context["request"].get_full_path(), detail, _errors(api_error.detail) if many else None)
    headers = {}
    if getattr(api_error, "auth_header", None):
        headers["WWW-Authenticate"] = api_error.auth_header
    if getattr(api_error, "wait", None):
        headers["Retry-After"] = str(int(api_error.wait))
    response = Response(body, status=status, headers=headers)
    context["request"].accepted_renderer = ProblemRenderer()
    context["request"].accepted_media_type = ProblemRenderer.media_type
    return response
