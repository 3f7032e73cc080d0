"""Handovers of duties with the people and posts that go with them."""
