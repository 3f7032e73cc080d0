"""REST resource of the handovers of duties; config/urls.py puts ``ROUTES`` under /api/v1/."""

from __future__ import annotations

from http import HTTPStatus

from django.db.models import Prefetch
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from orgchart import transfers as services
from orgchart.models import (
    Bureau,
    Duty,
    DutyTransfer,
    Side,
    TransferDispute,
    TransferLine,
    TransferSignature,
)
from staffing.handover import transfers
from zones.models import Instrument, Project, Unit


class TransferLineSerializer(serializers.ModelSerializer):
    """One duty of a handover, in one area."""

    duty = serializers.SlugRelatedField("code", read_only=True)
    area = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = TransferLine
        fields = ("duty", "area")


class TransferSignatureSerializer(serializers.ModelSerializer):
    class Meta:
        model = TransferSignature
        fields = ("side", "signer_name", "capacity", "signed_on")


class TransferDisputeSerializer(serializers.ModelSerializer):
    """What a side objects to; ``settlement`` is empty while it is open."""

    class Meta:
        model = TransferDispute
        fields = ("id", "side", "text", "raised_on", "settlement", "settled_on", "is_example")


class TransferSerializer(serializers.ModelSerializer):
    """A handover as it stood on the day: state, whether it is late, what goes with it. Amounts are yuan."""

    from_unit = serializers.SlugRelatedField("code", read_only=True)
    from_bureau = serializers.SlugRelatedField("code", read_only=True)
    to_unit = serializers.SlugRelatedField("code", read_only=True)
    to_bureau = serializers.SlugRelatedField("code", read_only=True)
    instrument = serializers.SlugRelatedField("code", read_only=True)
    projects = serializers.SlugRelatedField("code", read_only=True, many=True)
    state = serializers.ChoiceField(DutyTransfer.State.choices, source="state_then")
    overdue = serializers.BooleanField(source="late")
    lines = TransferLineSerializer(many=True)
    signatures = TransferSignatureSerializer(many=True, source="signatures_then")
    disputes = TransferDisputeSerializer(many=True, source="disputes_then")

    class Meta:
        model = DutyTransfer
        fields = (
            "code",
            "state",
            "overdue",
            "from_unit",
            "from_bureau",
            "to_unit",
            "to_bureau",
            "lines",
            "instrument",
            "effective_on",
            "deadline",
            "staff_count",
            "staff_note",
            "funds",
            "funds_note",
            "projects",
            "archive_volumes",
            "archive_note",
            "note",
            "drafted_on",
            "started_on",
            "done_on",
            "withdrawn_on",
            "withdrawn_why",
            "signatures",
            "disputes",
            "version",
            "is_example",
        )


class TransferLineInput(serializers.Serializer):
    duty = serializers.SlugRelatedField("code", queryset=Duty.objects.all())
    area = serializers.SlugField(max_length=20)


class TransferInput(ServiceSerializer):
    """A handover to draft. With ``move`` the change of bearer is entered with it: for those who may change duties."""

    from_unit = serializers.SlugField(max_length=20)
    from_bureau = serializers.SlugField(max_length=30, allow_null=True, default=None)
    to_unit = serializers.SlugField(max_length=20)
    to_bureau = serializers.SlugField(max_length=30, allow_null=True, default=None)
    lines = TransferLineInput(many=True, allow_empty=False)
    instrument = serializers.SlugRelatedField("code", queryset=Instrument.objects.all())
    effective_on = serializers.DateField()
    deadline = serializers.DateField()
    staff_count = serializers.IntegerField(min_value=0, max_value=100000, allow_null=True, default=None)
    staff_note = serializers.CharField(max_length=300, default="", allow_blank=True)
    staff = serializers.ListField(child=serializers.CharField(max_length=40), default=list, max_length=1000)
    funds = serializers.DecimalField(max_digits=18, decimal_places=2, min_value=0, allow_null=True, default=None)
    funds_note = serializers.CharField(max_length=300, default="", allow_blank=True)
    projects = serializers.ListField(child=serializers.SlugField(max_length=40), default=list, max_length=500)
    archive_volumes = serializers.IntegerField(min_value=0, max_value=10**8, allow_null=True, default=None)
    archive_note = serializers.CharField(max_length=300, default="", allow_blank=True)
    note = serializers.CharField(max_length=2000, default="", allow_blank=True)
    move = serializers.BooleanField(default=False)


class SignInput(ServiceSerializer):
    """``version`` is the one that the signer has read."""

    side = serializers.ChoiceField(Side.choices)
    capacity = serializers.CharField(max_length=100)
    version = serializers.IntegerField(min_value=1)


class DisputeInput(ServiceSerializer):
    side = serializers.ChoiceField(Side.choices)
    text = serializers.CharField(max_length=2000)


class SettleInput(ServiceSerializer):
    dispute = serializers.IntegerField(min_value=1)
    settlement = serializers.CharField(max_length=2000)


class WithdrawInput(ServiceSerializer):
    why = serializers.CharField(max_length=300)


