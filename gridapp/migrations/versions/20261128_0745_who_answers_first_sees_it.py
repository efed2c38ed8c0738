"""The unit that answers for a task without having it sees it, and its phones forget it when another unit answers.

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-28 07:45:00+00:00
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LOG_TASK = """
create or replace function log_task() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into change (kind, key, grid_id) values ('task', new.id::text, new.grid_id);
  else
    insert into change (kind, key, grid_id, old_grid_id, old_holder_id)
    values ('task', new.id::text, new.grid_id, nullif(old.grid_id, new.grid_id), {left});
  end if;
  return null;
end $$
"""
HELD = """nullif(coalesce(old.assignee_post_id, old.assignee_unit_id),
           coalesce(new.assignee_post_id, new.assignee_unit_id))"""


def upgrade() -> None:
    """Names the unit that answered before, where nobody else lost the task by the same event."""
    op.execute(LOG_TASK.format(left=f"coalesce({HELD}, nullif(old.first_unit_id, new.first_unit_id))"))


def downgrade() -> None:
    op.execute(LOG_TASK.format(left=HELD))
