"""The queue of the background jobs, in a schema of its own, as the pinned procrastinate makes it.

A newer procrastinate comes with changes of its own: a later revision applies those, and only where they are missing.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-22 22:45:00+00:00
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    before = connection.exec_driver_sql("show search_path").scalar_one()
    op.execute("create schema procrastinate")
    op.execute("set local search_path = procrastinate, public")
    connection.exec_driver_sql(SchemaManager.get_schema(), execution_options={"no_parameters": True})
    op.execute(f"set local search_path = {before}")


def downgrade() -> None:
    op.execute("drop schema procrastinate cascade")
