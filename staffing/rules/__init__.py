"""The rules that posts and people must meet, one file a subject; a rule is known once its file is loaded."""

from staffing.rules import posts

__all__ = ["posts"]
