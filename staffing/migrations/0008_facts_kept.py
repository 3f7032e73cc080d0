from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Original status sealed, facts kept, and the day of retiring by the law on file."""

    dependencies = [("staffing", "0007_facts"), ("common", "0002_guards")]

    operations = [run_file(__file__, "facts.sql")]
