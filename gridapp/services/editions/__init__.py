"""The catalogue in the database, and what acting needs of it."""
