"""The rules of assessment, one file a subject; a rule is known once its file is loaded."""

from kpi.rules import appeals, consequences, grades, quotas

__all__ = ["appeals", "consequences", "grades", "quotas"]
