"""The catalogue that comes with the program, put into force where none ever was."""

from __future__ import annotations

from sqlalchemy import select

from gridapp.catalogue import load_catalogue
from gridapp.db import session
from gridapp.models import CatalogueEdition
from gridapp.services.editions import catalogue


def ensure_edition() -> str:
    """The version of the edition in force, seen by this transaction too where it was published just now."""
    newest = select(CatalogueEdition.version).order_by(CatalogueEdition.published_at.desc()).limit(1)
    return session.scalar(newest) or catalogue.publish(load_catalogue()).version
