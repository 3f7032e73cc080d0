"""Telling other programs that a year is published."""
