import django.db.models.deletion
from django.db import migrations, models

from common.sql import run_file


class Migration(migrations.Migration):
    """The people and posts that go with a handover of duties."""

    dependencies = [
        ("orgchart", "0009_transfers"),
        ("staffing", "0010_establishment"),
    ]

    operations = [
        migrations.CreateModel(
            name="TransferStaff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="staffing.person",
                        verbose_name="人员",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="staffing.post",
                        verbose_name="岗位",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff",
                        to="orgchart.dutytransfer",
                        verbose_name="职责移交",
                    ),
                ),
            ],
            options={
                "verbose_name": "移交人员",
                "verbose_name_plural": "移交人员",
                "ordering": ["transfer", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("person__isnull", True), ("post__isnull", True), _connector="XOR"),
                        name="staffing_transfer_person_or_post",
                        violation_error_message="每行须且只能是一名人员或一个岗位",
                    ),
                    models.UniqueConstraint(
                        fields=("transfer", "person"),
                        name="staffing_transfer_person_once",
                        violation_error_message="同一人员只能列一次",
                    ),
                    models.UniqueConstraint(
                        fields=("transfer", "post"),
                        name="staffing_transfer_post_once",
                        violation_error_message="同一岗位只能列一次",
                    ),
                ],
            },
        ),
        run_file(__file__, "transfer_staff.sql"),
    ]
