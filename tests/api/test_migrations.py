"""Migrations: down to nothing and up again, and the tables are what the models say."""

from __future__ import annotations

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import text

from gridapp.db import db
from gridapp.services.field import tracks
from gridapp.timesource import now

OURS = """
select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p', 'S') and c.relname <> 'alembic_version'
  and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
"""
FUNCTIONS = """
select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'public' and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""


def count(question):
    with db.engine.connect() as connection:
        return connection.execute(text(question)).scalar_one()


def include(item, name, kind, reflected, compare_to):
    """As the migrations' own environment: the partitions of positions are the data's business."""
    if kind == "table" and name is not None and name.startswith(("position_", "procrastinate_")):
        return False
    return alembic_helpers.include_object(item, name, kind, reflected, compare_to)


def test_down_to_nothing_and_up_again(empty_app):
    with empty_app.app_context():
        tracks.ensure_partitions([now().date()])
        before = count(FUNCTIONS)
        flask_migrate.downgrade(revision="base")
        assert (count(OURS), count(FUNCTIONS)) == (0, 0)
        flask_migrate.upgrade()
        assert count(FUNCTIONS) == before


def test_the_tables_are_what_the_models_say(empty_app):
    with empty_app.app_context(), db.engine.connect() as connection:
        options = {"include_object": include, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, db.metadata) == []
