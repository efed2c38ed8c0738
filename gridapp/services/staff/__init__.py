"""People: who they are, where they stand, who stands in for them, and by which devices they are signed in."""
