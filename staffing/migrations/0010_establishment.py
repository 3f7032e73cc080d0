from django.db import migrations, models

from common.sql import run_file


class Migration(migrations.Migration):
    """Categories as the law names them, and what the rules count of people and posts."""

    dependencies = [("orgchart", "0007_more_rules"), ("staffing", "0009_appointment_rules"), ("zones", "0004_overlap")]

    operations = [
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("category__in", ["administrative", "institution", "quota", "contract"])),
                name="staffing_person_category",
                violation_error_message="编制类别无效，不得自行设定（ORG-03）",
            ),
        ),
        run_file(__file__, "establishment.sql"),
    ]
