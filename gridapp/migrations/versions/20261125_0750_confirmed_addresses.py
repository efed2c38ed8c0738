"""E-mail addresses are confirmed before letters go there.

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-25 07:50:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIMES = ("confirmed_at", "confirm_until", "ask_at", "asked_at")


def upgrade() -> None:
    for name in TIMES:
        op.add_column("contact", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("contact", sa.Column("confirm_hash", sa.LargeBinary(), nullable=True))
    op.add_column("contact", sa.Column("ask_tries", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("contact", sa.Column("ask_error", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_contact_confirm_hash"), "contact", ["confirm_hash"])
    op.create_check_constraint(
        op.f("ck_contact_confirmed_address"), "contact", "confirmed_at is null or email is not null"
    )
    op.create_index("ix_contact_ask_at", "contact", ["ask_at"], postgresql_where=sa.text("ask_at is not null"))
    # Addresses from before were never confirmed: they are asked now.
    op.execute("update contact set ask_at = now() where email is not null")


def downgrade() -> None:
    op.drop_index("ix_contact_ask_at", table_name="contact")
    op.drop_constraint(op.f("ck_contact_confirmed_address"), "contact", type_="check")
    op.drop_constraint(op.f("uq_contact_confirm_hash"), "contact", type_="unique")
    for name in ("ask_error", "ask_tries", "confirm_hash", *TIMES):
        op.drop_column("contact", name)
