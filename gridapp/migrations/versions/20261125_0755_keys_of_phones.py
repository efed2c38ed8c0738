"""A key for each phone of a person, so that a lost one takes nothing of the others with it.

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-25 07:55:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("token", sa.Column("device_id", sa.Uuid(), nullable=True))
    op.add_column("data_key", sa.Column("device_id", sa.Uuid(), nullable=True))
    op.drop_index("uq_data_key_alive", table_name="data_key")
    op.create_index(
        "uq_data_key_alive",
        "data_key",
        ["person_id", "device_id"],
        unique=True,
        postgresql_where=sa.text("destroyed_at is null"),
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_index("uq_data_key_alive", table_name="data_key")
    op.execute("delete from data_key where device_id is not null")
    op.drop_column("data_key", "device_id")
    op.drop_column("token", "device_id")
    op.create_index(
        "uq_data_key_alive", "data_key", ["person_id"], unique=True, postgresql_where=sa.text("destroyed_at is null")
    )
