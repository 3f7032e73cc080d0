from django.db import migrations, models
from django.db.models import F, Q

from common.sql import run_file

NUMBERS = ("alpha", "weight_tax", "weight_budget", "weight_gdp", "floor", "cap", "reference_multiple")
NAMES = {
    "alpha": "联动系数 α",
    "weight_tax": "税收增幅权重",
    "weight_budget": "一般公共预算收入增幅权重",
    "weight_gdp": "GDP增幅权重",
    "floor": "联动下限",
    "cap": "联动上限",
    "reference_multiple": "参照收入倍数上限",
}


def nullable(name):
    """The column may be empty while its value moves, either way."""
    field = models.DecimalField(NAMES[name], max_digits=6, decimal_places=4, null=True)
    return migrations.AlterField("scheme", name, field)


class Migration(migrations.Migration):
    """A scheme's formulas are rows: F13 and its cap move out of the scheme's columns."""

    dependencies = [("pay", "0008_judge")]

    operations = [
        migrations.RemoveConstraint("scheme", "pay_scheme_weights"),
        migrations.RemoveConstraint("scheme", "pay_scheme_floor_cap"),
        *(nullable(name) for name in NUMBERS),
        run_file(__file__, "pool_rules.sql"),
        *(migrations.RemoveField("scheme", name) for name in NUMBERS),
        migrations.AddConstraint(
            "scheme",
            models.CheckConstraint(
                name="pay_scheme_bureau_bounds",
                condition=Q(bureau_floor__gte=0, bureau_floor__lte=F("bureau_cap"), bureau_cap__gt=0),
                violation_error_message="部门系数下限不能小于 0，也不能高于上限",
            ),
        ),
        run_file(__file__, "scheme_rules.sql"),
    ]
