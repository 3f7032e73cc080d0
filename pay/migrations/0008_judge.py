from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """The sums of a block are judged by hash joins: a second less a block."""

    dependencies = [("pay", "0007_payouts")]

    operations = [run_file(__file__, "judge.sql")]
