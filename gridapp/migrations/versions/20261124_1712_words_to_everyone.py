"""Notices, messages that go out, and the chained record.

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-24 17:12:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATE = "state in ('waiting', 'done', 'failed', 'dropped')"

FUNCTIONS = (
    # What goes out is written here, in the transaction that makes it, so that no use case can forget it.
    """
    create function outbox_event() returns trigger language plpgsql as $$
    begin
      insert into outbox (kind, key) select 'event', id::text from fresh order by task_id, seq;
      return null;
    end $$
    """,
    """
    create function outbox_notice() returns trigger language plpgsql as $$
    begin
      insert into outbox (kind, key) select 'notice', id::text from fresh order by id;
      return null;
    end $$
    """,
)
# The feed speaks of messages: notices that are one message are one thing, known by the first of them.
LOG_NOTICE = """
    create or replace function log_notice() returns trigger language plpgsql as $$
    begin
      insert into change (kind, key, person_id) values ('notice', {key}::text, new.person_id);
      return null;
    end $$
"""
TRIGGERS = (
    ("outbox_event", "task_event", "after insert on task_event referencing new table as fresh for each statement"),
    ("outbox_notice", "notice", "after insert on notice referencing new table as fresh for each statement"),
)
SEALED = (
    ("seal_append_only", "before update or delete on seal for each row"),
    ("seal_no_truncate", "before truncate on seal for each statement"),
)


def upgrade() -> None:
    """Adds the tables, the columns of notices and events, and the triggers that fill the outbox."""
    _grow()
    _make_words()
    _make_receivers()
    _make_record()
    for function in FUNCTIONS:
        op.execute(function)
    for name, _table, event in TRIGGERS:
        op.execute(f"create trigger {name} {event} execute function {name}()")
    for name, event in SEALED:
        op.execute(f"create trigger {name} {event} execute function refuse_rewriting()")
    op.execute(LOG_NOTICE.format(key="coalesce(new.head_id, new.id)"))
    op.execute("insert into unsealed (event_id) select id from task_event")


def downgrade() -> None:
    """Takes them away."""
    op.execute(LOG_NOTICE.format(key="new.id"))
    for name, table, _event in TRIGGERS:
        op.execute(f"drop trigger {name} on {table}")
        op.execute(f"drop function {name}()")
    for table in (
        "photo_fact",
        "day_head",
        "seal",
        "unsealed",
        "delivery_try",
        "delivery",
        "receiver",
        "letter",
        "contact",
        "outbox",
    ):
        op.drop_table(table)
    op.drop_column("task_event", "mock")
    for index in ("ix_notice_head_id", "ix_notice_unread", "ix_notice_batch", "ix_notice_task_id"):
        op.drop_index(index, table_name="notice")
    for column in ("head_id", "batch", "overtaken_at"):
        op.drop_column("notice", column)


def _grow() -> None:
    op.add_column("notice", sa.Column("overtaken_at", sa.DateTime(timezone=True)))
    batch = sa.Column("batch", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    op.add_column("notice", batch)
    op.add_column("notice", sa.Column("head_id", sa.BigInteger()))
    op.create_foreign_key(op.f("fk_notice_head_id"), "notice", "notice", ["head_id"], ["id"])
    op.create_index("ix_notice_task_id", "notice", ["task_id"])
    op.create_index("ix_notice_batch", "notice", ["batch"])
    unread = sa.text("read_at is null and overtaken_at is null")
    op.create_index("ix_notice_unread", "notice", ["person_id"], postgresql_where=unread)
    op.create_index("ix_notice_head_id", "notice", ["head_id"], postgresql_where=sa.text("head_id is not null"))
    op.add_column("task_event", sa.Column("mock", sa.Boolean(), server_default="false", nullable=False))


def _make_words() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "contact",
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("letters", sa.Text(), server_default="all", nullable=False),
        sa.Column("quiet_from", sa.Time()),
        sa.Column("quiet_until", sa.Time()),
        sa.CheckConstraint("letters in ('all','urgent','none')", name=op.f("ck_contact_letters")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contact_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_contact")),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("batch", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text()),
        sa.CheckConstraint(STATE, name=op.f("ck_letter_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("person_id", "batch", name="uq_letter_person_id_batch"),
    )
    op.create_index("ix_letter_due", "letter", ["next_at"], postgresql_where=sa.text("state = 'waiting'"))


def _make_receivers() -> None:
    op.create_table(
        "receiver",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("origin", sa.Text()),
        sa.Column("scope_grid_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text()),
        sa.Column("old_until", sa.DateTime(timezone=True)),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["scope_grid_id"], ["grid.id"], name=op.f("fk_receiver_scope_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiver")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("receiver_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("task_id", sa.UUID()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(STATE, name=op.f("ck_delivery_state")),
        sa.ForeignKeyConstraint(["receiver_id"], ["receiver.id"], name=op.f("fk_delivery_receiver_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_delivery_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("receiver_id", "message_id", name="uq_delivery_receiver_id_message_id"),
    )
    op.create_index("ix_delivery_receiver_id_id", "delivery", ["receiver_id", "id"])
    still = sa.text("state in ('waiting','failed')")
    op.create_index("ix_delivery_open", "delivery", ["receiver_id", "id"], postgresql_where=still)
    op.create_table(
        "delivery_try",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_try_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_try")),
    )
    op.create_index("ix_delivery_try_delivery_id", "delivery_try", ["delivery_id"])


def _make_record() -> None:
    op.create_table(
        "unsealed",
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_unsealed")),
    )
    op.create_table(
        "seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.SmallInteger(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("digests", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("cardinality(events) = cardinality(digests)", name=op.f("ck_seal_as_many_digests")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.create_index("ix_seal_day", "seal", ["day"])
    op.create_table(
        "day_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_head")),
    )
    op.create_table(
        "photo_fact",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("look", sa.BigInteger()),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("lon", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.ForeignKeyConstraint(["sha256"], ["photo.sha256"], name=op.f("fk_photo_fact_sha256")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo_fact")),
    )
    for n in range(4):
        op.create_index(f"ix_photo_fact_look_{n}", "photo_fact", [sa.text(f"((look >> {16 * n}) & 65535)")])
