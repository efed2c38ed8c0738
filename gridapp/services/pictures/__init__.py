"""Photos and films: known by their bytes, kept once, shown to whom they concern."""
