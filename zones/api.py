"""REST resources of this room; config/urls.py puts ``ROUTES`` under /api/v1/."""

ROUTES: list[tuple[str, type]] = []
