"""City management in grids: one grid, one worker, every task from its report to its review."""

__version__ = "0.1.0"
