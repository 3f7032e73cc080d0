from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Guards for dated and immutable rows; the audit chain."""

    dependencies = [("common", "0001_initial")]

    operations = [run_file(__file__, "guards.sql"), run_file(__file__, "audit.sql")]
