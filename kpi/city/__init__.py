"""The city's assessment of its zones, parks and towns: who stands where among his own sort, and in which grade."""
