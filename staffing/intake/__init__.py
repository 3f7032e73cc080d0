"""Taking in a roster or posts from a file: every line checked before any is written."""
