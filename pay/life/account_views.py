"""Pages of bank accounts: finance's list (masked), one person's (in full, and audited), and one's own."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from common.forms import take_errors
from pay.life import accounts
from pay.life.account_import import PAGES
from pay.life.forms import AccountForm
from pay.models import BankAccount
from staffing.models import Appointment, Person
from zones.models import UnitVersion

A_PAGE = 100
upload, check, errors = PAGES.views()


@require_GET
def account_list(request) -> HttpResponse:
    """Everybody whom finance pays, with the account in force; ``?left=1`` those without one."""
    units = request.access.units("add", "bank_account")
    if not units:
        raise PermissionDenied
    day = request.on
    account = BankAccount.objects.on(day).filter(person=OuterRef("pk"))
    seated = Exists(Appointment.objects.on(day).filter(person=OuterRef("pk")))
    people = (
        Person.objects.filter(home_unit__in=units)
        .annotate(
            account=Subquery(account.values("pk")[:1]),
            last4=Subquery(account.values("last4")[:1]),
            bank=Subquery(account.values("bank")[:1]),
            holder=Subquery(account.values("holder")[:1]),
            since=Subquery(account.values("period__startswith")[:1]),
            example=Subquery(account.values("is_example")[:1]),
        )
        .filter(Q(account__isnull=False) | seated)
        .select_related("home_unit")
        .order_by("home_unit__sequence", "home_unit__code", "staff_no")
    )
    wanted = request.GET.get("unit", "")
    if wanted:
        people = people.filter(home_unit__code=wanted)
    if text := request.GET.get("q", "").strip()[:60]:
        people = people.filter(Q(name__icontains=text) | Q(staff_no__iexact=text))
    missing = people.filter(account__isnull=True).count()
    if left := request.GET.get("left") == "1":
        people = people.filter(account__isnull=True)
    names = dict(UnitVersion.objects.on(day).filter(unit__in=units).values_list("unit", "short_name"))
    page = Paginator(people, A_PAGE).get_page(request.GET.get("page"))
    for person in page:
        person.unit_name = names.get(person.home_unit_id, person.home_unit.code)
    context = {
        "title": _("银行账户"),
        "lede": _("账号加密保存，列表只显示后四位；查看完整账号记入操作记录"),
        "crumbs": [(_("银行账户"), None)],
        "page": page,
        "missing": missing,
        "left": left,
        "text": text,
        "wanted": wanted,
        "units": sorted(
            UnitVersion.objects.on(day).filter(unit__in=units).select_related("unit"),
            key=lambda version: (version.unit.sequence, version.unit.code),
        ),
    }
    return render(request, "pay/life/accounts.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def account_edit(request, staff_no: str) -> HttpResponse:
    """One person's account in full, and changing it from a day on. Each look leaves an entry."""
    person = request.access.get(Person.objects.all(), staff_no=staff_no)
    if not request.access.can_in(person.home_unit_id, "change", "bank_account"):
        raise PermissionDenied
    own = person.pk == request.access.person_id
    rows = list(BankAccount.objects.filter(person=person).order_by("-period"))
    now = next((row for row in rows if row.in_force(timezone.localdate())), None)
    initial = {"bank": now.bank, "holder": now.holder} if now else {}
    form = AccountForm(request.POST or None, initial=initial | {"starts": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            made = accounts.set_account(person=person, by=request.actor, **form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("已登记账户。"))
            if accounts.doubtful(made.number):
                messages.warning(request, _("账号的银行卡校验位不符，请核对是否抄错。"))
            return redirect("account_edit", person.staff_no)
    accounts.record_reading(rows, by=request.actor, place="account_edit")
    context = {
        "title": _("%(name)s的银行账户") % {"name": person.name},
        "lede": _("本次查看已记入操作记录") if rows and not own else "",
        "crumbs": [(_("银行账户"), reverse("accounts")), (person.name, None)],
        "person": person,
        "rows": rows,
        "form": form,
        "own": own,
    }
    return render(request, "pay/life/account.html", context)


@never_cache
@require_GET
def my_account(request) -> HttpResponse:
    """One's own accounts, in full."""
    rows = []
    if request.access.person_id:
        rows = list(BankAccount.objects.filter(person=request.access.person_id).order_by("-period"))
    context = {
        "title": _("我的银行账户"),
        "lede": _("绩效发放到这里登记的账户；有误请联系财政部门更正"),
        "crumbs": [(_("我的银行账户"), None)],
        "rows": rows,
    }
    return render(request, "pay/life/my_account.html", context)
