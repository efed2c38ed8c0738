"""Alembic's environment: the app's engine and metadata, blind to what PostGIS and partitions keep for themselves."""

from __future__ import annotations

import logging
from typing import Any

from alembic import context
from flask import current_app
from geoalchemy2 import alembic_helpers
from sqlalchemy.dialects.postgresql.base import ischema_names

from gridapp.db import db
from gridapp.models.base import XID8

logging.getLogger("alembic").setLevel(logging.WARNING)
ischema_names["xid8"] = XID8


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave PostGIS's own tables, the queue's tables and the partitions of ``position`` alone."""
    if kind == "table" and name is not None and name.startswith(("position_", "procrastinate_")):
        return False
    return bool(alembic_helpers.include_object(item, name, kind, reflected, compare_to))


def run() -> None:
    """Migrate over one connection in one transaction, with limits on waiting for locks."""
    with current_app.app_context(), db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=include_object,
            process_revision_directives=alembic_helpers.writer,
            render_item=alembic_helpers.render_item,
            compare_type=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            connection.exec_driver_sql("set local lock_timeout = '10s'")
            context.run_migrations()


run()
