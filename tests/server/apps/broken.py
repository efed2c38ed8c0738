"""An application that does not start."""

raise RuntimeError("this application is broken")
