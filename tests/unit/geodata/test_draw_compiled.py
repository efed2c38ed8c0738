"""Machine code that is kept between runs is that of the program as it is, and lies where there is room for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

INNER = """from geodata.draw.compiled import compiled

FACTOR = {factor}


def _inner(number):
    return number * FACTOR


inner = compiled(_inner)
"""
OUTER = """from geodata.draw.compiled import compiled
from loops.inner import inner


def _outer(number):
    return inner(number) + 1


outer = compiled(_outer)
print(outer(10), sum(outer.stats.cache_hits.values()))
"""
ROOT = Path(__file__).parents[3]


@pytest.fixture
def loops(tmp_path):
    """A folder with a loop that is made of one in another file."""
    folder = tmp_path / "loops"
    folder.mkdir()
    (folder / "inner.py").write_text(INNER.format(factor=2))
    (folder / "outer.py").write_text(OUTER)
    return folder


def run(loops: Path) -> tuple[int, int]:
    """What the loop answers, and how many loops were there in machine code already."""
    paths = f"{loops.parent}{os.pathsep}{ROOT}"
    own = {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "XDG_CACHE_HOME": f"{loops.parent}/.cache"}
    done = subprocess.run(
        [sys.executable, "-m", "loops.outer"], env=os.environ | own, capture_output=True, text=True, check=True
    )
    answer, kept = done.stdout.split()
    return int(answer), int(kept)


def kept_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.nb?"))


def test_a_change_of_the_inner_file_alone_is_heeded(loops):
    assert run(loops) == (21, 0)
    assert run(loops) == (21, 1)
    (loops / "inner.py").write_text(INNER.format(factor=3))
    assert run(loops)[0] == 31


def test_changes_leave_nothing_behind(loops):
    run(loops)
    before = kept_in(loops)
    assert before
    (loops / "inner.py").write_text(INNER.format(factor=3))
    (loops / "outer.py").write_text("# lines move\n\n" + OUTER)
    run(loops)
    assert kept_in(loops) == before


def test_where_the_program_cannot_be_written_the_code_is_kept_for_the_user(loops):
    (loops / "__pycache__").write_text("not a folder")
    assert run(loops) == (21, 0)
    assert run(loops) == (21, 1)
    (loops / "inner.py").write_text(INNER.format(factor=3))
    assert run(loops)[0] == 31
    assert kept_in(loops.parent / ".cache")


def test_where_nothing_can_be_written_it_is_made_each_time(loops):
    (loops / "__pycache__").write_text("not a folder")
    (loops.parent / ".cache").write_text("not a folder")
    assert run(loops) == (21, 0)
    assert run(loops) == (21, 0)
