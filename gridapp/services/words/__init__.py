"""Word to everyone: what a notice says, to whom, when, and how it goes out after the commit and is never lost."""
