"""Migrations: each down and up again over rows, and the tables with their rules are what the models say."""

from __future__ import annotations

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from geoalchemy2 import alembic_helpers
from sqlalchemy import Engine, NullPool, create_engine, text

from gridapp.db import db
from gridapp.services.field import tracks
from gridapp.timesource import now
from tests.support import database

OURS = """
select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p', 'S') and c.relname <> 'alembic_version'
  and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
"""
OF_TABLES = """
select t.relname || ' ' || c.conname, replace(pg_get_constraintdef(c.oid), ' NOT VALID', '') from pg_constraint c
  join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
  where n.nspname = 'public' and not t.relispartition and c.contype <> 't'
union all
select t.relname || ' ' || i.relname, pg_get_indexdef(x.indexrelid) from pg_index x
  join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
  join pg_namespace n on n.oid = t.relnamespace where n.nspname = 'public' and not t.relispartition
union all
select t.relname || ' ' || a.attname,
    format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null ' else ' ' end
    || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
  from pg_attribute a join pg_class t on t.oid = a.attrelid join pg_namespace n on n.oid = t.relnamespace
  left join pg_attrdef d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
  where n.nspname = 'public' and t.relkind in ('r', 'p') and not t.relispartition and a.attnum > 0
    and not a.attisdropped
"""
"""Constraints, indexes and columns by table and name, each as the database writes it.

A way down leaves a rule unproven for rows that only the newer one allowed: it keeps them, and holds for new ones.
"""
BESIDE = r"""
select 'function ' || p.oid::regprocedure, regexp_replace(pg_get_functiondef(p.oid), '\s+', ' ', 'g') from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  where n.nspname = 'public' and p.prokind = 'f'
    and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
union all
select 'trigger ' || tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
"""


def rows(question: str, engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        return {str(name): definition for name, definition in connection.execute(text(question))}


def of_tables(names: set[str], engine: Engine) -> dict[str, str]:
    return {item: told for item, told in rows(OF_TABLES, engine).items() if item.split()[0] in names}


def schema() -> dict[str, str]:
    """All that a migration makes: tables with their rules, functions, triggers."""
    return rows(f"{OF_TABLES} union all {BESIDE}", db.engine)


def include(item, name, kind, reflected, compare_to):
    """As the migrations' own environment: the partitions of positions are the data's business."""
    if kind == "table" and name is not None and name.startswith(("position_", "procrastinate_")):
        return False
    return alembic_helpers.include_object(item, name, kind, reflected, compare_to)


def revisions() -> list[str]:
    """The migrations, oldest first."""
    script = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    return [one.revision for one in script.walk_revisions()][::-1]


def test_each_migration_goes_down_and_up_again_over_the_rows_of_a_district(live_app):
    with live_app.app_context():
        tracks.ensure_partitions([now().date()])
        whole, steps = schema(), revisions()
        below: dict[str, dict[str, str]] = {}
        for revision, before in zip(steps[::-1], [*steps[-2::-1], "base"], strict=True):
            flask_migrate.downgrade(revision=before)
            below[revision] = schema()
        with db.engine.connect() as connection:
            assert connection.execute(text(OURS)).scalar_one() == 0
        for revision in steps:
            assert schema() == below[revision]
            flask_migrate.upgrade(revision=revision)
        assert schema() == whole


def test_the_models_make_the_tables_that_the_migrations_make(empty_app, cluster):
    with empty_app.app_context(), database.scratch_database(cluster) as name:
        made = create_engine(cluster.url(name), poolclass=NullPool)
        db.metadata.create_all(made)
        names = {table.name for table in db.metadata.sorted_tables}
        assert of_tables(names, made) == of_tables(names, db.engine)


def test_the_tables_are_what_the_models_say(empty_app):
    with empty_app.app_context(), db.engine.connect() as connection:
        options = {"include_object": include, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, db.metadata) == []
