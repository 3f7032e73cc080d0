"""What the pages, the API and the files of a round read: rows put together, and reasons as sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.numerals import grouped
from staffing.models import Appointment, Candidate, Objection, Outcome, PostVersion, Selection, SelectionPost
from staffing.selection.assessing import shown_total, total_of

#: Why somebody was, or was not, proposed; ``cutoffs`` are the lowest totals that got a post of his choice.
REASONS = {
    Outcome.Reason.FIRST_CHOICE: gettext_lazy("名列第 %(rank)s；按总分录入第一志愿"),
    Outcome.Reason.SECOND_CHOICE: gettext_lazy("名列第 %(rank)s；第一志愿已由总分更高者录满%(cutoffs)s，录入第二志愿"),
    Outcome.Reason.ADJUSTED: gettext_lazy("名列第 %(rank)s；志愿岗位已录满%(cutoffs)s，服从调剂到剩余岗位"),
    Outcome.Reason.BELOW_MARK: gettext_lazy("总分 %(total)s，未达合格线"),
    Outcome.Reason.OUTRANKED: gettext_lazy("名列第 %(rank)s；志愿岗位已由总分更高者录满%(cutoffs)s"),
    Outcome.Reason.NONE_LEFT: gettext_lazy("名列第 %(rank)s；志愿岗位已录满%(cutoffs)s，也没有剩余岗位可以调剂"),
}


def sentence(outcome: Outcome, names: Mapping[int, str]) -> str:
    """Why the system proposes what it does, in the reader's language; ``names`` are the posts' by key of the offer."""
    cutoffs = outcome.facts.get("cutoffs", {}) if isinstance(outcome.facts, dict) else {}
    own = str(outcome.proposed_id)
    said = [
        _("%(post)s最低 %(total)s 分") % {"post": names.get(int(post), ""), "total": grouped(Decimal(total), 2)}
        for post, total in cutoffs.items()
        if post != own
    ]
    facts = {
        "rank": outcome.rank,
        "total": grouped(outcome.total, 2),
        "cutoffs": _("（%(posts)s）") % {"posts": "；".join(said)} if said else "",
    }
    return str(REASONS[Outcome.Reason(outcome.reason)]) % facts


@dataclass(frozen=True)
class Offer:
    """A post on offer as people read it on the day."""

    row: SelectionPost
    name: str
    place: str
    grade: str
    headcount: int | None
    #: How many chose it first, and second; counted where a page shows it.
    firsts: int = 0
    seconds: int = 0

    @property
    def pk(self) -> int:
        return self.row.pk

    @property
    def label(self) -> str:
        return f"{self.name}（{self.place}）" if self.place else self.name


def offers(selection: Selection, day: dt.date) -> list[Offer]:
    """The posts on offer in the published order, named as they stand on the day: two queries."""
    rows = list(selection.posts.select_related("post").order_by("order"))
    placed = {each.post_id: each for each in PostVersion.objects.placed(day).filter(post__in=[r.post_id for r in rows])}
    out = []
    for row in rows:
        now = placed.get(row.post_id)
        place = " · ".join(part for part in (now.unit_name, now.bureau_name) if part) if now else ""
        grade = now.grade_name if now else ""
        out.append(Offer(row, now.shown_name if now else row.post.code, place, grade, now.headcount if now else None))
    return out


@dataclass(frozen=True)
class Standing:
    """A candidate with his points by part, his total, and his outcome with its reason in words."""

    candidate: Candidate
    points: dict[str, Decimal | None]
    versions: dict[str, int]
    total: Decimal | None
    outcome: Outcome | None
    why: str
    proposed: str
    decided: str


def standings(selection: Selection, candidates: Iterable[Candidate], names: Mapping[int, str]) -> list[Standing]:
    """The candidates of a round, as ``candidates_of`` reads them; best first once there is a proposal."""
    out = []
    for each in candidates:
        points = {score.part: score.points for score in each.scores.all()}
        outcome = getattr(each, "outcome", None)
        out.append(
            Standing(
                candidate=each,
                points=points,
                versions={score.part: score.version for score in each.scores.all()},
                total=shown_total(total_of(selection, points)),
                outcome=outcome,
                why=sentence(outcome, names) if outcome else "",
                proposed=names.get(outcome.proposed_id or 0, "") if outcome else "",
                decided=names.get(outcome.decided_id or 0, "") if outcome else "",
            )
        )
    return sorted(out, key=lambda row: (row.outcome.rank if row.outcome else 0, row.candidate.number))


def candidates_of(selection: Selection) -> Any:
    """Candidates with all that a list shows of them, in a constant number of queries."""
    return (
        selection.candidates.select_related("person", "applicant", "first", "second", "outcome", "selection")
        .prefetch_related("scores", "barred")
        .order_by("number")
    )


@dataclass(frozen=True)
class Progress:
    """How far a round is in the step in hand: what is done of what."""

    candidates: int
    unchecked: int
    competing: int
    scored: int
    decided: int
    placed: int
    objections: int


def progress(selection: Selection, rows: Iterable[Standing]) -> Progress:
    running = [row for row in rows if not row.candidate.withdrawn]
    fit = [row for row in running if row.candidate.eligible]
    open_ = Objection.objects.filter(notice__selection=selection, state=Objection.State.OPEN).count()
    return Progress(
        candidates=len(running),
        unchecked=sum(row.candidate.eligible is None for row in running),
        competing=len(fit),
        scored=sum(row.total is not None for row in fit),
        decided=sum(bool(row.outcome and row.outcome.decided_at) for row in fit),
        placed=sum(bool(row.outcome and row.outcome.decided_id) for row in fit),
        objections=open_,
    )


def announced(selection: Selection, day: dt.date) -> list[Standing]:
    """Whoever a notice of the round names: those decided for a post, in the published order of posts, then by rank."""
    posts = offers(selection, day)
    order = {offer.pk: place for place, offer in enumerate(posts)}
    chosen = candidates_of(selection).filter(outcome__decided__isnull=False, withdrawn=False)
    rows = standings(selection, chosen, {offer.pk: offer.name for offer in posts})
    return sorted(rows, key=lambda row: order[row.outcome.decided_id])  # type: ignore[union-attr, index]


def workplaces(candidates: Iterable[Candidate], day: dt.date) -> dict[int, str]:
    """By candidate: where he works and as what, since when; what an applicant said himself. One query."""
    rows = list(candidates)
    people = [each.person_id for each in rows if each.person_id]
    held = {
        seat.person_id: seat
        for seat in Appointment.objects.on(day).placed(day).filter(person__in=people, kind="primary")
    }
    out = {}
    for each in rows:
        seat = held.get(each.person_id or 0)
        if each.applicant:
            out[each.pk] = each.applicant.workplace
        elif seat:
            where = [seat.unit_name, seat.bureau_name, seat.post_name]
            out[each.pk] = f"{' '.join(part for part in where if part)} {seat.starts:%Y.%m}"
    return out
