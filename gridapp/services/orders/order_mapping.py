"""How somebody else's table of orders is to be read: a TOML file that names columns, statuses and categories."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from geodata import crs as systems
from geodata.errors import GeodataError
from geodata.io.limits import Limits, check_file
from gridapp.services.orders.import_faults import refused

SHIPPED = Path(__file__).parents[2] / "mappings"
LIMITS = Limits(packed=1_000_000)

Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Several = Annotated[tuple[Words, ...], Field(max_length=20)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrderColumns(_Part):
    """Columns by their meaning; several of them are joined by a blank."""

    number: Words
    opened: Words
    description: Several
    address: Several = ()
    lon: Words | None = None
    lat: Words | None = None
    closed: Words | None = None
    target: Words | None = None
    status: Words | None = None

    def all(self) -> set[str]:
        """Every column that is named."""
        single = (self.number, self.opened, self.lon, self.lat, self.closed, self.target, self.status)
        return {name for name in (*single, *self.description, *self.address) if name is not None}


class Statuses(_Part):
    """Words of the source for an order that is open, and for one that is closed; without them the closing time says."""

    open: Several = ()
    closed: Several = ()


class Categories(_Part):
    """Our code by the value of the first of these columns that has one; else the default.

    So are categories found, and filing conditions: where none is said, that of the category which comes first.
    """

    columns: Several = ()
    codes: dict[str, str] = Field(default_factory=dict)
    default: str | None = None

    @field_validator("codes")
    @classmethod
    def _single_blanks(cls, value: dict[str, str]) -> dict[str, str]:
        """As cells are compared: blanks in a row count as one."""
        return {" ".join(word.split()): code for word, code in value.items()}


class Mapping(_Part):
    """A mapping: where the orders come from, their time zone and coordinates, and what their columns mean."""

    origin: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
    timezone: ZoneInfo
    crs: Words = "wgs84"
    time_format: Words | None = None
    columns: OrderColumns
    status: Statuses = Statuses()
    category: Categories
    condition: Categories = Categories()

    @field_validator("crs")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            systems.system(value)
        except GeodataError as error:
            raise ValueError(str(error)) from error
        return value


def load_mapping(path: Path) -> Mapping:
    """Read a mapping from a file, or one of those that come with the program by its name.

    Raises:
        GeodataError: the file is not there, no TOML, or says something that is not understood; each by name.
    """
    shipped = SHIPPED / path.name
    source = shipped if not path.exists() and shipped.exists() else path
    check_file(source, LIMITS)
    try:
        return Mapping.model_validate(_parsed(source))
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        hint = (f"Look at {SHIPPED / 'boston_311.toml'}.", f"可参考 {SHIPPED / 'boston_311.toml'}。")
        raise refused((said, said), hint, file=source.name) from None


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = ("Write it in TOML, UTF-8.", "请使用 UTF-8 编码的 TOML。")
        raise refused((f"it is not TOML: {error}", f"不是 TOML：{error}"), hint, file=path.name) from None
