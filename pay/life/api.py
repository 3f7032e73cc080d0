"""REST of a run's life, of payouts, terms and accounts: the same services as the pages, the same table of rights."""

from __future__ import annotations

from decimal import Decimal

from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from common.imports.api import ImportResource
from pay.life import accounts, payouts, services
from pay.life.account_import import AccountImporter
from pay.models import BankAccount, Payout, PayoutLine, Run, TermResult
from staffing.models import Person
from zones.models import Instrument, Unit


class SeenInput(ServiceSerializer):
    """``stamp`` is that of the run as it was read: one that moved since is refused."""

    stamp = serializers.CharField(max_length=64)


class SendBackInput(SeenInput):
    reason = serializers.CharField(max_length=500)


class ApproveInput(SeenInput):
    instrument = serializers.SlugRelatedField("code", queryset=Instrument.objects.all())


class RunActs:
    """What may be done with a run, mixed into its resource: each answers with the run as it stands then."""

    ACTS = {"check": "check", "send_back": "view", "approve": "approve", "cancel": "cancel", "correct": "compute"}

    def _run(self, pk, act: str) -> Run:
        rows = Run.objects.with_signers().select_related("unit", "scheme").defer("inputs", "trace")
        return self.access.get(rows, act, pk=pk)  # type: ignore[attr-defined]

    def _answer(self, run: Run, code: int = status.HTTP_200_OK) -> Response:
        run = Run.objects.with_signers().select_related("unit").get(pk=run.pk)
        shown = self.get_serializer_class()  # type: ignore[attr-defined]
        return Response(shown(run, context=self._with_shares([run])).data, status=code)  # type: ignore[attr-defined]

    @staticmethod
    def _told(form: type[ServiceSerializer], request) -> dict:
        told = form(data=request.data)
        told.is_valid(raise_exception=True)
        return told.validated_data

    @extend_schema(request=SeenInput)
    @action(detail=True, methods=["post"])
    def check(self, request, pk=None):
        """Check a draft; not by whoever asked for it."""
        run = self._run(pk, "check")
        told = self._told(SeenInput, request)
        return self._answer(services.check_run(run=run, seen=told["stamp"], by=request.actor))

    @extend_schema(request=SendBackInput)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request, pk=None):
        """Take a check back, with a reason: whoever may approve, and whoever checked."""
        run = self._run(pk, "view")
        access = request.access
        own_check = access.can_in(run.unit_id, "check", "run") and run.checked_by_id == request.user.pk
        if not access.can_in(run.unit_id, "approve", "run") and not own_check:
            self.permission_denied(request)  # type: ignore[attr-defined]
        told = self._told(SendBackInput, request)
        done = services.send_back(run=run, reason=told["reason"], seen=told["stamp"], by=request.actor)
        return self._answer(done)

    @extend_schema(request=ApproveInput)
    @action(detail=True, methods=["post"])
    def approve(self, request, pk=None):
        """Approve what was checked, with an instrument on file; by a third person."""
        run = self._run(pk, "approve")
        told = self._told(ApproveInput, request)
        done = services.approve_run(run=run, instrument=told["instrument"], seen=told["stamp"], by=request.actor)
        return self._answer(done)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        """Take back a run that still waits."""
        return self._answer(services.cancel_run(run=self._run(pk, "cancel"), by=request.actor))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def correct(self, request, pk=None):
        """Ask for an approved run to be computed again: what comes out differently is a correction of it."""
        run = self._run(pk, "compute")
        return self._answer(services.request_correction(run=run, by=request.actor), status.HTTP_202_ACCEPTED)


class PayoutLineSerializer(serializers.ModelSerializer):
    person = serializers.SlugRelatedField("staff_no", read_only=True)
    account = serializers.CharField(source="account.last4", default=None, help_text="Its last four digits.")

    class Meta:
        model = PayoutLine
        fields = ("sequence", "person", "amount", "held", "why", "settles", "account")


class PayoutSerializer(serializers.ModelSerializer):
    unit = serializers.SlugRelatedField("code", source="run.unit", read_only=True)
    year = serializers.IntegerField(source="run.year", read_only=True)
    drafted_by = serializers.SlugRelatedField("username", read_only=True)
    released_by = serializers.SlugRelatedField("username", read_only=True)

    class Meta:
        model = Payout
        fields = (
            *("id", "run", "unit", "year", "part", "state", "term_result", "total"),
            *("drafted_by", "drafted_at", "released_by", "released_at"),
        )


class PayoutDetailSerializer(PayoutSerializer):
    lines = serializers.SerializerMethodField()

    class Meta:
        model = Payout
        fields = (*PayoutSerializer.Meta.fields, "lines")

    @extend_schema_field(PayoutLineSerializer(many=True))
    def get_lines(self, payout: Payout):
        return PayoutLineSerializer(payout.lines.select_related("person", "account"), many=True).data


class PayoutInput(ServiceSerializer):
    run = serializers.IntegerField(min_value=1)
    part = serializers.ChoiceField(Payout.Part.choices)


class ReleaseInput(ServiceSerializer):
    leave_out = serializers.BooleanField(default=False, help_text="Whoever has no account waits.")


class PayoutFilter(filters.FilterSet):
    run = filters.NumberFilter("run_id")
    unit = filters.CharFilter("run__unit__code")
    year = filters.NumberFilter("run__year")

    class Meta:
        model = Payout
        fields = ("run", "unit", "year", "part", "state")


