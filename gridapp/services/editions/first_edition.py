"""The catalogue that comes with the program, brought into force by whoever needs one and by each new version."""

from __future__ import annotations

from sqlalchemy import select

from gridapp.catalogue import load_catalogue
from gridapp.db import session
from gridapp.models import CatalogueEdition
from gridapp.services.editions.publishing import publish


def ensure_edition() -> str:
    """The version of the edition in force, seen by this transaction too where it was published just now."""
    newest = select(CatalogueEdition.version).order_by(CatalogueEdition.published_at.desc()).limit(1)
    return session.scalar(newest) or publish(load_catalogue()).version


def bring_in() -> str:
    """Bring the catalogue of this version of the program into force, where it is not known yet.

    Returns:
        The version of the edition in force.
    """
    publish(load_catalogue())
    return ensure_edition()
