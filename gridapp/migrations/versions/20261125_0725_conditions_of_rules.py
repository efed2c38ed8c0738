"""The filing condition under which a routing rule assigns.

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-25 07:25:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("routing_rule", sa.Column("condition_code", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("routing_rule", "condition_code")
