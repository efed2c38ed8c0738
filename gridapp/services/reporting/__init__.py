"""Filing a report: what it must carry, what a phone says beside it, the statements that write it."""