class PayoutResource(ReadResource):
    """Payouts of approved runs; drawn up by one, released by another."""

    noun = "payout"
    rights = {"release": "release", "discard": "add"}
    queryset = Payout.objects.select_related("run__unit", "drafted_by", "released_by").defer(
        "run__inputs", "run__trace"
    )
    serializer_class = PayoutSerializer
    filterset_class = PayoutFilter

    def get_serializer_class(self):
        return PayoutSerializer if self.action == "list" else PayoutDetailSerializer

    @extend_schema(request=PayoutInput, responses={201: PayoutDetailSerializer})
    def create(self, request):
        told = PayoutInput(data=request.data)
        told.is_valid(raise_exception=True)
        run = self.access.get(Run.objects.select_related("unit", "scheme"), pk=told.validated_data["run"])
        if not self.access.can_in(run.unit_id, "add", "payout"):
            self.permission_denied(request)
        part = told.validated_data["part"]
        if part == Payout.Part.HELD:
            made = payouts.draft_held(run=run, by=self.actor)
        else:
            made = payouts.draft_payout(run=run, part=part, by=self.actor)
        return Response(PayoutDetailSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReleaseInput, responses=PayoutDetailSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request, pk=None):
        """Release a payout that another drew up. 400 with code ``no_account`` names who has none."""
        found = self.access.get(self.queryset.all(), "release", pk=pk)
        told = ReleaseInput(data=request.data)
        told.is_valid(raise_exception=True)
        done = payouts.release_payout(payout=found, by=self.actor, leave_out=told.validated_data["leave_out"])
        return Response(PayoutDetailSerializer(done).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def discard(self, request, pk=None):
        """Take back a payout that was not released; answers with what it was."""
        found = self.access.get(self.queryset.all(), "add", pk=pk)
        shown = PayoutSerializer(found).data
        payouts.discard_payout(payout=found, by=self.actor)
        return Response(shown)


class TermSerializer(serializers.ModelSerializer):
    unit = serializers.SlugRelatedField("code", read_only=True)
    instrument = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = TermResult
        fields = ("id", "unit", "first_year", "last_year", "qualified", "ratio", "cap", "instrument", "is_example")


class TermInput(ServiceSerializer):
    unit = serializers.SlugField()
    first_year = serializers.IntegerField(min_value=1978, max_value=2200)
    last_year = serializers.IntegerField(min_value=1978, max_value=2200)
    qualified = serializers.BooleanField()
    ratio = serializers.DecimalField(5, 4, min_value=Decimal(0), max_value=Decimal(1))
    cap = serializers.DecimalField(5, 4, min_value=Decimal(0), max_value=Decimal(1), required=False)
    instrument = serializers.SlugRelatedField("code", queryset=Instrument.objects.all())


class TermResource(ReadResource):
    """How terms of office were judged: what each releases of the deferred parts of its years."""

    noun = "term_result"
    queryset = TermResult.objects.select_related("unit", "instrument")
    serializer_class = TermSerializer

    @extend_schema(request=TermInput, responses={201: TermSerializer})
    def create(self, request):
        told = TermInput(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        unit = self.access.get(Unit.objects.filter(kind__in=["zone", "park"]), code=data.pop("unit"))
        if not self.access.can_in(unit.pk, "add", "term_result"):
            self.permission_denied(request)
        made = payouts.record_term(unit=unit, by=self.actor, **data)
        return Response(TermSerializer(made).data, status=status.HTTP_201_CREATED)


class AccountSerializer(serializers.ModelSerializer):
    """An account; its number in full for the person himself, its last four digits for others."""

    person = serializers.SlugRelatedField("staff_no", read_only=True)
    number = serializers.SerializerMethodField()
    starts = serializers.DateField(read_only=True)
    last_day = serializers.DateField(read_only=True, allow_null=True)

    class Meta:
        model = BankAccount
        fields = ("id", "person", "bank", "number", "holder", "starts", "last_day", "is_example")

    def get_number(self, row: BankAccount) -> str:
        own = self.context["request"]._request.access.person_id
        return row.number if row.person_id == own else accounts.mask(row.number)


class AccountInput(ServiceSerializer):
    person = serializers.CharField(max_length=40, help_text="His staff number.")
    bank = serializers.CharField(max_length=100)
    number = serializers.CharField(max_length=60)
    holder = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    starts = serializers.DateField()


class AccountFilter(filters.FilterSet):
    person = filters.CharFilter("person__staff_no")

    class Meta:
        model = BankAccount
        fields = ("person",)


class AccountResource(ReadResource):
    """Accounts in force on the day, masked."""

    noun = "bank_account"
    queryset = BankAccount.objects.select_related("person")
    serializer_class = AccountSerializer
    filterset_class = AccountFilter

    def get_queryset(self):
        queryset = super().get_queryset()
        return queryset if getattr(self, "swagger_fake_view", False) else queryset.on(self.request.on)

    @extend_schema(request=AccountInput, responses={201: AccountSerializer})
    def create(self, request):
        told = AccountInput(data=request.data)
        told.is_valid(raise_exception=True)
        data = dict(told.validated_data)
        person = self.access.scope(Person.objects.all()).filter(staff_no=data.pop("person")).first()
        if person is None:
            raise Http404
        if not self.access.can_in(person.home_unit_id, "add", "bank_account"):
            self.permission_denied(request)
        made = accounts.set_account(person=person, by=self.actor, **data)
        body = AccountSerializer(made, context=self.get_serializer_context()).data
        return Response(body, status=status.HTTP_201_CREATED)


class AccountImports(ImportResource):
    """A sheet of accounts (XLSX or CSV), in the units whose people the caller pays."""

    noun = "bank_account"

    def importer(self, source: str) -> AccountImporter:
        return AccountImporter(self.reach(self.noun), self.actor, self.request._request.on, source)


ROUTES = [
    ("payouts", PayoutResource),
    ("term-results", TermResource),
    ("bank-accounts", AccountResource),
    ("account-imports", AccountImports),
]
