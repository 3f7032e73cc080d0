"""Who may score or grade a card, beyond what the table says: nobody his own case (design 6).

The table's reach is by unit and bureau; who a person *is* narrows it here. One
condition serves lists, pages, the API and the services.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from common.access import Access
from common.actors import Actor
from common.rights import Reach, Role
from kpi.models import Scorecard
from kpi.models.cycles import holding
from kpi.querysets import ScorecardQuerySet
from staffing.models import Appointment
from zones.models import Unit


def scorable(access: Access, cards: ScorecardQuerySet) -> ScorecardQuerySet:
    """The cards whose lines this user may score today.

    A person's card is scored by the head of his bureau; a head's own, and those
    of a bureau without a head, by a leader above it; a leader's own by nobody
    in the zone.
    """
    return _not_his_own(access, access.scope(cards, "score")).filter(_from_above(access, "score"))


def _from_above(access: Access, action: str) -> Q:
    """Cards of units and bureaus, and of people whose superior this user is: see ``scorable``."""
    day = access.day
    posts = Appointment.objects.on(day).filter(post__versions__period__contains=day)
    on_top = Exists(posts.filter(person=OuterRef("person"), post__versions__tier__kind="leader"))
    heads = Exists(posts.filter(person=OuterRef("person"), post__versions__is_head=True))
    headed = Exists(posts.filter(post__versions__bureau=OuterRef("bureau"), post__versions__is_head=True))
    led = frozenset().union(*(hold.units for hold in access.holds if hold.role is Role.LEADER))
    own_bureaus = access.reaches(action, "person_card").get(Reach.BUREAU, frozenset())
    by_leader = Q(unit__in=led) & (Q(heads) | ~Q(headed))
    by_head = Q(bureau__in=own_bureaus) & ~Q(heads)
    return ~Q(kind=Scorecard.Kind.PERSON) | (~Q(on_top) & (by_leader | by_head))


def allowed(access: Access, cards: ScorecardQuerySet, action: str) -> ScorecardQuerySet:
    """The cards on which this user may do ``action`` today (promise, sign_assessor, sign_assessed, retarget).

    Whoever signs as the assessor of a person is his superior, as when he is
    scored; nobody promises or assesses for himself, and only he signs his own.
    """
    found = access.scope(cards, action)
    if action == "sign_assessed":
        return found
    found = _not_his_own(access, found)
    return found.filter(_from_above(access, action)) if action == "sign_assessor" else found


def ratable(access: Access, cards: ScorecardQuerySet) -> ScorecardQuerySet:
    """The cards that this user may grade today: not his own, and none that he scored himself."""
    return _not_his_own(access, access.scope(cards, "rate")).exclude(lines__entered_by=access.user.pk)


def _not_his_own(access: Access, cards: ScorecardQuerySet) -> ScorecardQuerySet:
    # Compared by user: whoever comes by a grant may be on the roster as well.
    return cards.exclude(person__user=access.user.pk)


def may_score(card: Scorecard, by: Actor) -> bool:
    """Whether the actor may score this card; the system itself (no user) may."""
    return by.user is None or scorable(Access(by.user), Scorecard.objects.filter(pk=card.pk)).exists()


def may(action: str, card: Scorecard, by: Actor) -> bool:
    """Whether the actor may do this to the card (``allowed``); the system itself (no user) may."""
    return by.user is None or allowed(Access(by.user), Scorecard.objects.filter(pk=card.pk), action).exists()


def may_rate(card: Scorecard, by: Actor) -> bool:
    return by.user is None or ratable(Access(by.user), Scorecard.objects.filter(pk=card.pk)).exists()


def holders(access: Access, action: str, noun: str) -> list[Unit]:
    """The cities and zones in which the user may do this to a ``noun`` of theirs (cycle, panel, webhook), by code."""
    units = Unit.objects.filter(kind__in=(Unit.Kind.CITY, Unit.Kind.ZONE)).order_by("code")
    return [unit for unit in units if access.can_in(unit.pk, action, f"{holding(unit)}_{noun}")]
