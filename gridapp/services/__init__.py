"""Use cases as plain functions; the only callers of the database."""
