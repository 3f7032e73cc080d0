"""Carrying a plan out: the structure by its own verbs, and the posts that follow it with whoever holds them.

An approval writes everything at once, dated: what it orders is in force when
its day comes, by the calendar. A trial (``staffing/plans/trials.py``) runs the same
code and takes it back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules, judged_together
from common.periods import ONE_DAY
from orgchart import changes
from orgchart.changes import Change, Deed, Site
from orgchart.models import Bureau, BureauVersion, Plan, Stage
from orgchart.plans import acting, locked, planned, refuse_stale, take_step, taken
from staffing.models import Appointment, Person, Post, PostVersion
from staffing.posting.posts import close_post, place_post
from zones.models import Instrument


def site_of(plan: Plan) -> Site:
    """What a plan's codes stand for, its posts too, with the bureaus that the plan itself sets up."""
    site = changes.around(plan)
    eve = plan.effective_on - ONE_DAY
    for day in (plan.effective_on, eve):
        for row in PostVersion.objects.placed(day).filter(unit__code__in=site.units):
            place = " · ".join(name for name in (row.unit_name, row.bureau_name) if name)
            site.posts[row.post_code] = f"{place} · {row.shown_name}"
            site.post_bureau[row.post_code] = row.bureau_code or ""
    return site.with_new(planned(plan))


@dataclass
class Work(Deed):
    """A deed on posts too; ``moved`` are the post versions that it began itself and may place again."""

    moved: set[int] = field(default_factory=set)

    @property
    def onwards(self) -> DateRange:
        return DateRange(self.day, None)


def perform(plan: Plan, work: Work) -> None:
    """Do every change in order. Nothing is judged here: that is for whoever asked.

    Raises ValidationError; ``change_order`` in it says at which change.
    """
    for row in plan.changes.order_by("order"):
        try:
            change = changes.read(row.kind, row.payload)
            change.check(work.site)
            with judged_together():
                # What follows is found before its bureau is gone.
                follow = FOLLOWERS.get(change.kind, _nothing)(change, work)
                change.apply(work)
                follow()
        except ValidationError as error:
            error.change_order = row.order
            raise


@transaction.atomic
def approve_plan(
    *,
    plan: Plan,
    version: int,
    number: str,
    issued_on: dt.date,
    issuer: str,
    by: Actor,
    opinion: str = "",
) -> Plan:
    """Approve a plan (批复) by an instrument of that number and day, and write what it orders from its day on.

    Of two who approve at once, one does; the other is told who. The same
    approval again changes nothing. Raises ValidationError: by field, ``taken``,
    ``stale``, ORG-13, PLAN-OWN, PLAN-CHECK, or the rule that the outcome breaks.
    """
    user, row = acting(by), locked(plan)
    if taken(row, Stage.APPROVED, user):
        return row
    refuse_stale(row, version)
    if issued_on > row.effective_on:
        raise ValidationError({"issued_on": _("批文日期不能晚于方案的生效日期")})
    instrument = _instrument(row, number.strip(), issued_on, issuer.strip())
    row = take_step(
        plan=row,
        stage=Stage.APPROVED,
        version=version,
        decided_on=issued_on,
        by=by,
        opinion=opinion,
        document=instrument.number,
        instrument=instrument,
    )
    work = Work(row.zone, row.effective_on, instrument, by, site_of(row), row.title)
    with hold_rules():
        perform(row, work)
    return row


def _instrument(plan: Plan, number: str, issued_on: dt.date, issuer: str) -> Instrument:
    """The instrument of the approval: the one on file under its number, or a new one."""
    if not number:
        raise ValidationError({"number": _("请填写批文文号")})
    known = Instrument.objects.filter(number=number).first()
    if known and (known.issued_on, known.issuer) != (issued_on, issuer):
        text = _("文号 %(number)s 已登记为 %(issuer)s %(day)s 所发")
        raise ValidationError(
            {"number": text % {"number": number, "issuer": known.issuer, "day": known.issued_on.isoformat()}}
        )
    if known:
        return known
    made = Instrument(
        code=f"plan-{plan.code.lower()}", title=plan.title, number=number, issuer=issuer, issued_on=issued_on
    )
    made.full_clean()
    made.save(force_insert=True)
    return made


# --- what follows a change --------------------------------------------------------------------

Follow = Callable[[], None]


def _nothing(_change: Change, _work: Work) -> Follow:
    return lambda: None


def _posts_of(bureau: Bureau, work: Work) -> list[Post]:
    """The posts that stand in the bureau on the day or come to it later."""
    rows = PostVersion.objects.during(work.onwards).filter(bureau=bureau)
    return list(Post.objects.filter(pk__in=rows.values("post")).order_by("code"))


