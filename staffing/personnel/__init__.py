"""Who somebody is: numbers that identify a person, entering and correcting him, and who read them."""
