from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Figures are kept; superiors fit and make no circle."""

    dependencies = [("zones", "0001_initial"), ("common", "0002_guards")]

    operations = [run_file(__file__, "territory.sql")]
