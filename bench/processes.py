"""The processes of a server and their memory, as the kernel tells them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process: its command line, and its resident memory in KB."""

    command: str
    memory_kb: int


def family(root: int) -> dict[int, Process]:
    """A process and all that descend from it, by their ids; those that end meanwhile are left out."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, parent = int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(pid)
    found, look = {}, [root]
    while look:
        one = look.pop()
        look += children.get(one, [])
        with contextlib.suppress(OSError):
            found[one] = _process(Path(f"/proc/{one}"))
    return found


def _process(folder: Path) -> Process:
    words = (folder / "status").read_text().split()
    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return Process(command, int(words[words.index("VmRSS:") + 1]) if "VmRSS:" in words else 0)
