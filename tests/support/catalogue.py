"""The catalogue of the tests' world."""

from __future__ import annotations

from pathlib import Path

from gridapp.catalogue import load_catalogue
from gridapp.services.editions import publishing

SMALL = Path(__file__).with_name("small_catalogue.toml")

LITTER = "06001"
"""Nothing asked, may be given to workers."""
BILLS = "06002"
"""Settled on the spot, one photo before and one after, never drawn for the sample."""
STALL = "06003"
"""As ``BILLS``, but always drawn for the sample."""
FIRE_LANE = "07001"
"""Asks for the number ``width``, offers the choice ``cause`` and severities ``low`` and ``high``; not for workers."""


def publish_small() -> str:
    """Publish it; returns its version."""
    return publishing.publish(load_catalogue(SMALL)).version
