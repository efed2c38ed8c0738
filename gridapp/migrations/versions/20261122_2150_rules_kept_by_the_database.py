"""Rules that the database itself keeps: append-only events, tasks that follow them, the log behind the feed.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22 21:50:00+00:00
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FUNCTIONS = (
    # Events are append-only: neither the program nor a hand on the database rewrites what happened.
    """
    create function refuse_rewriting() returns trigger language plpgsql as $$
    begin
      raise exception 'rows of % are never changed or deleted', tg_table_name
        using errcode = '23514', constraint = tg_table_name || '_append_only';
    end $$
    """,
    # A task row equals what its events add up to. The update must be exactly the changes of the event it names.
    """
    create function task_follows_its_events() returns trigger language plpgsql as $$
    declare told jsonb;
    begin
      select changes || jsonb_build_object('version', seq) into told
      from task_event where task_id = new.id and seq = new.version and to_stage = new.stage;
      if told is null or new.version <> old.version + 1
         or to_jsonb(jsonb_populate_record(old, told)) <> to_jsonb(new) then
        raise exception 'task % changes only by an event that says so', new.id
          using errcode = '23514', constraint = 'task_follows_its_events';
      end if;
      return new;
    end $$
    """,
    """
    create function task_begins_with_an_event() returns trigger language plpgsql as $$
    begin
      if not exists (
        select 1 from task_event where task_id = new.id and seq = 1 and new.version = 1 and to_stage = new.stage
      ) and not exists (select 1 from task where id = new.id and version > new.version) then
        raise exception 'task % begins with an event', new.id
          using errcode = '23514', constraint = 'task_begins_with_an_event';
      end if;
      return null;
    end $$
    """,
    # The log behind the feed is written here, so that no use case can forget it.
    """
    create function log_task() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        insert into change (kind, key, grid_id) values ('task', new.id::text, new.grid_id);
      else
        insert into change (kind, key, grid_id, old_grid_id, old_holder_id)
        values ('task', new.id::text, new.grid_id, nullif(old.grid_id, new.grid_id),
                nullif(coalesce(old.assignee_post_id, old.assignee_unit_id),
                       coalesce(new.assignee_post_id, new.assignee_unit_id)));
      end if;
      return null;
    end $$
    """,
    """
    create function log_post() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        insert into change (kind, key, grid_id, person_id) values ('post', new.id::text, new.grid_id, new.person_id);
      else
        insert into change (kind, key, grid_id, old_grid_id, person_id)
        values ('post', new.id::text, new.grid_id, nullif(old.grid_id, new.grid_id), new.person_id);
      end if;
      return null;
    end $$
    """,
    """
    create function log_grid() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key, grid_id) values ('grid', new.id::text, new.id);
      return null;
    end $$
    """,
    """
    create function log_boundary() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key, grid_id) values ('grid', new.grid_id::text, new.grid_id);
      return null;
    end $$
    """,
    """
    create function log_person() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key, grid_id, old_grid_id, person_id)
      values ('person', new.id::text, new.scope_grid_id, nullif(old.scope_grid_id, new.scope_grid_id), new.id);
      return null;
    end $$
    """,
    """
    create function log_notice() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key, person_id) values ('notice', new.id::text, new.person_id);
      return null;
    end $$
    """,
    """
    create function log_catalogue() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key) values ('catalogue', new.version);
      return null;
    end $$
    """,
    """
    create function log_plan() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key, grid_id) values ('plan', new.id::text, new.scope_grid_id);
      return null;
    end $$
    """,
    # Events in order, merged: the row that they add up to.
    "create aggregate jsonb_merged(jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}')",
)

TRIGGERS = (
    ("task_event_append_only", "before update or delete on task_event for each row", "refuse_rewriting"),
    ("task_event_no_truncate", "before truncate on task_event for each statement", "refuse_rewriting"),
    ("task_photo_append_only", "before update or delete on task_photo for each row", "refuse_rewriting"),
    ("task_never_deleted", "before delete on task for each row", "refuse_rewriting"),
    ("grid_never_deleted", "before delete on grid for each row", "refuse_rewriting"),
    ("audit_entry_append_only", "before update or delete on audit_entry for each row", "refuse_rewriting"),
    ("task_follows_its_events", "before update on task for each row", "task_follows_its_events"),
    ("log_task", "after insert or update on task for each row", "log_task"),
    ("log_post", "after insert or update on post for each row", "log_post"),
    ("log_grid", "after insert or update on grid for each row", "log_grid"),
    ("log_boundary", "after insert or update on boundary for each row", "log_boundary"),
    (
        "log_person",
        "after update of role, scope_grid_id, unit_id, retired_at on person for each row",
        "log_person",
    ),
    ("log_notice", "after insert or update on notice for each row", "log_notice"),
    ("log_catalogue", "after insert on catalogue_edition for each row", "log_catalogue"),
    ("log_plan", "after insert or update on plan for each row", "log_plan"),
)


def upgrade() -> None:
    for function in FUNCTIONS:
        op.execute(function)
    for name, event, function in TRIGGERS:
        op.execute(f"create trigger {name} {event} execute function {function}()")
    op.execute(
        "create constraint trigger task_begins_with_an_event after insert on task "
        "deferrable initially deferred for each row execute function task_begins_with_an_event()"
    )
    op.execute("insert into feed_state default values")
    op.execute("insert into change (kind, key) values ('start', '')")


def downgrade() -> None:
    op.execute("drop trigger task_begins_with_an_event on task")
    for name, event, _function in TRIGGERS:
        table = event.split(" on ")[1].split()[0]
        op.execute(f"drop trigger {name} on {table}")
    op.execute("drop aggregate jsonb_merged(jsonb)")
    for function in (
        "refuse_rewriting",
        "task_follows_its_events",
        "task_begins_with_an_event",
        *sorted({function for _, _, function in TRIGGERS if function.startswith("log_")}),
    ):
        op.execute(f"drop function {function}()")
