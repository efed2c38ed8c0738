"""Output files are written beside their place and renamed, so that nobody ever sees half of one."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geodata.errors import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A name in the folder of `path`, with its ending, that becomes `path` at the end and is removed after an error."""
    if not path.parent.is_dir() or path.is_dir():
        raise CannotWrite(
            file=str(path),
            why="its folder is not there, or it is a folder itself",
            why_zh="目标目录不存在，或目标本身是目录",
            hint="Make the folder, or name another file.",
            hint_zh="请先创建目录，或换一个文件名。",
        )
    made = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        yield made
        made.replace(path)
    except OSError as error:
        raise CannotWrite(
            file=path.name, why=error, hint="Free space or rights are missing.", hint_zh="请检查磁盘空间和写入权限。"
        ) from error
    finally:
        made.unlink(missing_ok=True)
