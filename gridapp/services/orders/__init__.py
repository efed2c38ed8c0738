"""Orders of other systems in, and tasks out, as tables."""
