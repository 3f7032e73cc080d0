"""REST resources of scorecards: what was promised, entered, and came out."""

from __future__ import annotations

from http import HTTPStatus

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from common.rest import ProblemRenderer
from kpi import explain
from kpi.entry import answers, evidence, services
from kpi.entry.answers import MOST_CELLS
from kpi.entry.evidence_files import MAX_BYTES
from kpi.entry.evidence_views import as_attachment
from kpi.judging.words import sees_grade
from kpi.models import Evidence, Line, Result, Scorecard
from kpi.querysets import standings


class LineSerializer(serializers.ModelSerializer):
    """One indicator of a card; ``trace`` says how its points came about.

    A line that does not apply says why in ``not_applicable``, and its weight counts with its siblings.
    """

    indicator = serializers.CharField(source="indicator.code")
    name = serializers.CharField(source="indicator.shown_name")
    method = serializers.CharField(source="indicator.method")
    measure = serializers.CharField(source="indicator.measure")
    trace = serializers.SerializerMethodField()

    class Meta:
        model = Line
        fields = (
            "id",
            "sequence",
            "group",
            "indicator",
            "name",
            "method",
            "measure",
            "weight",
            "previous",
            "target",
            "challenge",
            "not_applicable",
            "actual",
            "points",
            "version",
            "entered_at",
            "trace",
        )

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_trace(self, line: Line):
        step = self.context["steps"].get(line.pk)
        return step.as_json() if step else None


class ResultSerializer(serializers.ModelSerializer):
    """What a card came to; the grade, and why there is none, once it is published or for who grades."""

    class Meta:
        model = Result
        fields = ("score", "own_score", "bureau_score", "rating", "undetermined", "decided_at")

    def to_representation(self, instance: Result) -> dict:
        said = super().to_representation(instance)
        access = self.context["request"].access
        if not sees_grade(access, instance.scorecard):
            said |= {"rating": "", "undetermined": ""}
        elif not access.can_in(instance.scorecard.unit_id, "view", "inquiry"):
            said["undetermined"] = ""
        return said


class ScorecardSerializer(serializers.ModelSerializer):
    """A card: whose it is, how far it is entered, what it came to. ``points`` are those so far."""

    year = serializers.IntegerField(source="cycle.year")
    state = serializers.CharField(source="cycle.state")
    unit = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField()
    bureau = serializers.CharField(source="bureau.code", default=None)
    bureau_name = serializers.CharField(allow_null=True)
    person = serializers.CharField(source="person.staff_no", default=None)
    person_name = serializers.CharField(source="person.name", default=None)
    line_count = serializers.IntegerField()
    scored_count = serializers.IntegerField()
    points = serializers.DecimalField(max_digits=9, decimal_places=4, allow_null=True)
    result = ResultSerializer(default=None)

    class Meta:
        model = Scorecard
        fields = [
            "id",
            "year",
            "state",
            "kind",
            "unit",
            "unit_name",
            "bureau",
            "bureau_name",
            "person",
            "person_name",
            "line_count",
            "scored_count",
            "points",
            "result",
            "is_example",
        ]


class ScorecardDetailSerializer(ScorecardSerializer):
    """A card with its lines and its place among its kind."""

    lines = LineSerializer(many=True)
    rank = serializers.SerializerMethodField()
    ranked = serializers.SerializerMethodField()

    class Meta(ScorecardSerializer.Meta):
        fields = [*ScorecardSerializer.Meta.fields, "rank", "ranked", "lines"]

    def get_rank(self, card: Scorecard) -> int | None:
        standing = self.context["standings"].get(card.pk)
        return standing.rank if standing else None

    def get_ranked(self, card: Scorecard) -> int | None:
        standing = self.context["standings"].get(card.pk)
        return standing.of if standing else None


class ScoreInput(ServiceSerializer):
    """``value`` as text or number, empty to clear; ``version`` is the one that the client has seen."""

    value = serializers.CharField(allow_blank=True, max_length=64)
    version = serializers.IntegerField(min_value=1)


