"""Give a user a REST token: printed once, stored only as a digest."""

import datetime as dt

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.models import ApiToken, User
from common.rights import TABLE


class Command(BaseCommand):
    help = "Issue a REST token; its last line of output is the token. It never does more than its owner may."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument(
            "--scopes",
            default="*:read,*:write",
            help="comma-separated noun:read or noun:write, * for every noun (default: %(default)s)",
        )
        parser.add_argument("--days", type=int, default=90, help="days until it expires (default: %(default)s)")
        parser.add_argument("--name", default="", help="what it is for")

    def handle(self, *, username: str, scopes: str, days: int, name: str, **options):
        try:
            user = User.objects.get(username=username, is_active=True)
        except User.DoesNotExist as error:
            raise CommandError(_("没有用户 %(name)s") % {"name": username}) from error
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        known = {f"{noun}:{mode}" for noun in ("*", *TABLE) for mode in ("read", "write")}
        if unknown := [scope for scope in wanted if scope not in known]:
            raise CommandError(_("未知的范围：%(scopes)s") % {"scopes": ", ".join(unknown)})
        if not 1 <= days <= 730:
            raise CommandError(_("有效期须在 1 到 730 天之间"))
        self._issue(user, wanted, days, name)

    def _issue(self, user: User, scopes: list[str], days: int, name: str) -> None:
        with transaction.atomic():
            token, secret = ApiToken.objects.create(user, expiry=dt.timedelta(days=days), scopes=scopes, name=name)
            facts = {"user": user.username, "scopes": scopes, "expires": token.expiry}
            audit.record("issue_token", user, by=Actor.command("issue_token"), after=facts)
        self.stdout.write(
            _("%(user)s 的令牌，%(day)s 到期，范围 %(scopes)s。只显示这一次：")
            % {"user": user.username, "day": f"{token.expiry:%Y-%m-%d}", "scopes": ", ".join(scopes)}
        )
        self.stdout.write(secret)
