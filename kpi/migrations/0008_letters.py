from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("kpi", "0007_judging")]

    operations = [run_file(__file__, "letters.sql")]
