"""What phones bring: alarms, codes to sign in by, keys, stops of the day, hand-overs, facts beside events.

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-24 17:14:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    """
    create table alarm (
      id uuid not null,
      person_id uuid not null,
      grid_id bigint not null,
      at timestamptz not null,
      device_at timestamptz,
      lon double precision,
      lat double precision,
      accuracy double precision,
      mock boolean default 'false' not null,
      note text,
      content_hash bytea not null,
      acknowledged_by uuid,
      acknowledged_at timestamptz,
      answer text,
      constraint pk_alarm primary key (id),
      constraint ck_alarm_acknowledged check ((acknowledged_at is null) = (acknowledged_by is null)),
      constraint ck_alarm_place check ((lon is null) = (lat is null)),
      constraint fk_alarm_person_id foreign key(person_id) references person (id),
      constraint fk_alarm_grid_id foreign key(grid_id) references grid (id),
      constraint fk_alarm_acknowledged_by foreign key(acknowledged_by) references person (id)
    )
    """,
    "create index ix_alarm_grid_id on alarm (grid_id)",
    "create index ix_alarm_person_id on alarm (person_id)",
    "create index ix_alarm_waiting on alarm (at) where acknowledged_at is null",
    """
    create table sign_in_code (
      code_hash bytea not null,
      person_id uuid not null,
      made_by uuid not null,
      made_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      constraint pk_sign_in_code primary key (code_hash),
      constraint fk_sign_in_code_person_id foreign key(person_id) references person (id),
      constraint fk_sign_in_code_made_by foreign key(made_by) references person (id)
    )
    """,
    "create index ix_sign_in_code_person_id on sign_in_code (person_id)",
    """
    create table data_key (
      id uuid not null,
      person_id uuid not null,
      salt bytea,
      made_at timestamptz not null,
      destroyed_at timestamptz,
      constraint pk_data_key primary key (id),
      constraint ck_data_key_destroyed check ((salt is null) = (destroyed_at is not null)),
      constraint fk_data_key_person_id foreign key(person_id) references person (id)
    )
    """,
    "create index ix_data_key_person_id on data_key (person_id)",
    "create unique index uq_data_key_alive on data_key (person_id) where destroyed_at is null",
    """
    create table stop (
      id uuid not null,
      grid_id bigint not null,
      kind text not null,
      name text not null,
      note text,
      address text,
      lon double precision,
      lat double precision,
      day date,
      made_by uuid not null,
      made_at timestamptz not null,
      retired_at timestamptz,
      constraint pk_stop primary key (id),
      constraint ck_stop_kind check (kind in ('visit','patrol')),
      constraint ck_stop_place check ((lon is null) = (lat is null)),
      constraint fk_stop_grid_id foreign key(grid_id) references grid (id),
      constraint fk_stop_made_by foreign key(made_by) references person (id)
    )
    """,
    "create index ix_stop_grid_id_day on stop (grid_id, day)",
    """
    create table stop_done (
      id uuid not null,
      stop_id uuid not null,
      day date not null,
      person_id uuid not null,
      at timestamptz not null,
      device_at timestamptz not null,
      lon double precision,
      lat double precision,
      accuracy double precision,
      note text,
      constraint pk_stop_done primary key (id),
      constraint fk_stop_done_stop_id foreign key(stop_id) references stop (id),
      constraint fk_stop_done_person_id foreign key(person_id) references person (id)
    )
    """,
    "create index ix_stop_done_person_id on stop_done (person_id)",
    "create unique index uq_stop_done_stop_id_day on stop_done (stop_id, day)",
    """
    create table hand_over (
      post_id uuid not null,
      confirmed_by uuid not null,
      confirmed_at timestamptz not null,
      tasks bigint not null,
      constraint pk_hand_over primary key (post_id),
      constraint fk_hand_over_post_id foreign key(post_id) references post (id),
      constraint fk_hand_over_confirmed_by foreign key(confirmed_by) references person (id)
    )
    """,
)
NAMES = ("hand_over", "stop_done", "stop", "data_key", "sign_in_code", "alarm")

FUNCTIONS = (
    """
    create function log_alarm() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key, grid_id) values ('alarm', new.id::text, new.grid_id);
      return null;
    end $$
    """,
    """
    create function log_stop() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key, grid_id) values ('stop', new.id::text, new.grid_id);
      return null;
    end $$
    """,
    """
    create function log_stop_done() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key, grid_id) select 'stop', id::text, grid_id from stop where id = new.stop_id;
      return null;
    end $$
    """,
)
TRIGGERS = (
    ("alarm_never_deleted", "before delete on alarm for each row", "refuse_rewriting"),
    ("stop_done_append_only", "before update or delete on stop_done for each row", "refuse_rewriting"),
    ("log_alarm", "after insert or update on alarm for each row", "log_alarm"),
    ("log_stop", "after insert or update on stop for each row", "log_stop"),
    ("log_stop_done", "after insert on stop_done for each row", "log_stop_done"),
)


def upgrade() -> None:
    for table in TABLES:
        op.execute(table)
    op.add_column("token", sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("task_event", sa.Column("facts", postgresql.JSONB(), nullable=True))
    op.add_column("category", sa.Column("accuracy_m", sa.Double(), server_default="50", nullable=False))
    for function in FUNCTIONS:
        op.execute(function)
    for name, event, function in TRIGGERS:
        op.execute(f"create trigger {name} {event} execute function {function}()")


def downgrade() -> None:
    for name in NAMES:
        op.drop_table(name)
    for function in ("log_alarm", "log_stop", "log_stop_done"):
        op.execute(f"drop function {function}()")
    op.execute("delete from change where kind in ('alarm', 'stop')")
    op.drop_column("category", "accuracy_m")
    op.drop_column("task_event", "facts")
    op.drop_column("token", "lost_at")
