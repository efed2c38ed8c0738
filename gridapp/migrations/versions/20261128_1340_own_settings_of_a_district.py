"""Lay a district's own settings over the program's catalogue, so that a new version of the program keeps them.

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-28 13:40:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BASE = "fk_catalogue_edition_base"
BY = "fk_catalogue_edition_published_by"


def upgrade() -> None:
    """Editions know what they are laid over, the settings, and who published them."""
    table = "catalogue_edition"
    op.add_column(table, sa.Column("base", sa.Text(), nullable=True))
    op.add_column(table, sa.Column("settings", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column(table, sa.Column("published_by", sa.UUID(), nullable=True))
    op.create_foreign_key(BASE, table, table, ["base"], ["version"])
    op.create_foreign_key(BY, table, "person", ["published_by"], ["id"])


def downgrade() -> None:
    """The editions stay with their rows; what they are laid over is forgotten."""
    op.drop_constraint(BY, "catalogue_edition")
    op.drop_constraint(BASE, "catalogue_edition")
    for column in ("published_by", "settings", "base"):
        op.drop_column("catalogue_edition", column)
