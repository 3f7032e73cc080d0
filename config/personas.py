"""One user a role, to look at the zone with: made-up people with made-up passwords.

Passwords are made here and kept in ``VAR_DIR/personas.json``, which only its
owner may read. A user who is there keeps his password, his grants and his link
to the roster as they are; only what is missing is made.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import override

from common.actors import Actor
from common.audit import record
from common.models import AuditEntry, User
from common.periods import period
from common.rights import Role
from kpi.models import Panel, PanelGroup, Rater
from kpi.raters.services import add_raters
from staffing.models import Appointment, Person
from zones.models import Grant, Unit

#: In which group of an example panel who rates.
RATES = {"领导": ("leader",), "部门": ("head", "finance"), "服务对象": ("staff",)}
#: Why a persona has its grant: said on every one of them, as its name says it where nobody stands behind it.
MARK = "示例账号"


class NoZone(Exception):
    """There is nobody to be: the zone is not loaded."""


class NotOurs(Exception):
    """A persona's name is somebody's own: he is given no role, and no new password."""


@dataclass(frozen=True)
class Persona:
    """Who may sign in as ``username``: by a grant on a unit, by the roster, or both.

    ``seat`` finds him on the roster: the bureau (or, for a leader, the unit),
    his tier there, and whether he heads it. ``name`` is for those not on it.
    """

    username: str
    role: Role
    unit: str = ""
    seat: tuple[str, str, bool] | None = None
    name: str = ""


PERSONAS = (
    Persona("hr", Role.HR, "YZ", ("YZ-HR", "staff", False)),
    Persona("bianban", Role.ESTABLISHMENT, "YIZHENG", name="编办（示例）"),
    Persona("head", Role.HEAD, seat=("YZ-INVEST", "head", True)),
    Persona("leader", Role.LEADER, seat=("YZ", "leader", False)),
    Persona("finance", Role.FINANCE, "YZ", ("YZ-FIN", "staff", False)),
    Persona("evaluator", Role.EVALUATOR, "YIZHENG", name="考核办（示例）"),
    Persona("staff", Role.STAFF, seat=("YZ-INVEST", "staff", False)),
)


@transaction.atomic
def create(*, by: Actor) -> dict[str, dict[str, str]]:
    """Make what is missing of the personas; returns what the file keeps, by user name.

    Raises NoZone, and NotOurs when a user of such a name was there before.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('create_personas'))")
    needed = {one.unit for one in PERSONAS if one.unit}
    if missing := needed - set(Unit.objects.values_list("code", flat=True)):
        raise NoZone(f"there is no unit {', '.join(sorted(missing))}: load the zone first (load_zone)")
    kept, today = _kept(), timezone.localdate()
    told = {one.username: _ensure(one, kept.get(one.username, {}).get("password", ""), today, by) for one in PERSONAS}
    _ask_to_rate(by)
    # Kept before COMMIT: a password nobody knows would be worse than one too many.
    _keep(told)
    return told


def _ensure(persona: Persona, password: str, today: dt.date, by: Actor) -> dict[str, str]:
    user = User.objects.filter(username=persona.username).first()
    if user is None:
        person = _on_roster(persona, today)
        name = person.name if person else persona.name or MARK
        user = _with_password(User(username=persona.username, last_name=name), password := password or _new())
        record("create_persona", user, by=by, after={"role": persona.role.value})
        _link(user, person, by)
    elif not _is_persona(user):
        raise NotOurs(f"the user {user.username} was not made by create_personas, and is left alone")
    elif not password:
        # His password is on no file, so nobody could sign in with it.
        _with_password(user, password := _new())
        record("reset_persona", user, by=by, after={"role": persona.role.value})
    _grant(user, persona, today, by)
    with override("zh-hans"):
        return {"password": password, "name": user.get_full_name(), "role_zh": str(persona.role.label)}


def _ask_to_rate(by: Actor) -> None:
    """Let the personas rate in the example panels that are open, each where he belongs; once."""
    panels = Panel.objects.taking(timezone.localdate()).filter(is_example=True)
    users = User.objects.in_bulk([one.username for one in PERSONAS], field_name="username")
    for group in PanelGroup.objects.filter(panel__in=panels, name__in=RATES).select_related("panel"):
        there = set(Rater.objects.filter(group__panel=group.panel).values_list("user__username", flat=True))
        wanted = [name for name in RATES[group.name] if name in users and name not in there]
        add_raters(group=group, users=[users[name] for name in wanted], by=by)


def _is_persona(user: User) -> bool:
    made = AuditEntry.objects.filter(verb="create_persona", noun=user._meta.label_lower, key=str(user.pk))
    return made.exists()


def _new() -> str:
    return secrets.token_urlsafe(9)


def _with_password(user: User, password: str) -> User:
    user.set_password(password)
    user.save()
    return user


def _on_roster(persona: Persona, today: dt.date) -> Person | None:
    """Whoever sits there today and has no user yet: the first in the order of posts and seats."""
    if persona.seat is None:
        return None
    place, tier, is_head = persona.seat
    standing = {"post__versions__period__contains": today, "post__versions__tier__kind": tier}
    where = {"post__versions__bureau__isnull": True, "post__versions__unit__code": place}
    if tier != "leader":
        where = {"post__versions__bureau__code": place, "post__versions__is_head": is_head}
    rows = Appointment.objects.on(today).filter(kind=Appointment.Kind.PRIMARY, person__user__isnull=True)
    seated = rows.filter(**standing, **where).select_related("person")
    first = seated.order_by("post__versions__sequence", "seat").first()
    return first.person if first else None


def _link(user: User, person: Person | None, by: Actor) -> None:
    if person is not None:
        Person.objects.filter(pk=person.pk).update(user=user)
        record("link_user", person, by=by, before={"user": None}, after={"user": user.pk})


def _grant(user: User, persona: Persona, today: dt.date, by: Actor) -> None:
    """The persona's grant, once: one that somebody ended since stays ended."""
    if not persona.unit or Grant.objects.filter(user=user, role=persona.role.value).exists():
        return
    unit = Unit.objects.get(code=persona.unit)
    grant = Grant.objects.create(user=user, role=persona.role.value, unit=unit, period=period(today), reason=MARK)
    record("grant_role", grant, by=by)


def _file() -> Path:
    return Path(settings.VAR_DIR) / "personas.json"


def _kept() -> dict[str, dict[str, str]]:
    file = _file()
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _keep(told: dict[str, dict[str, str]]) -> None:
    """Written beside and moved over, readable by its owner alone from the first byte on."""
    if told == _kept():
        return
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(told, out, ensure_ascii=False, indent=1)
    draft.replace(file)
