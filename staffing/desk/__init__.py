"""HR's home and the calendar feed beside it."""
