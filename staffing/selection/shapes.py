"""What the REST resources of a round take and give."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api import ServiceSerializer
from staffing.models import Candidate, Notice, Objection, Outcome, Score, Selection, SelectionPost
from staffing.selection.reading import sentence

PLAN = (
    "title", "kind", "whole_staff", "written", "interview", "peer", "pass_mark", "apply_from", "apply_until",
    "term_months", "notice_workdays", "contact", "phone", "document_number",
)  # fmt: skip


class OfferSerializer(serializers.ModelSerializer):
    post = serializers.CharField(source="post.code")

    class Meta:
        model = SelectionPost
        fields = ("post", "seats", "order")


class SelectionSerializer(serializers.ModelSerializer):
    unit = serializers.CharField(source="unit.code")
    posts = OfferSerializer(many=True)
    next_stage = serializers.CharField(allow_null=True)

    class Meta:
        model = Selection
        fields = ("id", "unit", *PLAN, "stage", "next_stage", "cancel_reason", "posts", "is_example")


class PlanSerializer(ServiceSerializer):
    unit = serializers.CharField()
    title = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(Selection.Kind.choices, default=Selection.Kind.INTERNAL)
    whole_staff = serializers.BooleanField(default=False)
    written = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    interview = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    peer = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    pass_mark = serializers.DecimalField(max_digits=5, decimal_places=2, required=False, allow_null=True)
    apply_from = serializers.DateField()
    apply_until = serializers.DateField()
    term_months = serializers.IntegerField(min_value=1, max_value=600)
    notice_workdays = serializers.IntegerField(min_value=1, max_value=250)
    contact = serializers.CharField(max_length=60)
    phone = serializers.CharField(max_length=40)
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)


class NewOfferSerializer(ServiceSerializer):
    post = serializers.CharField(help_text="code of the post")
    seats = serializers.IntegerField(min_value=1, max_value=32767)


class StepSerializer(ServiceSerializer):
    to = serializers.ChoiceField(Selection.Stage.choices)


class ReasonSerializer(ServiceSerializer):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class WishesSerializer(ServiceSerializer):
    first = serializers.CharField(help_text="code of the post chosen first")
    second = serializers.CharField(required=False, allow_blank=True, help_text="code of the post chosen second")
    accepts_another = serializers.BooleanField(default=False)
    resume = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    honours = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    version = serializers.IntegerField(required=False, help_text="that of the nomination as last read")


class RecommendSerializer(WishesSerializer):
    person = serializers.CharField(required=False, help_text="staff_no; of a round among staff")
    name = serializers.CharField(max_length=60, required=False)
    national_id = serializers.CharField(max_length=24, required=False, help_text="of an applicant from outside")
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    education = serializers.CharField(max_length=30, required=False, allow_blank=True)
    workplace = serializers.CharField(max_length=100, required=False, allow_blank=True)


class NewNoticeSerializer(ServiceSerializer):
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    places = serializers.CharField(max_length=200)
    contact = serializers.CharField(max_length=60)
    phone = serializers.CharField(max_length=40)


class TakeEffectSerializer(ServiceSerializer):
    starts = serializers.DateField()
    decided_on = serializers.DateField()
    term_ends = serializers.DateField(required=False, allow_null=True)
    probation_ends = serializers.DateField(required=False, allow_null=True)
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    category = serializers.CharField(max_length=20, required=False)
    identity = serializers.CharField(max_length=20, required=False)


class AppointedSerializer(serializers.Serializer):
    appointments = serializers.ListField(child=serializers.IntegerField(), help_text="ids of the appointments")
    waiting = serializers.ListField(child=serializers.IntegerField(), help_text="ids of candidates without a post")


class ScoreSerializer(serializers.ModelSerializer):
    class Meta:
        model = Score
        fields = ("part", "points", "version")


class OutcomeSerializer(serializers.ModelSerializer):
    proposed = serializers.CharField(source="proposed.post.code", allow_null=True, default=None)
    decided = serializers.CharField(source="decided.post.code", allow_null=True, default=None)
    why = serializers.SerializerMethodField()

    class Meta:
        model = Outcome
        fields = ("total", "rank", "proposed", "reason", "why", "decided", "decided_at", "deviation", "appointment")

    def get_why(self, outcome: Outcome) -> str:
        posts = outcome.candidate.selection.posts.all()
        return sentence(outcome, {offer.pk: offer.post.code for offer in posts})


class CandidateSerializer(serializers.ModelSerializer):
    """A candidate. Scores and outcome are null for himself until the round is on notice."""

    selection = serializers.IntegerField(source="selection_id")
    person = serializers.CharField(source="person.staff_no", allow_null=True, default=None)
    name = serializers.CharField()
    first = serializers.CharField(source="first.post.code")
    second = serializers.CharField(source="second.post.code", allow_null=True, default=None)
    scores = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()

    class Meta:
        model = Candidate
        fields = (
            "id", "selection", "number", "person", "name", "first", "second", "accepts_another", "nominated",
            "withdrawn", "eligible", "eligibility_note", "medical", "version", "scores", "outcome", "is_example",
        )  # fmt: skip

    def _shown(self, candidate: Candidate) -> bool:
        units = self.context["overseen"]
        return candidate.selection.unit_id in units or candidate.selection.passed(Selection.Stage.NOTICE)

    @extend_schema_field(ScoreSerializer(many=True, allow_null=True))
    def get_scores(self, candidate: Candidate):
        return ScoreSerializer(candidate.scores.all(), many=True).data if self._shown(candidate) else None

    @extend_schema_field(OutcomeSerializer(allow_null=True))
    def get_outcome(self, candidate: Candidate):
        found = getattr(candidate, "outcome", None)
        return OutcomeSerializer(found).data if found and self._shown(candidate) else None


class CheckSerializer(ServiceSerializer):
    eligible = serializers.BooleanField()
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)
    barred = serializers.ListField(child=serializers.CharField(), required=False, help_text="codes of posts")


class PointsSerializer(ServiceSerializer):
    part = serializers.ChoiceField(Score.Part.choices)
    points = serializers.CharField(max_length=20, allow_blank=True)
    version = serializers.IntegerField(min_value=0, help_text="0 while there is no score")


class DecideSerializer(ServiceSerializer):
    post = serializers.CharField(allow_blank=True, help_text="code of the post; empty for none")
    seen = serializers.CharField(required=False, allow_blank=True, help_text="code of the post decided so far")
    deviation = serializers.CharField(max_length=300, required=False, allow_blank=True)


class MedicalSerializer(ServiceSerializer):
    result = serializers.ChoiceField(Candidate.Medical.choices)


class NoticeSerializer(serializers.ModelSerializer):
    class Meta:
        model = Notice
        fields = ("id", "selection", "first_day", "last_day", "places", "contact", "phone", "published_on")


class NewObjectionSerializer(ServiceSerializer):
    candidate = serializers.IntegerField(required=False, allow_null=True)
    text = serializers.CharField(max_length=4000)


class ObjectionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Objection
        fields = ("id", "notice", "candidate", "raised_on", "text", "state", "settled_on", "finding")


class SettleSerializer(ServiceSerializer):
    upheld = serializers.BooleanField()
    finding = serializers.CharField(max_length=500)
