"""The rules of pay, one file a subject; a rule is known once its file is loaded.

Their finders are in ``migrations/sql/rules.sql``; what must refuse is held when a
run is approved, a term's result put on file, or a deferred part drawn up
(``rules_held.sql``).
"""

from pay.rules import pools, schemes, shares, terms

__all__ = ["pools", "schemes", "shares", "terms"]
