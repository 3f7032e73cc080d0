"""REST resources of selection rounds: the round itself, its candidates, notices and objections."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ON, ReadResource
from staffing.models import Candidate, Notice, Objection, Person, Post, Selection, SelectionPost
from staffing.selection import announcing, assessing, candidacy, eligibility, rounds, shapes
from zones.models import Unit


def told(shape: type, request) -> dict:
    """The body, as the shape reads it; ValidationError for anything else."""
    read = shape(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def offered(selection: Selection, code: str, field: str) -> SelectionPost | None:
    """The post on offer of that code; None for an empty one."""
    if not code:
        return None
    found = selection.posts.filter(post__code=code).first()
    if found is None:
        raise ValidationError({field: _("须是本次竞聘的岗位")})
    return found


class SelectionFilter(filters.FilterSet):
    unit = filters.CharFilter(field_name="unit__code")
    stage = filters.ChoiceFilter(choices=Selection.Stage.choices)

    class Meta:
        model = Selection
        fields: list[str] = []


@extend_schema(tags=["selections"])
class SelectionResource(ReadResource):
    """Selection rounds. ``advance`` enters the next step; what each needs is said where it is missing."""

    noun = "selection"
    rights = {
        "offer": "change",
        "advance": "change",
        "cancel": "change",
        "nominate": "nominate",
        "recommend": "recommend",
        "propose": "change",
        "confirm": "decide",
        "notice": "change",
        "appoint": "appoint",
    }
    queryset = Selection.objects.select_related("unit").prefetch_related("posts__post").order_by("pk")
    serializer_class = shapes.SelectionSerializer
    filterset_class = SelectionFilter

    def _mine(self) -> Selection:
        wanted = self.rights.get(self.action, "change")
        return self.access.get(Selection.objects.select_related("unit"), wanted, pk=self.kwargs["pk"])

    def _answer(self, row: Selection, code: int = 200) -> Response:
        return Response(self.get_serializer(self.queryset.get(pk=row.pk)).data, status=code)

    @extend_schema(request=shapes.PlanSerializer, responses={201: shapes.SelectionSerializer}, parameters=[ON])
    def create(self, request):
        """Begin a plan; posts are put on offer afterwards."""
        data = told(shapes.PlanSerializer, request)
        unit = self.access.scope(Unit.objects.all()).filter(code=data.pop("unit")).first()
        if unit is None:
            raise ValidationError({"unit": _("不存在，或不在您的管理范围")})
        if not self.access.can_in(unit.pk, "add", "selection"):
            raise exceptions.PermissionDenied
        return self._answer(rounds.draft_selection(unit=unit, by=self.actor, **data), status.HTTP_201_CREATED)

    @extend_schema(request=shapes.NewOfferSerializer, responses=shapes.SelectionSerializer)
    @action(detail=True, methods=["post"])
    def offer(self, request, pk=None):
        """Put a post on offer, or say another number of seats."""
        row, data = self._mine(), told(shapes.NewOfferSerializer, request)
        post = self.access.scope(Post.objects.all()).filter(code=data["post"]).first()
        if post is None:
            raise ValidationError({"post": _("不存在，或不在您的管理范围")})
        rounds.offer_post(selection=row, post=post, seats=data["seats"], by=self.actor)
        return self._answer(row)

    @extend_schema(request=shapes.StepSerializer, responses=shapes.SelectionSerializer)
    @action(detail=True, methods=["post"])
    def advance(self, request, pk=None):
        """Enter the next step; 公示 and 聘任 are entered by ``notice`` and ``appoint``."""
        row = self._mine()
        return self._answer(rounds.advance(selection=row, by=self.actor, **told(shapes.StepSerializer, request)))

    @extend_schema(request=shapes.ReasonSerializer, responses=shapes.SelectionSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        """End the round without appointments."""
        row, data = self._mine(), told(shapes.ReasonSerializer, request)
        return self._answer(rounds.cancel(selection=row, reason=data.get("reason", ""), by=self.actor))

    def _nominate(self, row: Selection, data: dict, **who) -> Response:
        first = offered(row, data.pop("first"), "first")
        if first is None:
            raise ValidationError({"first": _("须是本次竞聘的岗位")})
        second = offered(row, data.pop("second", ""), "second")
        made = candidacy.nominate(selection=row, by=self.actor, first=first, second=second, **who, **data)
        shown = shapes.CandidateSerializer(_candidates().get(pk=made.pk), context=_context(self))
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.WishesSerializer, responses={201: shapes.CandidateSerializer})
    @action(detail=True, methods=["post"])
    def nominate(self, request, pk=None):
        """Nominate oneself, or change one's nomination until the deadline."""
        row, data = self._mine(), told(shapes.WishesSerializer, request)
        return self._nominate(row, data, person=Person.objects.get(pk=self.access.person_id))

    @extend_schema(request=shapes.RecommendSerializer, responses={201: shapes.CandidateSerializer})
    @action(detail=True, methods=["post"])
    def recommend(self, request, pk=None):
        """The organisation nominates a member of staff, or enters an applicant from outside."""
        row, data = self._mine(), told(shapes.RecommendSerializer, request)
        about = {
            name: data.pop(name) for name in ("name", "national_id", "phone", "education", "workplace") if name in data
        }
        staff_no = data.pop("person", "")
        if row.kind == Selection.Kind.OPEN:
            missing = {name: _("须填写") for name in ("name", "national_id") if not about.get(name)}
            if missing:
                raise ValidationError(missing)
            made = candidacy.add_applicant(unit=row.unit, by=self.actor, **about)
            return self._nominate(row, data, applicant=made)
        person = self.access.scope(Person.objects.all()).filter(staff_no=staff_no).first()
        if person is None:
            raise ValidationError({"person": _("没有这个工号，或此人不在您的管理范围")})
        return self._nominate(row, data, person=person)

    @extend_schema(request=None, responses=shapes.SelectionSerializer)
    @action(detail=True, methods=["post"])
    def propose(self, request, pk=None):
        """Match people to posts by deferred acceptance."""
        row = self._mine()
        assessing.propose(selection=row, by=self.actor)
        return self._answer(row)

    @extend_schema(request=None, responses=shapes.SelectionSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request, pk=None):
        """Decide as proposed, for everybody who is undecided."""
        row = self._mine()
        assessing.decide_as_proposed(selection=row, by=self.actor)
        return self._answer(row)

    @extend_schema(request=shapes.NewNoticeSerializer, responses={201: shapes.NoticeSerializer})
    @action(detail=True, methods=["post"])
    def notice(self, request, pk=None):
        """Put the round on notice."""
        row, data = self._mine(), told(shapes.NewNoticeSerializer, request)
        made = announcing.publish_notice(selection=row, by=self.actor, **data)
        return Response(shapes.NoticeSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.TakeEffectSerializer, responses=shapes.AppointedSerializer)
    @action(detail=True, methods=["post"])
    def appoint(self, request, pk=None):
        """Have the appointments of the whole round take effect; asked again, it tells what was done."""
        row, data = self._mine(), told(shapes.TakeEffectSerializer, request)
        done = announcing.appoint_round(selection=row, by=self.actor, **data)
        return Response(
            {"appointments": [each.pk for each in done.appointments], "waiting": [each.pk for each in done.waiting]}
        )