class EnteredSerializer(serializers.Serializer):
    """What a save came to: ``score`` is there once every line of the card has points."""

    line = LineSerializer()
    total = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    score = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    rank = serializers.IntegerField(source="standing.rank", default=None)
    ranked = serializers.IntegerField(source="standing.of", default=None)


class EvidenceSerializer(serializers.ModelSerializer):
    """A file under a line, without its content: that is fetched by its id."""

    class Meta:
        model = Evidence
        fields = ("id", "name", "mime", "size", "sha256", "added_at", "withdrawn_at")


class EvidenceInput(ServiceSerializer):
    file = serializers.FileField()

    def validate_file(self, value):
        if value.size > MAX_BYTES:
            raise serializers.ValidationError(_("文件超过 10 MB"), code="too_large")
        return value


class CellInput(ServiceSerializer):
    """One cell of a batch: as ``ScoreInput``, with the line's id."""

    line = serializers.IntegerField(min_value=1)
    value = serializers.CharField(allow_blank=True, max_length=64)
    version = serializers.IntegerField(min_value=1)


class CellsInput(ServiceSerializer):
    cells = CellInput(many=True, allow_empty=False)

    def validate_cells(self, value):
        if len(value) > MOST_CELLS:
            raise serializers.ValidationError(_("一次最多 %(n)s 项") % {"n": MOST_CELLS}, code="too_many")
        if len({cell["line"] for cell in value}) != len(value):
            raise serializers.ValidationError(_("同一项出现了两次"), code="twice")
        return value


class ScorecardFilters(filters.FilterSet):
    year = filters.NumberFilter("cycle__year")
    kind = filters.ChoiceFilter(choices=Scorecard.Kind.choices)
    unit = filters.CharFilter("unit__code")
    bureau = filters.CharFilter("bureau__code")
    person = filters.CharFilter("person__staff_no")


