"""Posts, their grades and levels, and the plan of a unit's posts."""
