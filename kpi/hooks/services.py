"""Webhooks: their addresses and secrets, and telling them that a year is published."""

from __future__ import annotations

import datetime as dt
import secrets
import time
from functools import partial
from typing import Any

import orjson
from celery import current_app
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi.hooks import sending
from kpi.hooks.addresses import target_of
from kpi.models import Cycle, Delivery, Scorecard, Webhook
from zones.models import Unit

PUBLISHED = "cycle.published"
#: The task that sends a message (kpi/tasks.py), by name: it calls ``attempt``.
TASK = "kpi.deliver"
#: Seconds before the second, third … try. All are shorter than the broker's time of redelivery
#: (CELERY_BROKER_TRANSPORT_OPTIONS): a task that waits longer would be handed out twice.
WAITS = (30, 120, 480, 840, 840)
MAX_TRIES = len(WAITS) + 1
#: A message that is due for so long has lost its task: the broker forgot it, or was away when it was to be sent.
LOST = dt.timedelta(seconds=60)


@transaction.atomic
def add_webhook(*, holder: Unit, url: str, by: Actor) -> tuple[Webhook, str]:
    """A new address, and the secret that its messages will be signed with: it is shown now and never again."""
    target_of(url)
    hook = Webhook(holder=holder, url=url, secret=secrets.token_urlsafe(32))
    hook.full_clean(exclude=["holder", "secret"])
    with hold_rules():
        hook.save(force_insert=True)
    record("add", hook, by=by)
    return hook, hook.secret


@transaction.atomic
def renew_secret(*, webhook: Webhook, by: Actor) -> str:
    """Another secret; what is signed with the old one is no longer sent."""
    hook = Webhook.objects.select_for_update(of=("self",), no_key=True).get(pk=webhook.pk)
    before = facts(hook)
    hook.secret = secrets.token_urlsafe(32)
    hook.save(update_fields=["secret"])
    record("renew_secret", hook, by=by, before=before, after=facts(hook))
    return hook.secret


@transaction.atomic
def set_active(*, webhook: Webhook, active: bool, by: Actor) -> Webhook:
    """Switch an address on or off; what waits for one that is off is given up when its turn comes."""
    hook = Webhook.objects.select_for_update(of=("self",), no_key=True).get(pk=webhook.pk)
    if hook.active != active:
        before = facts(hook)
        hook.active = active
        hook.save(update_fields=["active"])
        record("switch", hook, by=by, before=before, after=facts(hook))
    return hook


@transaction.atomic
def announce(*, cycle: Cycle, by: Actor) -> list[Delivery]:
    """Tell the holder's addresses that the year is published: called by whoever publishes, in the same transaction.

    Each address is told once of a year, however often this is called; the messages leave on commit.
    """
    hooks = Webhook.objects.filter(holder=cycle.holder_id, active=True)
    payload = message(cycle)
    there = set(Delivery.objects.filter(cycle=cycle, event=PUBLISHED).values_list("webhook_id", flat=True))
    made = [_queued(hook, cycle, payload) for hook in hooks if hook.pk not in there]
    if made:
        record("announce", cycle, by=by, before={}, after={"webhooks": [row.webhook_id for row in made]})
    return made


def message(cycle: Cycle) -> dict[str, Any]:
    """What the addresses are told: which year of whom, how many cards of each kind, and where to read on. No people."""
    kinds = {kind.value: 0 for kind in Scorecard.Kind}
    graded = 0
    for kind, rating in cycle.scorecards.order_by().values_list("kind", "result__rating"):
        kinds[kind] += 1
        graded += bool(rating)
    return {
        "event": PUBLISHED,
        "holder": cycle.holder.code,
        "year": cycle.year,
        "published_on": cycle.published_on and cycle.published_on.isoformat(),
        "scorecards": kinds,
        "graded": graded,
        # A path: the reader knows at which host he trusts us.
        "results": f"{reverse('api-scorecards-list')}?year={cycle.year}",
    }


def _queued(hook: Webhook, cycle: Cycle, payload: dict[str, Any]) -> Delivery:
    row = Delivery.objects.create(
        webhook=hook, cycle=cycle, event=payload["event"], payload=payload, next_at=timezone.now()
    )
    _send_on_commit(row.pk)
    return row


@transaction.atomic
def resend(*, delivery: Delivery, by: Actor) -> Delivery:
    """Try a message again from the start: one that was given up, or that waits. A delivered one is left alone."""
    row = Delivery.objects.select_for_update(of=("self",), no_key=True).get(pk=delivery.pk)
    if row.state == Delivery.State.DELIVERED:
        raise ValidationError(_("这条消息已送达，不再重发"), code="delivered")
    if not row.webhook.active:
        raise ValidationError(_("这个地址已停用，启用后再重发"), code="inactive")
    before = facts(row)
    row.state, row.attempts, row.next_at = Delivery.State.WAITING, 0, timezone.now()
    row.save(update_fields=["state", "attempts", "next_at"])
    record("resend", row, by=by, before=before, after=facts(row))
    _send_on_commit(row.pk)
    return row


def _send_on_commit(pk: int, wait: int = 0) -> None:
    transaction.on_commit(partial(current_app.send_task, TASK, (pk,), countdown=wait))


@transaction.atomic
def attempt(pk: int) -> Delivery | None:
    """Try a message once, if it waits and is due; what came of it is its row.

    The row is held while the other side is spoken to: a task that is handed out
    twice finds it taken, and one whose worker died leaves it as it was.
    None when there was nothing to do.
    """
    now = timezone.now()
    rows = Delivery.objects.select_for_update(of=("self",), skip_locked=True).select_related("webhook")
    row = rows.filter(pk=pk, state=Delivery.State.WAITING, next_at__lte=now).first()
    if row is None:
        return None
    answer = _speak(row)
    row.attempts += 1
    row.tried_at, row.answer = now, answer.text
    if answer.taken:
        row.state, row.next_at = Delivery.State.DELIVERED, None
    elif row.attempts >= MAX_TRIES or not row.webhook.active:
        row.state, row.next_at = Delivery.State.GIVEN_UP, None
    else:
        wait = WAITS[row.attempts - 1]
        row.next_at = now + dt.timedelta(seconds=wait)
        # A second later, so that a clock that is a little behind finds it due.
        _send_on_commit(row.pk, wait + 1)
    row.save(update_fields=["state", "attempts", "answer", "tried_at", "next_at"])
    return row


def send_lost() -> int:
    """Hand out again the messages whose task was lost; once too often changes nothing. Gives how many."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=timezone.now() - LOST)
    keys = list(due.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        current_app.send_task(TASK, (key,))
    return len(keys)


def _speak(row: Delivery) -> sending.Answer:
    if not row.webhook.active:
        return sending.Answer(0, _("地址已停用"))
    try:
        target = target_of(row.webhook.url)
    except ValidationError as error:
        return sending.Answer(0, " ".join(error.messages))
    body = orjson.dumps({"id": row.pk, **row.payload}, option=orjson.OPT_SORT_KEYS)
    stamp = int(time.time())
    headers = {
        "X-OneZone-Event": row.event,
        "X-OneZone-Delivery": str(row.pk),
        "X-OneZone-Timestamp": str(stamp),
        "X-OneZone-Signature": sending.signature(row.webhook.secret, stamp, body),
    }
    return sending.post(target, body, headers)
