"""The rules that posts and people must meet, one file a subject; a rule is known once its file is loaded."""

from staffing.rules import appointments, establishment, posts, sanctions, selection

__all__ = ["appointments", "establishment", "posts", "sanctions", "selection"]
