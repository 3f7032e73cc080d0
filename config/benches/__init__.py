"""Measuring, not testing: ``manage.py bench …`` prints figures and asserts nothing."""
