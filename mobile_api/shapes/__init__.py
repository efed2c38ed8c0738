"""The shape of what the calls answer, for the description; the tests hold answers against it."""
