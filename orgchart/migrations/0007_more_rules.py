from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Instruments, stated quotas, categories, ranks, and other places' rules."""

    dependencies = [("orgchart", "0006_plans")]

    operations = [run_file(__file__, "law.sql")]
