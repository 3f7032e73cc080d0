"""What the REST resources of this room take and give. Periods are shown with an inclusive last day."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api import ServiceSerializer
from staffing.models import Appointment, Person
from staffing.personnel.identity import mask, mask_phone
from staffing.services import stamp


class PersonSerializer(serializers.ModelSerializer):
    """A person; ``national_id``, ``phone`` and ``birth_date`` are masked unless the caller may read them."""

    home_unit = serializers.CharField(source="home_unit.code")
    national_id = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()
    birth_date = serializers.SerializerMethodField(help_text="null when masked")
    stamp = serializers.SerializerMethodField(help_text="Send it back with a correction.")

    class Meta:
        model = Person
        fields = (
            "staff_no", "name", "gender", "birth_date", "national_id", "phone", "category", "identity",
            "original_rank", "entered_on", "ethnic_group", "native_place", "politics", "joined_party_on", "education",
            "full_time_education", "full_time_school", "in_service_education", "in_service_school",
            "professional_title", "home_unit", "is_example", "stamp",
        )  # fmt: skip

    def get_national_id(self, person: Person) -> str:
        return person.national_id if self.context.get("readable") else mask(person.national_id)

    def get_phone(self, person: Person) -> str:
        return person.phone if self.context.get("readable") else mask_phone(person.phone)

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_birth_date(self, person: Person):
        return person.birth_date if self.context.get("readable") else None

    def get_stamp(self, person: Person) -> str:
        return stamp(person)


class CorrectPersonSerializer(ServiceSerializer):
    stamp = serializers.CharField()
    name = serializers.CharField(max_length=60)
    national_id = serializers.CharField(max_length=24)
    gender = serializers.ChoiceField(Person.Gender.choices)
    birth_date = serializers.DateField()
    phone = serializers.CharField(max_length=30, allow_blank=True)
    category = serializers.ChoiceField(Person.Category.choices)
    identity = serializers.ChoiceField(Person.Identity.choices)
    original_rank = serializers.CharField(max_length=60, allow_blank=True)
    entered_on = serializers.DateField(allow_null=True)
    ethnic_group = serializers.CharField(max_length=20, allow_blank=True)
    native_place = serializers.CharField(max_length=60, allow_blank=True)
    politics = serializers.ChoiceField(Person.Politics.choices, allow_blank=True)
    joined_party_on = serializers.DateField(allow_null=True)
    education = serializers.CharField(max_length=30, allow_blank=True)
    full_time_education = serializers.CharField(max_length=60, allow_blank=True)
    full_time_school = serializers.CharField(max_length=100, allow_blank=True)
    in_service_education = serializers.CharField(max_length=60, allow_blank=True)
    in_service_school = serializers.CharField(max_length=100, allow_blank=True)
    professional_title = serializers.CharField(max_length=60, allow_blank=True)
    document_number = serializers.CharField(
        max_length=60, allow_blank=True, help_text="Needed, with a reason, to correct the original status."
    )
    reason = serializers.CharField(max_length=200, allow_blank=True)


class NewPersonSerializer(ServiceSerializer):
    staff_no = serializers.CharField(max_length=20, required=False, allow_blank=True)
    home_unit = serializers.CharField()
    name = serializers.CharField(max_length=60, trim_whitespace=False)
    national_id = serializers.CharField(max_length=24)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    category = serializers.ChoiceField(Person.Category.choices)
    identity = serializers.ChoiceField(Person.Identity.choices)
    original_rank = serializers.CharField(max_length=60, required=False, allow_blank=True)
    entered_on = serializers.DateField(required=False, allow_null=True)
    ethnic_group = serializers.CharField(max_length=20, required=False, allow_blank=True)
    native_place = serializers.CharField(max_length=60, required=False, allow_blank=True)
    politics = serializers.ChoiceField(Person.Politics.choices, required=False, allow_blank=True)
    joined_party_on = serializers.DateField(required=False, allow_null=True)
    education = serializers.CharField(max_length=30, required=False, allow_blank=True)
    full_time_education = serializers.CharField(max_length=60, required=False, allow_blank=True)
    full_time_school = serializers.CharField(max_length=100, required=False, allow_blank=True)
    in_service_education = serializers.CharField(max_length=60, required=False, allow_blank=True)
    in_service_school = serializers.CharField(max_length=100, required=False, allow_blank=True)
    professional_title = serializers.CharField(max_length=60, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class AppointmentSerializer(serializers.ModelSerializer):
    """An appointment; the names of its place are those of the day, null when it was not in force then."""

    person = serializers.CharField(source="person.staff_no")
    person_name = serializers.CharField(source="person.name")
    post = serializers.CharField(source="post.code")
    post_name = serializers.CharField(allow_null=True)
    unit = serializers.CharField(source="unit_code", allow_null=True)
    unit_name = serializers.CharField(allow_null=True)
    bureau = serializers.CharField(source="bureau_code", allow_null=True)
    bureau_name = serializers.CharField(allow_null=True)
    grade = serializers.CharField(source="grade_code", allow_null=True)
    coefficient = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    starts = serializers.DateField()
    last_day = serializers.DateField(allow_null=True)
    paid = serializers.BooleanField(
        help_text="Whether this post pays on the day: of several, the one with the highest coefficient."
    )

    class Meta:
        model = Appointment
        fields = (
            "id", "person", "person_name", "post", "post_name", "unit", "unit_name", "bureau", "bureau_name",
            "grade", "coefficient", "paid", "seat", "kind", "step", "document_number", "decided_on", "starts",
            "last_day", "term_ends", "probation_ends", "end_reason", "notified_on", "hire", "regime",
            "approval_number", "is_example",
        )  # fmt: skip


class TermsSerializer(ServiceSerializer):
    starts = serializers.DateField()
    decided_on = serializers.DateField()
    seat = serializers.IntegerField(min_value=1, required=False)
    term_ends = serializers.DateField(required=False, allow_null=True)
    probation_ends = serializers.DateField(required=False, allow_null=True)
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    step = serializers.IntegerField(min_value=1, max_value=99, required=False)
    hire = serializers.ChoiceField(Appointment.Hire.choices, required=False, allow_blank=True)
    regime = serializers.ChoiceField(Appointment.Regime.choices, required=False)
    approval_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class TransferSerializer(TermsSerializer):
    post = serializers.CharField(help_text="code of the post")


class RenewSerializer(TermsSerializer):
    """A new term on the same seat."""

    seat = None  # type: ignore[assignment]  # so a serializer drops a field


class CorrectAppointmentSerializer(RenewSerializer):
    """A field that is not sent stays as it is."""

    starts = serializers.DateField(required=False)
    decided_on = serializers.DateField(required=False)


class AppointSerializer(TransferSerializer):
    person = serializers.CharField(help_text="staff_no")
    kind = serializers.ChoiceField(Appointment.Kind.choices, default=Appointment.Kind.PRIMARY)


class EndSerializer(ServiceSerializer):
    on = serializers.DateField(help_text="the last day in the post")
    reason = serializers.ChoiceField([pair for pair in Appointment.End.choices if pair[0]])
    notified_on = serializers.DateField(required=False, help_text="the day of the written notice (APT-08)")
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