class Scorecards(ReadResource):
    """Scorecards of units, bureaus and people: what was promised, what was delivered."""

    nouns = Scorecard.nouns
    rights = {"score": "score", "scores": "score", "add_evidence": "score", "evidence_withdraw": "score"}
    queryset = Scorecard.objects.all()
    serializer_class = ScorecardSerializer
    filterset_class = ScorecardFilters

    def get_queryset(self):
        cards = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return cards
        day = self.request.on
        cards = cards.filter(cycle__year__lte=day.year).named(day).with_progress()
        return cards.select_related("cycle", "unit", "bureau", "person", "result")

    @extend_schema(responses=ScorecardDetailSerializer)
    def retrieve(self, request, *args, **kwargs):
        """A card with its lines, each with the trace of its points."""
        cards = self.get_queryset().prefetch_related("lines__indicator", "lines__figure")
        card = get_object_or_404(cards, pk=kwargs["pk"])
        steps = explain.steps_of(list(card.lines.all()))
        context = {**self.get_serializer_context(), "standings": standings([card.pk]), "steps": steps}
        return Response(ScorecardDetailSerializer(card, context=context).data)

    @extend_schema(
        request=ScoreInput,
        responses={
            200: EnteredSerializer,
            409: OpenApiResponse(description="The line was changed meanwhile: theirs, version, who."),
        },
    )
    @action(detail=True, methods=["post"], url_path=r"lines/(?P<line_id>\d{1,18})/score")
    def score(self, request, pk: str, line_id: str):
        """Enter, change or clear the actual of one line."""
        card = self.access.get(Scorecard.objects.all(), "score", pk=pk)
        given = ScoreInput(data=request.data)
        given.is_valid(raise_exception=True)
        line = get_object_or_404(card.lines, pk=line_id)
        value, version = given.validated_data["value"], given.validated_data["version"]
        try:
            entered = services.enter_score(line=line, text=value, version=version, by=self.actor, access=self.access)
        except services.StaleLine as stale:
            return self._conflict(stale)
        return Response(EnteredSerializer(entered, context={"steps": explain.steps_of(entered.lines)}).data)

    @extend_schema(
        request=CellsInput,
        responses={
            200: OpenApiResponse(description="Each cell's answer; the cards."),
            404: OpenApiResponse(description="Which lines were not found; nothing was written."),
        },
    )
    @action(detail=False, methods=["post"])
    def scores(self, request):
        """Enter many cells at once; each is saved or answered for itself.

        Where a line is none that the client may see, nothing is written, and 404 names it.
        """
        given = CellsInput(data=request.data)
        given.is_valid(raise_exception=True)
        cells = [services.Cell(each["line"], each["value"], each["version"]) for each in given.validated_data["cells"]]
        cards = self.access.scope(Scorecard.objects.filter(lines__in=[cell.line for cell in cells]))
        seen = set(cards.order_by().values_list("lines", flat=True))
        if unknown := [str(cell.line) for cell in cells if cell.line not in seen]:
            raise NotFound(_("没有找到指标行 %(lines)s，本次没有保存任何一项") % {"lines": _("、").join(unknown)})
        return Response(answers.of_batch(services.enter_scores(cells=cells, by=self.actor, access=self.access)))

    @extend_schema(responses=EvidenceSerializer(many=True))
    @action(
        detail=True,
        url_path=r"lines/(?P<line_id>\d{1,18})/evidence",
        parser_classes=[MultiPartParser],
        pagination_class=None,
        filterset_class=None,
    )
    def evidence(self, request, pk: str, line_id: str):
        """The files under a line."""
        card = self.access.get(Scorecard.objects.all(), pk=pk)
        rows = get_object_or_404(card.lines, pk=line_id).evidence.defer(evidence.CONTENT)
        return Response(EvidenceSerializer(rows, many=True).data)

    @extend_schema(request={"multipart/form-data": EvidenceInput}, responses={201: EvidenceSerializer})
    @evidence.mapping.post
    def add_evidence(self, request, pk: str, line_id: str):
        """Put a file under a line."""
        card = self.access.get(Scorecard.objects.all(), "score", pk=pk)
        line = get_object_or_404(card.lines, pk=line_id)
        given = EvidenceInput(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        row = evidence.add_evidence(line=line, name=file.name, content=file.read(), by=self.actor)
        return Response(EvidenceSerializer(row).data, status=HTTPStatus.CREATED)

    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    @action(detail=True, methods=["get"], url_path=r"evidence/(?P<file_id>\d{1,18})")
    def evidence_file(self, request, pk: str, file_id: str):
        """One file, as an attachment."""
        card = self.access.get(Scorecard.objects.all(), pk=pk)
        return as_attachment(get_object_or_404(Evidence, line__scorecard=card, pk=file_id))

    @extend_schema(request=None, responses=EvidenceSerializer)
    @action(detail=True, methods=["post"], url_path=r"evidence/(?P<file_id>\d{1,18})/withdraw")
    def evidence_withdraw(self, request, pk: str, file_id: str):
        """Take a file back; it stays on file."""
        card = self.access.get(Scorecard.objects.all(), "score", pk=pk)
        row = get_object_or_404(Evidence.objects.defer(evidence.CONTENT), line__scorecard=card, pk=file_id)
        return Response(EvidenceSerializer(evidence.withdraw_evidence(evidence=row, by=self.actor)).data)

    def _conflict(self, stale: services.StaleLine) -> Response:
        self.request.accepted_renderer = ProblemRenderer()
        self.request.accepted_media_type = ProblemRenderer.media_type
        body = {
            "type": "about:blank",
            "title": HTTPStatus.CONFLICT.phrase,
            "status": HTTPStatus.CONFLICT.value,
            "detail": _("这一项已被他人改动，请核对后再保存"),
            "instance": self.request.get_full_path(),
            "theirs": stale.theirs,
            "version": stale.version,
            "who": stale.who,
        }
        return Response(body, status=HTTPStatus.CONFLICT)


ROUTES: list[tuple[str, type]] = [("scorecards", Scorecards)]
