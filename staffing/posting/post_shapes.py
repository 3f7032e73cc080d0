"""What the REST resources of posts and grades take and give. Periods are shown with an inclusive last day."""

from __future__ import annotations

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api import ServiceSerializer
from orgchart.models import Tier
from staffing.models import GradeCoefficient, Person, Post, PostGrade, PostVersion
from staffing.posting import levels
from staffing.posting.posts import stamp
from zones.models import UnitVersion


class VersionSerializer(serializers.ModelSerializer):
    """A post as it stands on a day. ``coefficient`` is a ratio as a decimal string."""

    unit = serializers.CharField(source="unit_code")
    unit_name = serializers.CharField()
    bureau = serializers.CharField(source="bureau_code", allow_null=True)
    bureau_name = serializers.CharField(allow_null=True)
    tier = serializers.CharField(source="tier_kind")
    grade = serializers.CharField(source="grade_code")
    coefficient = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    level_name = serializers.CharField()
    taken = serializers.IntegerField()
    starts = serializers.DateField()
    last_day = serializers.DateField(allow_null=True)
    instrument = serializers.CharField(source="instrument.code", allow_null=True, default=None)

    class Meta:
        model = PostVersion
        fields = (
            "name", "name_en", "unit", "unit_name", "bureau", "bureau_name", "tier", "grade", "coefficient",
            "category", "level", "level_name", "rank", "establishment", "term_months", "is_open", "is_special",
            "is_head", "headcount", "taken", "duties", "standards", "requirements", "starts",
            "last_day", "instrument", "is_example",
        )  # fmt: skip


class PostSerializer(serializers.ModelSerializer):
    version = serializers.SerializerMethodField(help_text="As of the day; null when the post does not stand then.")

    stamp = serializers.SerializerMethodField(help_text="Send it back with a change; only given for one post.")

    class Meta:
        model = Post
        fields = ("code", "version", "stamp")

    def get_stamp(self, post: Post) -> str | None:
        one = self.context["view"].action != "list" if "view" in self.context else False
        return stamp(post) if one else None

    @extend_schema_field(VersionSerializer(allow_null=True))
    def get_version(self, post: Post):
        return VersionSerializer(post.on_day[0]).data if post.on_day else None


class PostFields(ServiceSerializer):
    """What a post is, all of it optional; ``tier`` is a kind, ``grade`` and ``instrument`` are codes."""

    tier = serializers.ChoiceField(Tier.Kind.choices, required=False)
    grade = serializers.CharField(required=False)
    category = serializers.ChoiceField(PostVersion.Category.choices, required=False)
    level = serializers.ChoiceField(levels.CHOICES, required=False, allow_blank=True)
    rank = serializers.ChoiceField(UnitVersion.Rank.choices, required=False, allow_blank=True)
    establishment = serializers.ChoiceField(Person.Category.choices, required=False, allow_blank=True)
    headcount = serializers.IntegerField(min_value=1, max_value=32767, required=False)
    term_months = serializers.IntegerField(min_value=1, max_value=600, required=False, allow_null=True)
    is_head = serializers.BooleanField(required=False)
    is_open = serializers.BooleanField(required=False)
    is_special = serializers.BooleanField(required=False)
    name = serializers.CharField(max_length=100, required=False)
    name_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    duties = serializers.CharField(required=False)
    standards = serializers.CharField(required=False)
    requirements = serializers.CharField(required=False)
    instrument = serializers.CharField(required=False, allow_blank=True)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RevisePostSerializer(PostFields):
    starts = serializers.DateField()
    stamp = serializers.CharField(required=False)


class CopyPostSerializer(PostFields):
    code = serializers.SlugField(max_length=40)
    starts = serializers.DateField()
    unit = serializers.CharField(required=False)
    bureau = serializers.CharField(required=False, allow_blank=True)


class NewPostSerializer(CopyPostSerializer):
    """A new post: its place, and the four things that the law wants of it (PST-01)."""

    def get_fields(self):
        fields = super().get_fields()
        needed = "unit tier grade category headcount name duties standards requirements"
        for name in needed.split():
            fields[name].required = True
        return fields


class ClosePostSerializer(ServiceSerializer):
    on = serializers.DateField(help_text="the last day of the post")
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)
    stamp = serializers.CharField(required=False)


class CoefficientSerializer(serializers.ModelSerializer):
    """What a grade is worth during a period; ``value`` is a ratio as a decimal string."""

    starts = serializers.DateField()
    last_day = serializers.DateField(allow_null=True)
    instrument = serializers.CharField(source="instrument.code", allow_null=True, default=None)

    class Meta:
        model = GradeCoefficient
        fields = ("value", "starts", "last_day", "instrument", "is_example")


class GradeSerializer(serializers.ModelSerializer):
    coefficient = serializers.SerializerMethodField(help_text="As of the day; null when none is in force.")
    history = CoefficientSerializer(many=True)

    class Meta:
        model = PostGrade
        fields = ("code", "name", "name_en", "sequence", "coefficient", "history", "is_example")

    @extend_schema_field(serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True))
    def get_coefficient(self, grade: PostGrade):
        day = self.context["request"]._request.on
        return next((str(row.value) for row in grade.history if row.in_force(day)), None)


class CoefficientInput(ServiceSerializer):
    value = serializers.DecimalField(max_digits=6, decimal_places=3, min_value=Decimal("0.001"))
    starts = serializers.DateField()
    instrument = serializers.CharField()
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class NewGradeSerializer(ServiceSerializer):
    code = serializers.SlugField(max_length=20)
    name = serializers.CharField(max_length=100)
    name_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    sequence = serializers.IntegerField(min_value=0, max_value=32767, required=False)
    value = serializers.DecimalField(max_digits=6, decimal_places=3, min_value=Decimal("0.001"))
    starts = serializers.DateField()
    instrument = serializers.CharField()
