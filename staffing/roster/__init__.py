"""The roster (聘任花名册): one line, the list, its columns, its files, and what changed in it."""
