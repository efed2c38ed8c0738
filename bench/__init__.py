"""The measurements of docs/measurements.md: each row side by side with its floor, in one run on one machine."""