def _merged(change: changes.Merge, work: Work) -> Follow:
    posts = [post for code in change.sources for post in _posts_of(work.bureau(code), work)]
    return lambda: place(posts, work.bureau(change.into), work)


def _abolished(change: changes.Abolish, work: Work) -> Follow:
    bureau = work.bureau(change.bureau)
    posts = _posts_of(bureau, work)
    if change.to:
        return lambda: place(posts, work.bureau(change.to), work)
    _refuse_manned(bureau, posts, work)
    return lambda: close(posts, work)


def _split(change: changes.Split, work: Work) -> Follow:
    strange = [code for code in change.posts if work.site.post_bureau.get(code) != change.bureau]
    if strange:
        raise ValidationError({"posts": _("只能随转原机构的岗位：%(codes)s") % {"codes": "、".join(strange)}})
    return lambda: place(_posts(change.posts), work.bureau(change.code), work)


def _moved(change: changes.Move, work: Work) -> Follow:
    bureau = work.bureau(change.bureau)
    posts = _posts_of(bureau, work)
    return lambda: place(posts, bureau, work)


def _posts_moved(change: changes.MovePosts, work: Work) -> Follow:
    return lambda: place(_posts(change.posts), work.bureau(change.bureau), work)


FOLLOWERS: dict[str, Callable[..., Follow]] = {
    "merge": _merged,
    "abolish": _abolished,
    "split": _split,
    "move": _moved,
    "move_posts": _posts_moved,
}


def _posts(codes: Iterable[str]) -> list[Post]:
    return list(Post.objects.filter(code__in=codes).order_by("code"))


def place(posts: list[Post], bureau: Bureau, work: Work) -> None:
    """Put posts into a bureau from the day on; whoever holds them stays on his seat.

    A post that heads the bureau it leaves heads the next only where nobody does.
    """
    home = BureauVersion.objects.on(work.day).filter(bureau=bureau).first()
    if home is None:
        raise ValidationError({"bureau": _("机构 %(code)s 在该日不存在") % {"code": bureau.code}})
    own = {post.pk for post in posts}
    heads = PostVersion.objects.on(work.day).filter(bureau=bureau, is_head=True).exclude(post__in=own)
    headed = heads.exists()
    for post in posts:
        versions = list(post.versions.during(work.onwards).order_by("period"))
        if not versions or not versions[0].in_force(work.day) or len(versions) > 1:
            raise _unsettled(post)
        now = versions[0]
        heads_it = now.is_head and not headed
        headed = headed or heads_it
        where = {
            "unit": home.unit,
            "bureau": bureau,
            "is_head": heads_it,
            "instrument": work.instrument,
        }
        if now.pk in work.moved:
            for name, value in where.items():
                setattr(now, name, value)
            now.save(update_fields=list(where))
            continue
        new = place_post(post=post, starts=work.day, by=work.by, reason=work.reason, **where)
        work.moved.add(new.pk)
        if now.unit_id != new.unit_id:
            _follow_home(post, new, work)


def _unsettled(post: Post) -> ValidationError:
    text = _("岗位 %(code)s 在该日没有设置，或此后另有变动，请先理顺")
    return ValidationError({"posts": text % {"code": post.code}})


def _follow_home(post: Post, new: PostVersion, work: Work) -> None:
    """The personnel relation follows the primary post to its unit, as on an appointment (APT-16)."""
    held = Appointment.objects.on(work.day).filter(post=post, kind=Appointment.Kind.PRIMARY)
    for person in Person.objects.filter(appointments__in=held).exclude(home_unit=new.unit_id).order_by("pk"):
        before = {"home_unit": person.home_unit_id}
        Person.objects.filter(pk=person.pk).update(home_unit=new.unit_id)
        audit.record("follow_post", person, by=work.by, before=before, after={"home_unit": new.unit_id})


def _refuse_manned(bureau: Bureau, posts: list[Post], work: Work) -> None:
    """Nobody's post is closed under him: raise ValidationError naming whoever is there from the day on."""
    held = Appointment.objects.during(work.onwards).filter(post__in=posts).select_related("person")
    names = list(dict.fromkeys(row.person.name for row in held.order_by("post__code", "seat")))
    if names:
        text = _("%(bureau)s有 %(n)s 人在岗，须写明划入何处：%(names)s")
        told = {"bureau": work.site.bureau(bureau.code), "n": len(names), "names": "、".join(names[:30])}
        raise ValidationError({"bureau": ValidationError(text, code="BUREAU-MANNED", params=told)})


def close(posts: list[Post], work: Work) -> None:
    """Close posts that nobody holds; the day is the first without them."""
    for post in posts:
        close_post(post=post, on=work.day - ONE_DAY, by=work.by, reason=work.reason)
