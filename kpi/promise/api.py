"""REST resources of the library and of templates."""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from common.imports.api import ImportResource
from kpi.models import Indicator, Template, TemplateLine
from kpi.promise import indicators, letter_api, templates, year_api
from kpi.promise.holders import holders
from kpi.promise.importing import IndicatorImporter
from kpi.promise.template_views import template_importer
from zones.models import Metric, Unit


class IndicatorSerializer(serializers.ModelSerializer):
    """``stamp`` is what a change hands back as ``seen``, so that it is refused when somebody else came first."""

    metric = serializers.SlugRelatedField(
        slug_field="code", queryset=Metric.objects.all(), allow_null=True, required=False
    )
    stamp = serializers.SerializerMethodField()

    class Meta:
        model = Indicator
        fields = (
            "code",
            "name",
            "name_en",
            "kind",
            "method",
            "direction",
            "measure",
            "data_source",
            "parameters",
            "metric",
            "reading",
            "per",
            "is_example",
            "stamp",
        )
        read_only_fields = ("is_example",)

    def get_stamp(self, row: Indicator) -> str:
        return indicators.stamp(row)


class IndicatorChange(IndicatorSerializer):
    """A change of an indicator; its code stays."""

    seen = serializers.CharField(max_length=16, required=False)

    class Meta(IndicatorSerializer.Meta):
        fields = tuple(  # type: ignore[assignment]  # DRF takes any tuple of names
            name for name in (*IndicatorSerializer.Meta.fields, "seen") if name not in ("code", "stamp", "is_example")
        )


class Indicators(ReadResource):
    """The library of indicators: what is measured, and how points follow from it."""

    noun = "indicator"
    queryset = Indicator.objects.select_related("metric")
    serializer_class = IndicatorSerializer
    lookup_field = "code"
    filterset_fields = ("kind", "method")

    @extend_schema(request=IndicatorSerializer, responses={201: IndicatorSerializer})
    def create(self, request):
        """Add an indicator; its parameters must be those that its method computes with."""
        self.access.demand("add", "indicator")
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = indicators.create_indicator(by=self.actor, **given.validated_data)
        return Response(self.get_serializer(row).data, status=HTTPStatus.CREATED)

    @extend_schema(request=IndicatorChange, responses=IndicatorSerializer)
    def partial_update(self, request, code: str):
        """Change an indicator; how a used one is scored stays as it is (KPI-INDICATOR)."""
        row = self.access.get(self.get_queryset(), "change", code=code)
        given = IndicatorChange(row, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        row = indicators.revise_indicator(indicator=row, by=self.actor, **given.validated_data)
        return Response(self.get_serializer(row).data)


class IndicatorImports(ImportResource):
    """A file of indicators (XLSX or CSV): codes that are there are revised, others added."""

    noun = "indicator"
    rights = {"create": "add"}

    def importer(self, source: str) -> IndicatorImporter:
        if not (self.access.can("add", self.noun) and self.access.can("change", self.noun)):
            raise exceptions.PermissionDenied
        return IndicatorImporter(self.actor, source)


class TemplateLineSerializer(serializers.ModelSerializer):
    indicator = serializers.CharField(source="indicator.code")
    name = serializers.CharField(source="indicator.shown_name")

    class Meta:
        model = TemplateLine
        fields = ("sequence", "group", "indicator", "name", "weight")


class TemplateSerializer(serializers.ModelSerializer):
    holder = serializers.CharField(source="holder.code")
    lines = TemplateLineSerializer(many=True)
    stamp = serializers.SerializerMethodField()

    class Meta:
        model = Template
        fields = ("id", "code", "name", "name_en", "holder", "subject", "lines", "is_example", "stamp")

    def get_stamp(self, row: Template) -> str:
        return templates.stamp(row)


class ItemInput(ServiceSerializer):
    indicator = serializers.CharField(max_length=40)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2)
    group = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)


class TemplateChange(ServiceSerializer):
    """The whole template: its name and all its lines; ``seen`` is the stamp that the client has read."""

    name = serializers.CharField(max_length=100)
    name_en = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    lines = ItemInput(many=True, allow_empty=False, max_length=100)  # type: ignore[call-arg]  # of the list
    seen = serializers.CharField(max_length=16, required=False, default=None, allow_null=True)

    def items(self) -> list[templates.Item]:
        """The lines with their indicators; ValidationError for one that is not in the library, or comes twice."""
        given = self.validated_data["lines"]
        library = {row.code: row for row in Indicator.objects.filter(code__in=[each["indicator"] for each in given])}
        out: dict[str, templates.Item] = {}
        for each in given:
            code = each["indicator"]
            if code not in library:
                raise ValidationError({"lines": _("指标库中没有「%(text)s」") % {"text": code}}, code="unknown")
            if code in out:
                raise ValidationError({"lines": _("「%(name)s」出现两次") % {"name": code}}, code="repeated")
            if not 0 < each["weight"] <= 100:
                raise ValidationError({"lines": _("权重须大于 0 且不超过 100")}, code="weight")
            out[code] = templates.Item(library[code], each["weight"], each["group"])
        return list(out.values())


class TemplateInput(TemplateChange):
    code = serializers.SlugField(max_length=40)
    holder = serializers.CharField(max_length=20)
    subject = serializers.ChoiceField(choices=Template.Subject.choices)


class Templates(ReadResource):
    """Templates of scorecards, with their lines; the weights of one sum to 100."""

    nouns = Template.nouns
    queryset = Template.objects.select_related("holder").prefetch_related("lines__indicator")
    serializer_class = TemplateSerializer
    filterset_fields = ("subject",)

    @extend_schema(request=TemplateInput, responses={201: TemplateSerializer})
    def create(self, request):
        """Make a template with all its lines."""
        own = Unit.objects.filter(holders(self.access, "add", "template"))
        if not own.exists():
            raise exceptions.PermissionDenied
        given = TemplateInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        holder = get_object_or_404(own, code=data["holder"])
        row = templates.create_template(
            holder=holder,
            code=data["code"],
            name=data["name"],
            name_en=data["name_en"],
            subject=data["subject"],
            items=given.items(),
            by=self.actor,
        )
        return Response(self.get_serializer(row).data, status=HTTPStatus.CREATED)

    @extend_schema(request=TemplateChange, responses=TemplateSerializer)
    def update(self, request, pk: str):
        """The template as it shall be: lines that are not named are taken from it."""
        row = self.access.get(Template.objects.select_related("holder"), "change", pk=pk)
        given = TemplateChange(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        row = templates.save_template(
            template=row,
            items=given.items(),
            name=data["name"],
            name_en=data["name_en"],
            seen=data["seen"],
            by=self.actor,
        )
        return Response(self.get_serializer(row).data)


class TemplateImports(ImportResource):
    """A file of whole templates (XLSX or CSV)."""

    nouns = Template.nouns
    rights = {"create": "add"}

    def create(self, request):
        """Check the file, or carry it out; only for somebody who keeps templates at all."""
        self.importer("")
        return super().create(request)

    def importer(self, source: str):
        return template_importer(self.access, self.actor, source)


ROUTES: list[tuple[str, type]] = [
    ("indicators", Indicators),
    ("indicator-imports", IndicatorImports),
    ("templates", Templates),
    ("template-imports", TemplateImports),
    *letter_api.ROUTES,
    *year_api.ROUTES,
]
