"""What the REST resources of dated facts take and give. Periods are shown with an inclusive last day."""

from __future__ import annotations

from rest_framework import serializers

from common.api import ServiceSerializer
from staffing.models import Absence, Fact, Inquiry, Kinship, Sanction, Secondment, StepChange, Trial
from staffing.recording.fact_services import stamp

_SHARED = ("id", "person", "person_name", "starts", "last_day", "document_number", "note", "annulled", "is_example")


class FactSerializer(serializers.ModelSerializer):
    person = serializers.CharField(source="person.staff_no")
    person_name = serializers.CharField(source="person.name")
    starts = serializers.DateField()
    last_day = serializers.DateField(allow_null=True)
    stamp = serializers.SerializerMethodField(help_text="Send it back with a correction or an annulment.")

    def get_stamp(self, row: Fact) -> str:
        return stamp(row)


class AbsenceSerializer(FactSerializer):
    class Meta:
        model = Absence
        fields = (*_SHARED, "kind", "stamp")


class SecondmentSerializer(FactSerializer):
    home_unit = serializers.CharField(source="home_unit.code")
    host_unit = serializers.CharField(source="host_unit.code", allow_null=True, default=None)

    class Meta:
        model = Secondment
        fields = (*_SHARED, "kind", "home_unit", "host_unit", "host_name", "stamp")


class SanctionSerializer(FactSerializer):
    class Meta:
        model = Sanction
        fields = (*_SHARED, "kind", "stamp")


class InquirySerializer(FactSerializer):
    class Meta:
        model = Inquiry
        fields = (*_SHARED, "outcome", "stamp")


class KinshipSerializer(FactSerializer):
    relative = serializers.CharField(source="relative.staff_no")
    relative_name = serializers.CharField(source="relative.name")
    relation = serializers.ChoiceField(Kinship.Relation.choices)

    class Meta:
        model = Kinship
        fields = (
            "id", "person", "person_name", "relative", "relative_name", "relation", "starts", "last_day", "annulled",
            "is_example", "stamp",
        )  # fmt: skip


# --- what is recorded ---------------------------------------------------------------------------


class NewFactSerializer(ServiceSerializer):
    person = serializers.CharField(help_text="staff_no")
    starts = serializers.DateField()
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class NewAbsenceSerializer(NewFactSerializer):
    kind = serializers.ChoiceField(Absence.Kind.choices)
    ends = serializers.DateField(required=False, allow_null=True, help_text="the last day; null while it goes on")


class NewSecondmentSerializer(NewFactSerializer):
    kind = serializers.ChoiceField(Secondment.Kind.choices)
    ends = serializers.DateField(required=False, allow_null=True, help_text="the last day; null while it goes on")
    host_unit = serializers.CharField(required=False, allow_null=True, help_text="code; or else host_name")
    host_name = serializers.CharField(max_length=100, required=False, allow_blank=True)


class NewSanctionSerializer(NewFactSerializer):
    """How long it lasts follows from its kind, by the charter (ASM-13, ASM-14)."""

    kind = serializers.ChoiceField(Sanction.Kind.choices)
    document_number = serializers.CharField(max_length=60)


class NewInquirySerializer(NewFactSerializer):
    """A case that was opened; it is closed with its outcome."""


class NewKinshipSerializer(ServiceSerializer):
    person = serializers.CharField(help_text="staff_no")
    relative = serializers.CharField(help_text="staff_no")
    relation = serializers.ChoiceField(Kinship.Relation.choices)
    starts = serializers.DateField()
    ends = serializers.DateField(required=False, allow_null=True, help_text="the last day; null while it goes on")


# --- what is corrected, closed, annulled: a field that is not sent stays as it is ------------------


class CorrectSerializer(ServiceSerializer):
    stamp = serializers.CharField()
    reason = serializers.CharField(max_length=200)
    starts = serializers.DateField(required=False)
    ends = serializers.DateField(required=False, allow_null=True)


class _CorrectWordsSerializer(CorrectSerializer):
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class CorrectAbsenceSerializer(_CorrectWordsSerializer):
    kind = serializers.ChoiceField(Absence.Kind.choices, required=False)


class CorrectSecondmentSerializer(_CorrectWordsSerializer):
    kind = serializers.ChoiceField(Secondment.Kind.choices, required=False)
    host_unit = serializers.CharField(required=False, allow_null=True)
    host_name = serializers.CharField(max_length=100, required=False, allow_blank=True)


class CorrectSanctionSerializer(_CorrectWordsSerializer):
    kind = serializers.ChoiceField(Sanction.Kind.choices, required=False)
    ends = None  # type: ignore[assignment]  # so a serializer drops a field


class CorrectInquirySerializer(_CorrectWordsSerializer):
    outcome = serializers.ChoiceField(Inquiry.Outcome.choices, required=False, allow_blank=True)


class CorrectKinshipSerializer(CorrectSerializer):
    relation = serializers.ChoiceField(Kinship.Relation.choices, required=False)


class CloseSerializer(ServiceSerializer):
    on = serializers.DateField(help_text="the last day")
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class CloseInquirySerializer(CloseSerializer):
    outcome = serializers.ChoiceField([pair for pair in Inquiry.Outcome.choices if pair[0]])


class AnnulSerializer(ServiceSerializer):
    stamp = serializers.CharField()
    reason = serializers.CharField(max_length=200)


# --- within a term ------------------------------------------------------------------------------


class TrialSerializer(serializers.ModelSerializer):
    """What came of a probation."""

    person = serializers.CharField(source="appointment.person.staff_no")
    post = serializers.CharField(source="appointment.post.code")

    class Meta:
        model = Trial
        fields = (
            "id", "appointment", "person", "post", "outcome", "decided_on", "due_on", "extended_to",
            "document_number", "note",
        )  # fmt: skip


class NewTrialSerializer(ServiceSerializer):
    outcome = serializers.ChoiceField(Trial.Outcome.choices)
    decided_on = serializers.DateField(help_text="of a failed one, the last day in the post")
    extended_to = serializers.DateField(required=False, allow_null=True, help_text="only of an extension")
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class StepChangeSerializer(serializers.ModelSerializer):
    """A change of the pay step within a term."""

    person = serializers.CharField(source="appointment.person.staff_no")
    post = serializers.CharField(source="appointment.post.code")

    class Meta:
        model = StepChange
        fields = ("id", "appointment", "person", "post", "starts", "before", "step", "document_number", "note")


class NewStepSerializer(ServiceSerializer):
    starts = serializers.DateField()
    step = serializers.IntegerField(min_value=1, max_value=99)
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
