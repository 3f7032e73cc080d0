import django.db.models.deletion
from django.db import migrations, models

from common.sql import run_file


class Migration(migrations.Migration):
    """Duties are not dropped (DUTY-01)."""

    dependencies = [
        ("orgchart", "0002_hold"),
        ("zones", "0002_territory"),
    ]

    operations = [
        migrations.AddField(
            model_name="dutyassignment",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="closed_duties",
                to="zones.instrument",
                verbose_name="终止依据",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_by__isnull", True), ("period__endswith__isnull", False), _connector="OR"),
                name="orgchart_duty_closed_has_end",
                violation_error_message="有终止依据的职责分工须有结束日期",
            ),
        ),
        run_file(__file__, "duties.sql"),
    ]
