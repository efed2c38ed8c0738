"""A layer of any length out, part by part in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyogrio

from geodata.errors import CannotWrite
from geodata.io.beside import beside

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd


def write_parts(frames: Iterable[gpd.GeoDataFrame], path: Path, layer: str) -> None:
    """Write frames of points with the same columns as one layer of a GeoPackage, replaced as a whole at the end.

    Raises:
        CannotWrite: another ending, or a folder that is not there.
    """
    if path.suffix.lower() != ".gpkg":
        why, why_zh = f"“{path.suffix}” takes no parts", f"“{path.suffix}”不支持分批写入"
        hint, hint_zh = "Write .gpkg.", "请写为 .gpkg。"
        raise CannotWrite(file=path.name, why=why, why_zh=why_zh, hint=hint, hint_zh=hint_zh)
    with beside(path) as made:
        for number, frame in enumerate(frames):
            pyogrio.write_dataframe(
                frame,
                made,
                driver="GPKG",
                layer=layer,
                append=number > 0,
                geometry_type="Point",
                layer_options={"FID": "fid"},
            )
