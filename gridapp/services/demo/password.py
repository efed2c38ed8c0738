"""The password of the demo's accounts: the setting's, or one that was made up once and is kept in the instance."""

from __future__ import annotations

import os
from pathlib import Path

from gridapp.config import Settings
from gridapp.services.staff.passwords import made_up

MODE = 0o600


def demo_password(settings: Settings) -> str:
    """The password; one that is made up is readable by the owner of the instance alone."""
    if settings.demo_password is not None:
        return settings.demo_password.get_secret_value()
    kept = _kept_in(settings)
    if not kept.exists():
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE), "w") as file:
            file.write(made_up())
    return kept.read_text().strip()


def _kept_in(settings: Settings) -> Path:
    return settings.instance / "demo_password"
