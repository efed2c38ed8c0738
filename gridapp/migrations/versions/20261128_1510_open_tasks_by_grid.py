"""Find the open tasks of grids without those that ended, of which there are more each year.

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-28 15:10:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What the command centre counts costs as much as there are open tasks, not as there ever were."""
    op.create_index("ix_task_open", "task", ["grid_id", "stage"], postgresql_where=sa.text("outcome is null"))


def downgrade() -> None:
    """The index goes."""
    op.drop_index("ix_task_open", "task", postgresql_where=sa.text("outcome is null"))
