"""core tables.

Revision ID: 0001
Revises:
Create Date: 2026-11-22 21:41:31.621281+00:00
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from gridapp.models.base import XID8

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("task_number_seq")))
    op.create_geospatial_table(
        "building",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("use", sa.Text(), nullable=True),
        sa.Column("floors", sa.Integer(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
    )
    op.create_geospatial_index(
        "ix_building_geom", "building", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "catalogue_edition",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_catalogue_edition")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_catalogue_edition_content_hash")),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("xid", XID8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("old_grid_id", sa.BigInteger(), nullable=True),
        sa.Column("old_holder_id", sa.UUID(), nullable=True),
        sa.Column("person_id", sa.UUID(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index("ix_change_xid", "change", ["xid"], unique=False)
    op.create_table(
        "feed_state",
        sa.Column("one", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("epoch", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("horizon", XID8(), server_default=sa.text("'0'::xid8"), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_feed_state")),
    )
    op.create_table(
        "grid",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="normal", nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("path", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('normal','special')", name=op.f("ck_grid_kind")),
        sa.CheckConstraint(
            "level in ('district', 'street', 'community', 'group', 'building')", name=op.f("ck_grid_level")
        ),
        sa.CheckConstraint(
            "cardinality(path) = 0 or path[cardinality(path)] = id", name=op.f("ck_grid_path_ends_in_itself")
        ),
        sa.CheckConstraint("households is null or households >= 0", name=op.f("ck_grid_households")),
        sa.ForeignKeyConstraint(["parent_id"], ["grid.id"], name=op.f("fk_grid_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid")),
        sa.UniqueConstraint("code", name=op.f("uq_grid_code")),
    )
    op.create_index("ix_grid_level", "grid", ["level"], unique=False)
    op.create_index("ix_grid_parent_id", "grid", ["parent_id"], unique=False)
    op.create_index("ix_grid_path", "grid", ["path"], unique=False, postgresql_using="gin")
    op.create_table(
        "photo",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_photo_sha256")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo")),
    )
    op.create_table(
        "position",
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("accuracy", sa.REAL(), nullable=True),
        sa.Column("speed", sa.REAL(), nullable=True),
        sa.Column("heading", sa.REAL(), nullable=True),
        sa.Column("battery", sa.SmallInteger(), nullable=True),
        sa.Column("mock", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "at", name=op.f("pk_position")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_table(
        "rate_window",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("minute_hits", sa.Integer(), nullable=False),
        sa.Column("second", sa.BigInteger(), nullable=False),
        sa.Column("second_hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_window")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index("ix_sign_in_failure_username_at", "sign_in_failure", ["username", "at"], unique=False)
    op.create_geospatial_table(
        "street",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("oneway", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("rank", sa.SmallInteger(), server_default="5", nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street")),
    )
    op.create_geospatial_index(
        "ix_street_geom", "street", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_table(
        "surface",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surface")),
    )
    op.create_geospatial_index(
        "ix_surface_geom", "surface", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "category",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("photos_before", sa.Integer(), server_default="0", nullable=False),
        sa.Column("photos_after", sa.Integer(), server_default="0", nullable=False),
        sa.Column("self_handle", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("admitted", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("sample_share", sa.Double(), server_default="0.1", nullable=False),
        sa.Column("similar_radius_m", sa.Double(), server_default="50", nullable=False),
        sa.Column("similar_hours", sa.Double(), server_default="72", nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("severities", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stop_notice_zh", sa.Text(), nullable=True),
        sa.Column("stop_notice_en", sa.Text(), nullable=True),
        sa.CheckConstraint("sample_share between 0 and 1", name=op.f("ck_category_sample_share")),
        sa.ForeignKeyConstraint(
            ["edition", "parent_code"],
            ["category.edition", "category.code"],
            name=op.f("fk_category_edition_parent_code"),
        ),
        sa.ForeignKeyConstraint(["edition"], ["catalogue_edition.version"], name=op.f("fk_category_edition")),
        sa.PrimaryKeyConstraint("edition", "code", name=op.f("pk_category")),
    )
    op.create_index("ix_category_parent", "category", ["edition", "parent_code"], unique=False)
    op.create_table(
        "duty",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edition"], ["catalogue_edition.version"], name=op.f("fk_duty_edition")),
        sa.PrimaryKeyConstraint("edition", "code", name=op.f("pk_duty")),
    )
    op.create_table(
        "reason",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edition"], ["catalogue_edition.version"], name=op.f("fk_reason_edition")),
        sa.PrimaryKeyConstraint("edition", "action", "code", name=op.f("pk_reason")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("calendar", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("level in ('district','street','community')", name=op.f("ck_unit_level")),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_unit_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_table(
        "filing_condition",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("task_class", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("answer_amount", sa.Integer(), nullable=False),
        sa.Column("answer_unit", sa.Text(), nullable=False),
        sa.Column("handle_amount", sa.Integer(), nullable=False),
        sa.Column("handle_unit", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "task_class in ('immediate','committed','joint')", name=op.f("ck_filing_condition_task_class")
        ),
        sa.ForeignKeyConstraint(
            ["edition", "category_code"],
            ["category.edition", "category.code"],
            name=op.f("fk_filing_condition_edition_category_code"),
        ),
        sa.PrimaryKeyConstraint("edition", "code", name=op.f("pk_filing_condition")),
    )
    op.create_index("ix_filing_condition_category", "filing_condition", ["edition", "category_code"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope_grid_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.UUID(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("titles", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="zh_CN", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("language in ('zh_CN','en')", name=op.f("ck_person_language")),
        sa.CheckConstraint(
            "role <> 'handler' or unit_id is not null or retired_at is not null",
            name=op.f("ck_person_handler_has_unit"),
        ),
        sa.CheckConstraint(
            "role in ('worker', 'chief', 'dispatcher', 'reviewer', 'handler', 'planner', 'admin', 'auditor')",
            name=op.f("ck_person_role"),
        ),
        sa.CheckConstraint("username = lower(username) and username <> ''", name=op.f("ck_person_username")),
        sa.ForeignKeyConstraint(["scope_grid_id"], ["grid.id"], name=op.f("fk_person_scope_grid_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_index(op.f("ix_person_scope_grid_id"), "person", ["scope_grid_id"], unique=False)
    op.create_index(op.f("ix_person_unit_id"), "person", ["unit_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_audit_entry_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False)
    op.create_index("ix_audit_entry_subject_id", "audit_entry", ["subject_id"], unique=False)
    op.create_table(
        "last_position",
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("accuracy", sa.REAL(), nullable=True),
        sa.Column("battery", sa.SmallInteger(), nullable=True),
        sa.Column("mock", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_last_position_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_last_position")),
    )
    op.create_table(
        "photo_upload",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_photo_upload_person_id")),
        sa.ForeignKeyConstraint(["sha256"], ["photo.sha256"], name=op.f("fk_photo_upload_sha256")),
        sa.PrimaryKeyConstraint("sha256", "person_id", name=op.f("pk_photo_upload")),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("scope_grid_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(status = 'published') = (effective_from is not null)", name=op.f("ck_plan_published_has_start")
        ),
        sa.CheckConstraint(
            "(status = 'published') = (published_at is not null)", name=op.f("ck_plan_published_has_time")
        ),
        sa.CheckConstraint("status in ('draft','published','discarded')", name=op.f("ck_plan_status")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_plan_created_by")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_plan_published_by")),
        sa.ForeignKeyConstraint(["scope_grid_id"], ["grid.id"], name=op.f("fk_plan_scope_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    op.create_index(op.f("ix_plan_scope_grid_id"), "plan", ["scope_grid_id"], unique=False)
    op.create_table(
        "post",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("deputy", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("grid_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("kind = 'worker' and not deputy"),
            using="gist",
            name="ex_post_one_worker_a_grid",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("kind = 'worker' and not deputy"),
            using="gist",
            name="ex_post_one_grid_a_worker",
        ),
        sa.CheckConstraint("kind in ('worker','chief')", name=op.f("ck_post_kind")),
        sa.CheckConstraint("not isempty(during)", name=op.f("ck_post_during_not_empty")),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_post_grid_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index("ix_post_grid_id", "post", ["grid_id"], unique=False)
    op.create_index("ix_post_person_id", "post", ["person_id"], unique=False)
    op.create_geospatial_table(
        "shift",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "on_geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "off_geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="), (sa.column("during"), "&&"), using="gist", name="ex_shift_one_at_a_time"
        ),
        sa.CheckConstraint("not isempty(during)", name=op.f("ck_shift_during_not_empty")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_shift_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="device", nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('device','browser')", name=op.f("ck_token_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_token_secret_hash")),
    )
    op.create_index("ix_token_person_id", "token", ["person_id"], unique=False)
    op.create_geospatial_table(
        "boundary",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("plan_id", sa.UUID(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("grid_id"), "="), (sa.column("during"), "&&"), using="gist", name="ex_boundary_one_at_a_time"
        ),
        sa.CheckConstraint("ST_IsValid(geom)", name=op.f("ck_boundary_geom_valid")),
        sa.CheckConstraint("not ST_IsEmpty(geom)", name=op.f("ck_boundary_geom_not_empty")),
        sa.CheckConstraint("not isempty(during)", name=op.f("ck_boundary_during_not_empty")),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_boundary_grid_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_boundary_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary")),
    )
    op.create_geospatial_index(
        "ix_boundary_geom_building",
        "boundary",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'building'"),
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_boundary_geom_community",
        "boundary",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'community'"),
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_boundary_geom_district",
        "boundary",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'district'"),
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_boundary_geom_group",
        "boundary",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'group'"),
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_boundary_geom_street",
        "boundary",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'street'"),
        postgresql_ops={},
    )
    op.create_index("ix_boundary_grid_id", "boundary", ["grid_id"], unique=False)
    op.create_geospatial_table(
        "plan_change",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("plan_id", sa.UUID(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("base_boundary_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["base_boundary_id"], ["boundary.id"], name=op.f("fk_plan_change_base_boundary_id")),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_plan_change_grid_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_change_plan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_change")),
        sa.UniqueConstraint("plan_id", "grid_id", name="uq_plan_change_grid"),
    )
    op.create_geospatial_table(
        "task",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default=sa.text("nextval('task_number_seq')"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("origin_number", sa.Text(), nullable=True),
        sa.Column("origin_status", sa.Text(), nullable=True),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("condition_code", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column(
            "fields", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("raw_x", sa.Double(), nullable=True),
        sa.Column("raw_y", sa.Double(), nullable=True),
        sa.Column("raw_crs", sa.Text(), nullable=True),
        sa.Column("accuracy", sa.Double(), nullable=True),
        sa.Column("mock", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("boundary_id", sa.BigInteger(), nullable=True),
        sa.Column("located", sa.Boolean(), nullable=False),
        sa.Column("nearest_grid_id", sa.BigInteger(), nullable=True),
        sa.Column("nearest_m", sa.Double(), nullable=True),
        sa.Column("reporter_id", sa.UUID(), nullable=True),
        sa.Column("duplicate_of", sa.UUID(), nullable=True),
        sa.Column("master_id", sa.UUID(), nullable=True),
        sa.Column("self_handled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("assignee_post_id", sa.UUID(), nullable=True),
        sa.Column("assignee_unit_id", sa.UUID(), nullable=True),
        sa.Column("task_class", sa.Text(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.UUID(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("handlers", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'::uuid[]"), nullable=False),
        sa.Column("fed_back_by", sa.UUID(), nullable=True),
        sa.Column("fed_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rework_count", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("urge_count", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("score_speed", sa.SmallInteger(), nullable=True),
        sa.Column("score_quality", sa.SmallInteger(), nullable=True),
        sa.Column("satisfied", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'merged') is not true or master_id is not null", name=op.f("ck_task_merged_has_master")
        ),
        sa.CheckConstraint(
            "outcome is distinct from 'resolved' or stage = 'review'", name=op.f("ck_task_resolved_in_review")
        ),
        sa.CheckConstraint(
            "outcome is null or outcome in ('resolved', 'dismissed', 'merged', 'withdrawn')",
            name=op.f("ck_task_outcome"),
        ),
        sa.CheckConstraint(
            "source in ('worker', 'chief', 'dispatcher', 'handler', 'resident', 'hotline', 'import')",
            name=op.f("ck_task_source"),
        ),
        sa.CheckConstraint("stage <> 'review' or outcome = 'resolved'", name=op.f("ck_task_review_is_resolved")),
        sa.CheckConstraint("stage in ('report', 'assign', 'handle', 'feedback', 'review')", name=op.f("ck_task_stage")),
        sa.CheckConstraint("geom is not null or address is not null", name=op.f("ck_task_has_place")),
        sa.CheckConstraint("master_id is distinct from id", name=op.f("ck_task_not_its_own_master")),
        sa.CheckConstraint("num_nonnulls(assignee_post_id, assignee_unit_id) <= 1", name=op.f("ck_task_one_assignee")),
        sa.CheckConstraint(
            "score_speed between 1 and 5 and score_quality between 1 and 5", name=op.f("ck_task_scores")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_task_asked_by")),
        sa.ForeignKeyConstraint(["assignee_post_id"], ["post.id"], name=op.f("fk_task_assignee_post_id")),
        sa.ForeignKeyConstraint(["assignee_unit_id"], ["unit.id"], name=op.f("fk_task_assignee_unit_id")),
        sa.ForeignKeyConstraint(["boundary_id"], ["boundary.id"], name=op.f("fk_task_boundary_id")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["task.id"], name=op.f("fk_task_duplicate_of")),
        sa.ForeignKeyConstraint(
            ["edition", "category_code"],
            ["category.edition", "category.code"],
            name=op.f("fk_task_edition_category_code"),
        ),
        sa.ForeignKeyConstraint(
            ["edition", "condition_code"],
            ["filing_condition.edition", "filing_condition.code"],
            name=op.f("fk_task_edition_condition_code"),
        ),
        sa.ForeignKeyConstraint(["fed_back_by"], ["person.id"], name=op.f("fk_task_fed_back_by")),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_task_grid_id")),
        sa.ForeignKeyConstraint(["master_id"], ["task.id"], name=op.f("fk_task_master_id")),
        sa.ForeignKeyConstraint(["nearest_grid_id"], ["grid.id"], name=op.f("fk_task_nearest_grid_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["person.id"], name=op.f("fk_task_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("number", name=op.f("uq_task_number")),
        sa.UniqueConstraint("origin", "origin_number", name="uq_task_origin_number"),
    )
    op.create_index(
        "ix_task_assignee_post_id",
        "task",
        ["assignee_post_id"],
        unique=False,
        postgresql_where=sa.text("assignee_post_id is not null"),
    )
    op.create_index(
        "ix_task_assignee_unit_id",
        "task",
        ["assignee_unit_id"],
        unique=False,
        postgresql_where=sa.text("assignee_unit_id is not null"),
    )
    op.create_geospatial_index(
        "ix_task_geom", "task", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_task_grid_id_stage", "task", ["grid_id", "stage"], unique=False)
    op.create_index(
        "ix_task_master_id", "task", ["master_id"], unique=False, postgresql_where=sa.text("master_id is not null")
    )
    op.create_index(op.f("ix_task_reporter_id"), "task", ["reporter_id"], unique=False)
    op.create_index(
        "ix_task_urgency",
        "task",
        [
            sa.literal_column("(outcome is not null)"),
            sa.literal_column("coalesce(due_at, least(reported_at, received_at))"),
            "id",
        ],
        unique=False,
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("task_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "params", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_notice_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_person_id_id", "notice", ["person_id", "id"], unique=False)
    op.create_geospatial_table(
        "task_event",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("from_stage", sa.Text(), nullable=True),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=True),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_task_event_actor_id")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_task_event_task_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_event")),
        sa.UniqueConstraint("task_id", "seq", name="uq_task_event_task_id_seq"),
    )
    op.create_index("ix_task_event_at", "task_event", ["at"], unique=False)
    op.create_table(
        "task_photo",
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.CheckConstraint("phase in ('before','after')", name=op.f("ck_task_photo_phase")),
        sa.ForeignKeyConstraint(["event_id"], ["task_event.id"], name=op.f("fk_task_photo_event_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_photo_task_id")),
        sa.PrimaryKeyConstraint("task_id", "event_id", "ordinal", name=op.f("pk_task_photo")),
    )
    op.create_index("ix_task_photo_sha256", "task_photo", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_task_photo_sha256", table_name="task_photo")
    op.drop_table("task_photo")
    op.drop_index("ix_task_event_at", table_name="task_event")
    op.drop_geospatial_table("task_event")
    op.drop_index("ix_notice_person_id_id", table_name="notice")
    op.drop_table("notice")
    op.drop_index("ix_task_urgency", table_name="task")
    op.drop_index(op.f("ix_task_reporter_id"), table_name="task")
    op.drop_index("ix_task_master_id", table_name="task", postgresql_where=sa.text("master_id is not null"))
    op.drop_index("ix_task_grid_id_stage", table_name="task")
    op.drop_geospatial_index("ix_task_geom", table_name="task", postgresql_using="gist", column_name="geom")
    op.drop_index(
        "ix_task_assignee_unit_id", table_name="task", postgresql_where=sa.text("assignee_unit_id is not null")
    )
    op.drop_index(
        "ix_task_assignee_post_id", table_name="task", postgresql_where=sa.text("assignee_post_id is not null")
    )
    op.drop_geospatial_table("task")
    op.drop_geospatial_table("plan_change")
    op.drop_index("ix_boundary_grid_id", table_name="boundary")
    op.drop_geospatial_index(
        "ix_boundary_geom_street",
        table_name="boundary",
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'street'"),
        column_name="geom",
    )
    op.drop_geospatial_index(
        "ix_boundary_geom_group",
        table_name="boundary",
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'group'"),
        column_name="geom",
    )
    op.drop_geospatial_index(
        "ix_boundary_geom_district",
        table_name="boundary",
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'district'"),
        column_name="geom",
    )
    op.drop_geospatial_index(
        "ix_boundary_geom_community",
        table_name="boundary",
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'community'"),
        column_name="geom",
    )
    op.drop_geospatial_index(
        "ix_boundary_geom_building",
        table_name="boundary",
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'building'"),
        column_name="geom",
    )
    op.drop_geospatial_table("boundary")
    op.drop_index("ix_token_person_id", table_name="token")
    op.drop_table("token")
    op.drop_geospatial_table("shift")
    op.drop_index("ix_post_person_id", table_name="post")
    op.drop_index("ix_post_grid_id", table_name="post")
    op.drop_table("post")
    op.drop_index(op.f("ix_plan_scope_grid_id"), table_name="plan")
    op.drop_table("plan")
    op.drop_table("photo_upload")
    op.drop_table("last_position")
    op.drop_index("ix_audit_entry_subject_id", table_name="audit_entry")
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_person_unit_id"), table_name="person")
    op.drop_index(op.f("ix_person_scope_grid_id"), table_name="person")
    op.drop_table("person")
    op.drop_index("ix_filing_condition_category", table_name="filing_condition")
    op.drop_table("filing_condition")
    op.drop_table("unit")
    op.drop_table("reason")
    op.drop_table("duty")
    op.drop_index("ix_category_parent", table_name="category")
    op.drop_table("category")
    op.drop_geospatial_index("ix_surface_geom", table_name="surface", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("surface")
    op.drop_geospatial_index("ix_street_geom", table_name="street", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("street")
    op.drop_index("ix_sign_in_failure_username_at", table_name="sign_in_failure")
    op.drop_table("sign_in_failure")
    op.drop_table("rate_window")
    op.drop_table("position")
    op.drop_table("photo")
    op.drop_index("ix_grid_path", table_name="grid", postgresql_using="gin")
    op.drop_index("ix_grid_parent_id", table_name="grid")
    op.drop_index("ix_grid_level", table_name="grid")
    op.drop_table("grid")
    op.drop_table("feed_state")
    op.drop_index("ix_change_xid", table_name="change")
    op.drop_table("change")
    op.drop_table("catalogue_edition")
    op.drop_geospatial_index("ix_building_geom", table_name="building", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("building")
    op.execute(sa.schema.DropSequence(sa.Sequence("task_number_seq")))
