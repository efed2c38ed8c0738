"""What changed: the ordered feed for phones, and the watch for screens."""
