"""A day outside: duty and tracks, visits and patrol points, calls for help."""
