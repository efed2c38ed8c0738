"""Filing and looking up a place cost less: outlines of usual length stay in their row instead of a table beside."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table boundary set (toast_tuple_target = 8160)")


def downgrade() -> None:
    op.execute("alter table boundary reset (toast_tuple_target)")
