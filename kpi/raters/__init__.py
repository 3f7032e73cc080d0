"""Ratings by groups of raters (民主测评): panels, their raters, and what they came to."""
