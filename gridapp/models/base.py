"""The declarative base: constraint names by one convention, times aware, ids made by clients or by the database."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import UserDefinedType

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class XID8(UserDefinedType[str]):
    """PostgreSQL's transaction id that never wraps round; SQLAlchemy has no name for it."""

    cache_ok = True

    def get_col_spec(self, **_kw: object) -> str:
        """Name the type in DDL."""
        return "xid8"


class Base(DeclarativeBase):
    """Base of all tables; Alembic compares its metadata with the migrations."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it as a plain mapping of the class
        str: Text(),
        uuid.UUID: UUID(as_uuid=True),
        dt.datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[dict[str, Any]]: JSONB(),
    }


BigId = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
ClientId = Annotated[uuid.UUID, mapped_column(primary_key=True, default=uuid.uuid4)]
