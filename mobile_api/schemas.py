"""What query strings and small bodies are made of; the services say what reports and actions carry."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Crs = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
NO_NULL = r"^[^\x00]*$"
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NULL)]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class Query(BaseModel):
    """A query string; names that the call does not know are left aside."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
