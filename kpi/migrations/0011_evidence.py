from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Evidence stays as it was put on file."""

    dependencies = [("kpi", "0010_raters")]

    operations = [run_file(__file__, "evidence.sql")]
