"""Grids and base data: found by a point, read from files and written to them, drawn as tiles."""
