"""The structure with who is in it: chart, units, bureaus, two days side by side, the rules."""
