"""Plans keep each step of their drawing, so that undo survives a reload, and say when they came into force.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22 22:12:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plan", sa.Column("step", sa.Integer(), server_default="0", nullable=False))
    op.add_column("plan", sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("plan", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("plan_change", sa.Column("step", sa.Integer(), server_default="1", nullable=False))
    op.alter_column("plan_change", "step", server_default=None)
    op.add_column("plan_change", sa.Column("parent_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_plan_change_parent_id", "plan_change", "grid", ["parent_id"], ["id"])
    op.drop_constraint("uq_plan_change_grid", "plan_change", type_="unique")
    op.create_unique_constraint("uq_plan_change_step_grid", "plan_change", ["plan_id", "step", "grid_id"])


def downgrade() -> None:
    op.execute(
        "delete from plan_change old using plan_change new where old.plan_id = new.plan_id "
        "and old.grid_id = new.grid_id and old.step < new.step"
    )
    op.drop_constraint("uq_plan_change_step_grid", "plan_change", type_="unique")
    op.create_unique_constraint("uq_plan_change_grid", "plan_change", ["plan_id", "grid_id"])
    op.drop_column("plan_change", "parent_id")
    op.drop_column("plan_change", "step")
    op.drop_column("plan", "settled_at")
    op.drop_column("plan", "in_force_at")
    op.drop_column("plan", "step")
