"""A letter knows which notices it said, which it is about to say, and when what came meanwhile goes out.

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-28 07:30:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SAID = """
update letter l set told = array(select n.id from notice n where n.person_id = l.person_id and n.batch = l.batch)
where l.state in ('done', 'dropped')
"""


def upgrade() -> None:
    """Adds the columns; what went out was whole as far as anybody knows."""
    for name in ("told", "holds"):
        op.add_column("letter", sa.Column(name, ARRAY(sa.BigInteger()), server_default="{}", nullable=False))
    op.add_column("letter", sa.Column("again_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(SAID)


def downgrade() -> None:
    for name in ("again_at", "holds", "told"):
        op.drop_column("letter", name)
