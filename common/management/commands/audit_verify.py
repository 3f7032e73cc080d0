"""Prove that no audit entry is missing or changed: walks the chain of seals in the database."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _


class Command(BaseCommand):
    help = "Verify the audit chain; exits 1 naming the first entry that does not fit."

    def handle(self, **options):
        with connection.cursor() as cursor:
            cursor.execute("select pos, entry, fault from common_audit_faults()")
            faults = cursor.fetchall()
            cursor.execute("select position, hash from common_auditseal order by position desc limit 1")
            last = cursor.fetchone()
        if faults:
            position, entry, fault = faults[0]
            raise CommandError(
                _("操作记录链在第 %(position)s 位中断（记录 %(entry)s）：%(fault)s")
                % {"position": position, "entry": entry, "fault": fault}
            )
        count, head = last or (0, "-")
        self.stdout.write(_("操作记录完整：%(count)s 条，链尾 %(head)s") % {"count": count, "head": head})
