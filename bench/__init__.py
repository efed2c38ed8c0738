"""The measurements of the README: each row side by side with its floor, in one run on one machine."""
