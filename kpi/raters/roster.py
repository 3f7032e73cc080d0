"""Finding raters: on the roster, as far as whoever keeps the panel sees it, and by user name."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from common.access import Access
from common.models import User
from kpi.models import Panel
from staffing.models import Appointment, Person
from zones.models import Unit

FOUND = 40


def search(access: Access, text: str) -> list[Person]:
    """People with an account whose name or number has the text, as far as the visitor may see people."""
    if not text or not access.can("view", "person"):
        return []
    people = access.scope(Person.objects.filter(user__is_active=True))
    return list(people.filter(Q(name__icontains=text) | Q(staff_no__iexact=text)).order_by("staff_no")[:FOUND])


def preset(panel: Panel, which: str, access: Access) -> QuerySet[User]:
    """Heads of bureaus (``heads``) or leaders, of the year's holder and all below it, who have an account.

    As far as the user sees people: an evaluator of the city sees none.
    """
    day = access.day
    units = Unit.objects.subtree_ids(panel.cycle.holder_id, day=day)
    seats = Appointment.objects.on(day).filter(post__versions__period__contains=day, post__versions__unit__in=units)
    seats = seats.filter(
        **{"post__versions__tier__kind": "leader"} if which == "leaders" else {"post__versions__is_head": True}
    )
    people = access.scope(Person.objects.filter(pk__in=seats.values("person"), user__is_active=True))
    return User.objects.filter(pk__in=people.values("user"))


def by_names(text: str) -> list[User]:
    """The accounts of these user names; ValidationError at ``usernames`` names those that there are not."""
    names = dict.fromkeys(text.replace("，", " ").replace(",", " ").split())
    found = {user.username: user for user in User.objects.filter(username__in=names, is_active=True)}
    if missing := [name for name in names if name not in found]:
        said = _("没有这些用户：%(names)s") % {"names": "、".join(missing[:5])}
        raise ValidationError({"usernames": ValidationError(said, code="unknown")})
    return list(found.values())
