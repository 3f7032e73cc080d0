"""Pages of webhooks: the addresses, one with its messages, adding, renewing, switching, sending again."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.forms import take_errors
from kpi.hooks import services
from kpi.hooks.forms import WebhookForm
from kpi.models import Delivery, Webhook
from kpi.rights import holders
from zones.models import Unit

PAGE_SIZE = 50


def _hook(request, pk: int, action: str = "view") -> Webhook:
    return request.access.get(Webhook.objects.select_related("holder"), action, pk=pk)


@require_GET
def webhooks(request):
    """The addresses with how many messages were delivered, wait or were given up."""
    if not any(request.access.can("view", noun) for noun in Webhook.nouns):
        raise PermissionDenied
    counts = {
        state: Count("deliveries", filter=Q(deliveries__state=state))
        for state in (value for value, _label in Delivery.State.choices)
    }
    rows = request.access.scope(Webhook.objects.all()).select_related("holder")
    context = {
        "crumbs": [(_("结果推送"), None)],
        "title": _("结果推送"),
        "lede": _("考核结果公布后，向登记的系统发送签名消息；消息中没有个人信息"),
        "rows": rows.annotate(**counts, last=Max("deliveries__tried_at")).order_by("holder", "pk"),
        "adds": bool(holders(request.access, "add", "webhook")),
    }
    return render(request, "kpi/hooks/webhooks.html", context)


@require_http_methods(["GET", "POST"])
def webhook_add(request):
    """Add an address; the answer shows its secret, once."""
    units = holders(request.access, "add", "webhook")
    if not units:
        raise PermissionDenied
    named = Unit.objects.filter(pk__in=[unit.pk for unit in units]).named_on(request.on)
    form = WebhookForm(request.POST or None, holders=[(unit.pk, unit.name) for unit in named])
    if request.method == "POST" and form.is_valid():
        holder = next(unit for unit in units if unit.pk == form.cleaned_data["holder"])
        try:
            hook, secret = services.add_webhook(holder=holder, url=form.cleaned_data["url"], by=request.actor)
        except ValidationError as error:
            take_errors(form, error)
        else:
            return _shown_once(request, hook, secret)
    context = {
        "crumbs": [(_("结果推送"), reverse("webhooks")), (_("登记地址"), None)],
        "title": _("登记地址"),
        "lede": _("签名密钥由系统生成，只在登记后显示一次"),
        "form": form,
        "submit": _("登记"),
        "back": reverse("webhooks"),
    }
    return render(request, "form.html", context)


def _shown_once(request, hook: Webhook, secret: str):
    """The secret on the answer itself: on no address that could be opened again, and in no message store."""
    context = {
        "crumbs": [(_("结果推送"), reverse("webhooks")), (_("签名密钥"), None)],
        "title": _("签名密钥"),
        "lede": hook.url,
        "hook": hook,
        "secret": secret,
    }
    return render(request, "kpi/hooks/secret.html", context)


@require_GET
def webhook(request, pk: int):
    """An address with its messages, the latest first."""
    found = _hook(request, pk)
    page = Paginator(found.deliveries.select_related("cycle"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "crumbs": [(_("结果推送"), reverse("webhooks")), (found.url, None)],
        "title": found.url,
        "lede": _("每条消息最多发送 %(n)s 次，间隔逐次加长；仍未送达的可以重发") % {"n": services.MAX_TRIES},
        "hook": found,
        "page": page,
        "keeps": request.access.can_in(found.holder_id, "change", found.noun),
    }
    return render(request, "kpi/hooks/webhook.html", context)


@require_POST
def webhook_switch(request, pk: int):
    """Switch an address on or off."""
    found = _hook(request, pk, "change")
    on = request.POST.get("active") == "1"
    services.set_active(webhook=found, active=on, by=request.actor)
    messages.success(request, _("地址已启用") if on else _("地址已停用"))
    return redirect("webhook", pk=found.pk)


@require_POST
def webhook_renew(request, pk: int):
    """Another secret, shown once."""
    found = _hook(request, pk, "change")
    return _shown_once(request, found, services.renew_secret(webhook=found, by=request.actor))


@require_POST
def delivery_resend(request, pk: int):
    """Send a message again."""
    found = request.access.get(Webhook.objects.select_related("holder"), "change", deliveries=pk)
    try:
        services.resend(delivery=found.deliveries.get(pk=pk), by=request.actor)
        messages.success(request, _("已重新发送，稍后刷新查看结果"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("webhook", pk=found.pk)
