from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """What the rules of posts find (staffing/rules/posts.py)."""

    dependencies = [("staffing", "0003_post_settings"), ("orgchart", "0005_engine")]

    operations = [run_file(__file__, "posts_rules.sql")]
