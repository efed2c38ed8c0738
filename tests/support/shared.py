"""Where the real data are that tests read; a test fails without them where the folder is told, as on CI."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOLD = os.environ.get("GRIDAPP_SHARED_DATA")
SHARED = Path(TOLD or ROOT.parent / "shared" / "data")


def shared(*parts: str) -> Path:
    """A file or folder of the real data; without it the test fails, or is skipped where nothing tells of them."""
    path = SHARED.joinpath(*parts)
    if path.exists():
        return path
    words = f"{path} is missing: GRIDAPP_SHARED_DATA names the folder with the real data that this test reads"
    if TOLD or SHARED.is_dir():
        pytest.fail(words)
    pytest.skip(words)
