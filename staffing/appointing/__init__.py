"""An appointment from its first day to its last: the seat, the term and what is done to it."""