class Transfers(ReadResource):
    """Handovers of duties, of the units of either side."""

    noun = "transfer"
    queryset = DutyTransfer.objects.all()
    serializer_class = TransferSerializer
    lookup_field = "code"
    rights = {
        "start": "change",
        "complete": "change",
        "withdraw": "change",
        "sign": "sign",
        "dispute": "dispute",
        "settle": "settle",
    }

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        day = self.request.on
        signed = TransferSignature.objects.filter(signed_on__lte=day)
        raised = TransferDispute.objects.filter(raised_on__lte=day)
        return (
            rows.on(day)
            .select_related("from_unit", "from_bureau", "to_unit", "to_bureau", "instrument")
            .prefetch_related(
                "projects",
                Prefetch("lines", TransferLine.objects.select_related("duty", "area")),
                Prefetch("signatures", signed, to_attr="signatures_then"),
                Prefetch("disputes", raised, to_attr="disputes_then"),
            )
        )

    def _shown(self, transfer: DutyTransfer, status: int = HTTPStatus.OK) -> Response:
        row = self.get_queryset().get(pk=transfer.pk)
        return Response(self.get_serializer(row).data, status=status)

    def _mine(self, code: str, action_: str) -> DutyTransfer:
        return self.access.get(DutyTransfer.objects.select_related("from_unit", "to_unit"), action_, code=code)

    def _demand_side(self, row: DutyTransfer, side: str, action_: str) -> None:
        if not self.access.can_in(row.unit_of(side).pk, action_, self.noun):
            raise PermissionDenied

    @extend_schema(request=TransferInput, responses={201: TransferSerializer})
    def create(self, request):
        """Draft a handover, for a visitor who keeps one of its sides."""
        given = TransferInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        move, staff = data.pop("move"), data.pop("staff")
        seen = self.access.units("view", "unit")
        codes = {data["from_unit"], data["to_unit"], *(line["area"] for line in data["lines"])}
        units = {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}
        sides = [units.get(data[side]) for side in ("from_unit", "to_unit")]
        areas = [units.get(line["area"]) for line in data["lines"]]
        # The other side may lie outside the visitor's units; one of the two, and every area, does not.
        kept = [unit for unit in sides if unit and self.access.can_in(unit.pk, "add", self.noun)]
        if None in sides or not kept or any(area is None or area.pk not in seen for area in areas):
            raise Http404
        if move and not all(self.access.can_in(area.pk, "change", "duty") for area in areas if area):
            raise PermissionDenied
        terms = services.Terms(
            **data
            | {
                "from_unit": sides[0],
                "to_unit": sides[1],
                "from_bureau": self._bureau(data["from_bureau"]),
                "to_bureau": self._bureau(data["to_bureau"]),
                "lines": [(line["duty"], units[line["area"]]) for line in data["lines"]],
                "projects": self._projects(data["projects"], seen),
            }
        )
        row = transfers.draft(terms=terms, staff=transfers.resolve(staff, self.access), move=move, by=self.actor)
        return self._shown(row, HTTPStatus.CREATED)

    @staticmethod
    def _bureau(code: str | None) -> Bureau | None:
        return Bureau.objects.get(code=code) if code else None

    @staticmethod
    def _projects(codes: list[str], seen: frozenset[int]) -> list[Project]:
        found = list(Project.objects.filter(code__in=codes, unit__in=seen))
        if len(found) != len(set(codes)):
            raise Http404
        return found

    @extend_schema(request=None, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request, code: str):
        """The draft goes out to both sides."""
        return self._shown(services.start_transfer(transfer=self._mine(code, "change"), by=self.actor))

    @extend_schema(request=None, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request, code: str):
        """Everything has changed hands; refused before both have signed and while a dispute is open."""
        return self._shown(services.complete_transfer(transfer=self._mine(code, "change"), by=self.actor))

    @extend_schema(request=WithdrawInput, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, code: str):
        """Take it back before both have signed."""
        row = self._mine(code, "change")
        given = WithdrawInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self._shown(services.withdraw_transfer(transfer=row, by=self.actor, **given.validated_data))

    @extend_schema(request=SignInput, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request, code: str):
        """Sign for a side of one's own."""
        row = self._mine(code, "sign")
        given = SignInput(data=request.data)
        given.is_valid(raise_exception=True)
        self._demand_side(row, given.validated_data["side"], "sign")
        services.sign_transfer(transfer=row, by=self.actor, **given.validated_data)
        return self._shown(row)

    @extend_schema(request=DisputeInput, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def dispute(self, request, code: str):
        """Object to something for a side of one's own."""
        row = self._mine(code, "dispute")
        given = DisputeInput(data=request.data)
        given.is_valid(raise_exception=True)
        self._demand_side(row, given.validated_data["side"], "dispute")
        services.raise_dispute(transfer=row, by=self.actor, **given.validated_data)
        return self._shown(row)

    @extend_schema(request=SettleInput, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request, code: str):
        """Say how a dispute of the handover was settled."""
        row = self._mine(code, "settle")
        given = SettleInput(data=request.data)
        given.is_valid(raise_exception=True)
        dispute = row.disputes.filter(pk=given.validated_data["dispute"]).first()
        if dispute is None:
            raise Http404
        services.settle_dispute(dispute=dispute, settlement=given.validated_data["settlement"], by=self.actor)
        return self._shown(row)


ROUTES: list[tuple[str, type]] = [("transfers", Transfers)]
