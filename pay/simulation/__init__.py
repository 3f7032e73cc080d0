"""What if: a unit's pool and its sharing under other parameters, live, with nothing stored until it is asked for."""
