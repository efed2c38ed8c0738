"""Letters that go as one e-mail know it before it is sent, so that a process killed in between sends no other one.

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-28 05:00:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("parcel", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("letter", "parcel")
