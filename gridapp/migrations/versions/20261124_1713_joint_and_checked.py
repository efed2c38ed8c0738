"""Joint tasks, checks on the spot, admission of items.

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-24 17:13:00+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BEFORE = "('worker', 'chief', 'dispatcher', 'handler', 'resident', 'hotline', 'import')"
AFTER = "('worker', 'chief', 'dispatcher', 'handler', 'resident', 'hotline', 'import', 'check')"

# A part equals what the events of its task say of it, in their order.
FOLLOWS = """
create function assist_follows_its_events() returns trigger language plpgsql as $$
declare told jsonb;
begin
  select jsonb_merged(changes -> 'assist' order by seq) into told
  from task_event where task_id = new.task_id and changes -> 'assist' ->> 'id' = new.id::text;
  if told is null or to_jsonb(jsonb_populate_record(null::assist, told)) <> to_jsonb(new) then
    raise exception 'assist % changes only by an event that says so', new.id
      using errcode = '23514', constraint = 'assist_follows_its_events';
  end if;
  return new;
end $$
"""
TRIGGERS = (
    ("assist_follows_its_events", "before insert or update on assist for each row", "assist_follows_its_events"),
    ("assist_never_deleted", "before delete on assist for each row", "refuse_rewriting"),
    ("admission_append_only", "before update or delete on admission for each row", "refuse_rewriting"),
)


def _when(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _to(name: str, table: str, goal: str, *, nullable: bool = False) -> tuple[SchemaItem, SchemaItem]:
    kind = sa.BigInteger() if goal == "grid" else sa.UUID()
    key = sa.ForeignKeyConstraint([name], [f"{goal}.id"], name=op.f(f"fk_{table}_{name}"))
    return sa.Column(name, kind, nullable=nullable), key


def upgrade() -> None:
    _add_assists()
    _add_admissions()
    _add_checks()
    op.execute(FOLLOWS)
    for name, event, function in TRIGGERS:
        op.execute(f"create trigger {name} {event} execute function {function}()")


def _add_assists() -> None:
    op.create_table(
        "assist",
        sa.Column("id", sa.UUID(), nullable=False),
        *_to("task_id", "assist", "task"),
        *_to("unit_id", "assist", "unit"),
        *_to("asked_by", "assist", "person", nullable=True),
        _when("asked_at"),
        _words("words"),
        _when("answer_due_at"),
        _when("due_at"),
        _when("accepted_at", nullable=True),
        *_to("accepted_by", "assist", "person", nullable=True),
        _words("outcome", nullable=True),
        _words("result", nullable=True),
        _when("ended_at", nullable=True),
        *_to("ended_by", "assist", "person", nullable=True),
        sa.CheckConstraint(
            "outcome is null or outcome in ('done','declined','released')", name=op.f("ck_assist_outcome")
        ),
        sa.CheckConstraint("(outcome is null) = (ended_at is null)", name=op.f("ck_assist_ended")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assist")),
    )
    op.create_index("ix_assist_task_id", "assist", ["task_id"])
    op.create_index("ix_assist_unit_id", "assist", ["unit_id"])
    op.create_index(
        "ux_assist_open", "assist", ["task_id", "unit_id"], unique=True, postgresql_where=sa.text("outcome is null")
    )


def _add_admissions() -> None:
    op.create_table(
        "admission_application",
        sa.Column("id", sa.UUID(), nullable=False),
        _words("category_code"),
        *_to("unit_id", "admission_application", "unit"),
        *_to("grid_id", "admission_application", "grid"),
        *_to("applied_by", "admission_application", "person"),
        _when("applied_at"),
        _words("words"),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        _when("decided_at", nullable=True),
        *_to("decided_by", "admission_application", "person", nullable=True),
        _words("answer", nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "state in ('open','admitted','refused','withdrawn')", name=op.f("ck_admission_application_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission_application")),
    )
    op.create_index("ix_admission_application_category_code", "admission_application", ["category_code"])
    op.create_index(
        "ux_admission_application_open",
        "admission_application",
        ["category_code", "grid_id", "unit_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "admission",
        sa.Column("id", sa.UUID(), nullable=False),
        _words("category_code"),
        *_to("grid_id", "admission", "grid"),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        _when("valid_from"),
        _when("valid_until", nullable=True),
        *_to("application_id", "admission", "admission_application", nullable=True),
        *_to("decided_by", "admission", "person"),
        _when("decided_at"),
        _words("words"),
        sa.CheckConstraint("valid_until is null or valid_until > valid_from", name=op.f("ck_admission_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
    )
    op.create_index("ix_admission_category_code", "admission", ["category_code"])


def _add_checks() -> None:
    op.add_column("task", sa.Column("check_of", sa.UUID(), nullable=True))
    op.add_column("task", sa.Column("check_kind", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("check_result", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("fk_task_check_of"), "task", "task", ["check_of"], ["id"])
    op.create_check_constraint(op.f("ck_task_check_of"), "task", "(check_of is null) = (check_kind is null)")
    op.create_check_constraint(
        op.f("ck_task_check_kind"), "task", "check_kind is null or check_kind in ('verify', 'inspect')"
    )
    op.drop_constraint(op.f("ck_task_source"), "task", type_="check")
    op.create_check_constraint(op.f("ck_task_source"), "task", f"source in {AFTER}")
    op.create_index("ix_task_check_of", "task", ["check_of"], postgresql_where=sa.text("check_of is not null"))
    op.create_index(
        "ux_task_open_check",
        "task",
        ["check_of"],
        unique=True,
        postgresql_where=sa.text("check_of is not null and outcome is null"),
    )
    # By category and place: the open tasks of the same matter nearby, however many tasks there are.
    op.create_index(
        "ix_task_open_matter",
        "task",
        ["category_code", "geom"],
        postgresql_using="gist",
        postgresql_where=sa.text("outcome is null and check_of is null"),
    )


def downgrade() -> None:
    for name, event, _function in TRIGGERS:
        op.execute(f"drop trigger {name} on {event.split(' on ')[1].split()[0]}")
    op.execute("drop function assist_follows_its_events()")
    for index in ("ix_task_open_matter", "ux_task_open_check", "ix_task_check_of"):
        op.drop_index(index, table_name="task")
    op.drop_constraint(op.f("ck_task_source"), "task", type_="check")
    op.create_check_constraint(op.f("ck_task_source"), "task", f"source in {BEFORE}")
    for constraint in ("ck_task_check_kind", "ck_task_check_of"):
        op.drop_constraint(op.f(constraint), "task", type_="check")
    op.drop_constraint(op.f("fk_task_check_of"), "task", type_="foreignkey")
    for column in ("check_result", "check_kind", "check_of"):
        op.drop_column("task", column)
    op.drop_table("admission")
    op.drop_table("admission_application")
    op.drop_table("assist")
