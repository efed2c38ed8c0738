"""Reads the TOML files of a catalogue and checks their outline, before defaults and shared parts are filled in."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from gridapp.catalogue.faults import CatalogueError, Fault, faults_of
from gridapp.catalogue.shape import Words

MOST_BYTES = 1 << 20
MOST_FILES = 100

Raw = dict[str, Any]


class _Outline(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Head(_Outline):
    """Which catalogue this is."""

    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$")]
    standard: Words


class RawCondition(_Outline):
    """A condition as written; what it leaves out comes from its class."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    no: Annotated[int, Field(ge=1, le=9)]


class RawMinor(_Outline):
    """A minor class as written: its own values beside names of shared parts."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    code: str
    conditions: list[RawCondition] = []
    condition_set: str | None = None
    unit: str | None = None
    fields: list[str] = []
    severity: str | None = None
    stop: str | None = None


class RawMajor(_Outline):
    """A major class with its minors and the defaults for them."""

    code: str
    zh: str
    en: str
    kind: str
    defaults: Raw = {}
    condition_defaults: Raw = {}
    minors: list[RawMinor] = []


class Document(_Outline):
    """One file."""

    catalogue: Head | None = None
    units: list[Raw] = []
    duties: list[Raw] = []
    reasons: list[Raw] = []
    fields: dict[str, Raw] = {}
    severities: dict[str, list[Raw]] = {}
    stops: dict[str, Raw] = {}
    condition_sets: dict[str, list[RawCondition]] = {}
    majors: list[RawMajor] = []


def read_documents(path: Path) -> dict[str, Document]:
    """The files of a folder (``*.toml``, in order of their names) or the one file, by name.

    Raises:
        CatalogueError: a file is missing, too big, not UTF-8, not TOML, or not of this outline.
    """
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not 0 < len(files) <= MOST_FILES:
        raise CatalogueError(
            [_fault(path, f"1 to {MOST_FILES} files *.toml are needed", "需要 1 至 100 个 *.toml 文件")]
        )
    return {file.name: _read(file) for file in files}


def _read(file: Path) -> Document:
    raw = _parse(file)
    try:
        return Document.model_validate(raw)
    except ValidationError as error:
        raise CatalogueError(list(faults_of(error, file.name, "", raw))) from error


def _parse(file: Path) -> Raw:
    try:
        with file.open("rb") as stream:
            text = stream.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise CatalogueError([_fault(file, f"more than {MOST_BYTES} bytes: split it", "文件太大，请拆分")])
        return tomllib.loads(text.decode())
    except OSError as error:
        raise CatalogueError([_fault(file, f"cannot be read: {error.strerror}", "无法读取")]) from error
    except UnicodeDecodeError as error:
        raise CatalogueError([_fault(file, "is not UTF-8: save it as UTF-8", "不是 UTF-8，请另存为 UTF-8")]) from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError([_fault(file, f"is not TOML: {error}", f"不是合格的 TOML：{error}")]) from error
    except RecursionError as error:
        raise CatalogueError([_fault(file, "is nested too deep", "嵌套太深")]) from error


def _fault(file: Path, en: str, zh: str) -> Fault:
    return Fault(file.name, "", en, zh)
