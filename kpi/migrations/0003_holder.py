from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("kpi", "0002_weights")]

    operations = [
        migrations.RenameField("cycle", "zone", "holder"),
        run_file(__file__, "holder.sql"),
    ]
