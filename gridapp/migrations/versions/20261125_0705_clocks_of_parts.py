"""Clocks of the units that assist.

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-25 07:05:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STEPS_BEFORE = "('route', 'answer', 'yellow', 'red', 'escalate', 'resume', 'returned')"
STEPS_AFTER = (
    "('route', 'answer', 'yellow', 'red', 'escalate', 'resume', 'returned', "
    "'assist_answer', 'assist_yellow', 'assist_red', 'assist_escalate')"
)
OUTCOMES_BEFORE = "('done','declined','released')"
OUTCOMES_AFTER = "('done','declined','released','escalated')"


def upgrade() -> None:
    op.add_column("assist", sa.Column("yellow_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("assist", sa.Column("clock", postgresql.JSONB(none_as_null=True), nullable=True))
    _check("assist", "outcome", f"outcome is null or outcome in {OUTCOMES_AFTER}")
    _check("clock_step", "step", f"step in {STEPS_AFTER}")


def downgrade() -> None:
    op.execute("delete from clock_step where step like 'assist%'")
    _check("clock_step", "step", f"step in {STEPS_BEFORE}")
    # What ended one level up is on record and stays so: the check holds for what comes.
    op.execute("alter table assist drop constraint ck_assist_outcome")
    op.execute(
        f"alter table assist add constraint ck_assist_outcome check (outcome is null or outcome in {OUTCOMES_BEFORE})"
        " not valid"
    )
    op.drop_column("assist", "clock")
    op.drop_column("assist", "yellow_at")


def _check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