def _candidates():
    return (
        Candidate.objects.select_related(
            "selection", "person", "applicant", "first__post", "second__post",
            "outcome__proposed__post", "outcome__decided__post", "outcome__candidate__selection",
        )
        .prefetch_related("scores", "outcome__candidate__selection__posts__post")
        .order_by("pk")
    )  # fmt: skip


def _context(view) -> dict:
    return {**view.get_serializer_context(), "overseen": view.access.units("oversee", "selection")}


class CandidateFilter(filters.FilterSet):
    selection = filters.NumberFilter()
    person = filters.CharFilter(field_name="person__staff_no")

    class Meta:
        model = Candidate
        fields: list[str] = []


@extend_schema(tags=["selections"])
class CandidateResource(ReadResource):
    """Candidates of rounds; staff see their own row only."""

    noun = "candidate"
    rights = {
        "check": "change",
        "score": "score",
        "decide": "decide",
        "withdraw": "withdraw",
        "medical": "change",
    }
    queryset = _candidates()
    serializer_class = shapes.CandidateSerializer
    filterset_class = CandidateFilter

    def get_serializer_context(self):
        context = super().get_serializer_context()
        fake = getattr(self, "swagger_fake_view", False)
        return {**context, "overseen": frozenset() if fake else self.access.units("oversee", "selection")}

    def _mine(self) -> Candidate:
        rows = Candidate.objects.select_related("selection", "person", "applicant", "first")
        return self.access.get(rows, self.rights[self.action], pk=self.kwargs["pk"])

    def _answer(self, row: Candidate) -> Response:
        return Response(self.get_serializer(_candidates().get(pk=row.pk)).data)

    @extend_schema(request=shapes.CheckSerializer, responses=shapes.CandidateSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request, pk=None):
        """Say whether he may go on, and for which posts not."""
        row, data = self._mine(), told(shapes.CheckSerializer, request)
        barred = [offered(row.selection, code, "barred") for code in data.pop("barred", [])]
        found = eligibility.findings([row], timezone.localdate()).get(row.pk, [])
        posts = [each for each in barred if each]
        return self._answer(candidacy.check(candidate=row, barred=posts, findings=len(found), by=self.actor, **data))

    @extend_schema(request=shapes.PointsSerializer, responses=shapes.CandidateSerializer)
    @action(detail=True, methods=["post"])
    def score(self, request, pk=None):
        """Enter what he scored in one part."""
        row, data = self._mine(), told(shapes.PointsSerializer, request)
        text = data.pop("points")
        try:
            assessing.enter_points(candidate=row, text=text, by=self.actor, **data)
        except assessing.StaleScore as stale:
            raise ValidationError({"version": _("已被他人改动")}, code="stale") from stale
        return self._answer(row)

    @extend_schema(request=shapes.DecideSerializer, responses=shapes.CandidateSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request, pk=None):
        """Decide for a post or for none; where it differs from the proposal, say why."""
        row, data = self._mine(), told(shapes.DecideSerializer, request)
        post = offered(row.selection, data["post"], "post")
        seen = offered(row.selection, data.get("seen", ""), "seen")
        assessing.decide(
            candidate=row,
            post=post,
            seen=str(seen.pk) if seen else "",
            deviation=data.get("deviation", ""),
            by=self.actor,
        )
        return self._answer(row)

    @extend_schema(request=shapes.ReasonSerializer, responses=shapes.CandidateSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Take the nomination back."""
        row, data = self._mine(), told(shapes.ReasonSerializer, request)
        return self._answer(candidacy.withdraw(candidate=row, by=self.actor, **data))

    @extend_schema(request=shapes.MedicalSerializer, responses=shapes.CandidateSerializer)
    @action(detail=True, methods=["post"])
    def medical(self, request, pk=None):
        """The result of the medical examination of open recruitment."""
        row, data = self._mine(), told(shapes.MedicalSerializer, request)
        return self._answer(assessing.record_medical(candidate=row, by=self.actor, **data))


@extend_schema(tags=["selections"])
class NoticeResource(ReadResource):
    """Public notices; ``object`` says something against one."""

    noun = "notice"
    rights = {"object": "object"}
    queryset = Notice.objects.order_by("pk")
    serializer_class = shapes.NoticeSerializer

    @extend_schema(request=shapes.NewObjectionSerializer, responses={201: shapes.ObjectionSerializer})
    @action(detail=True, methods=["post"])
    def object(self, request, pk=None):
        """Say something against the notice while it is up."""
        rows = Notice.objects.select_related("selection")
        row = self.access.get(rows, "object", pk=self.kwargs["pk"])
        data = told(shapes.NewObjectionSerializer, request)
        about = None
        if key := data.get("candidate"):
            about = row.selection.candidates.filter(pk=key).first()
            if about is None:
                raise ValidationError({"candidate": _("不在本次公示中")})
        own = Person.objects.filter(pk=self.access.person_id).first() if self.access.person_id else None
        made = announcing.raise_objection(notice=row, candidate=about, text=data["text"], raised_by=own, by=self.actor)
        return Response(shapes.ObjectionSerializer(made).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["selections"])
class ObjectionResource(ReadResource):
    """Objections to notices: those one raised, and all for whoever oversees the round."""

    noun = "objection"
    rights = {"settle": "settle"}
    queryset = Objection.objects.order_by("pk")
    serializer_class = shapes.ObjectionSerializer

    @extend_schema(request=shapes.SettleSerializer, responses=shapes.ObjectionSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request, pk=None):
        """Say what came of looking into it."""
        rows = Objection.objects.select_related("notice__selection", "candidate__person", "raised_by")
        row = self.access.get(rows, "settle", pk=self.kwargs["pk"])
        done = announcing.settle_objection(objection=row, by=self.actor, **told(shapes.SettleSerializer, request))
        return Response(shapes.ObjectionSerializer(done).data)


ROUTES: list[tuple[str, type]] = [
    ("selections", SelectionResource),
    ("candidates", CandidateResource),
    ("notices", NoticeResource),
    ("objections", ObjectionResource),
]
