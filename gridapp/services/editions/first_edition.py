"""The catalogue of this installation, brought into force by whoever needs one and by each new version of it."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from gridapp.catalogue import Catalogue, load_catalogue
from gridapp.config import Settings
from gridapp.db import session
from gridapp.models import CatalogueEdition
from gridapp.services.editions.publishing import publish


def ensure_edition() -> str:
    """The version of the edition in force, seen by this transaction too where it was published just now.

    Raises:
        CatalogueError: there is none yet, and the files cannot be used.
    """
    newest = select(CatalogueEdition.version).order_by(CatalogueEdition.published_at.desc()).limit(1)
    return session.scalar(newest) or publish(_own_or_the_programs()).version


def bring_in() -> str:
    """Bring the catalogue of the program, or the one that the settings name, into force where it is not known yet.

    Returns:
        The version of the edition in force.

    Raises:
        CatalogueError: its files cannot be used.
        Problem: ``conflict`` where they were changed and their version was not.
    """
    publish(_own_or_the_programs())
    return ensure_edition()


def _own_or_the_programs() -> Catalogue:
    settings: Settings = current_app.extensions["settings"]
    return load_catalogue(settings.catalogue) if settings.catalogue else load_catalogue()
