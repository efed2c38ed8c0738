"""The one clock of the program, so that a use case has one time and a test can tell the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC, with microseconds.

    PostgreSQL's own `now()` stands still inside a transaction, so no code path of ours asks it.
    """
    return datetime.now(UTC)
