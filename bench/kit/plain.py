"""What a planner's office writes without the kit: is each valid, do any two overlap, are there holes."""

from __future__ import annotations

import sys

import geopandas as gpd


def faults(layer: gpd.GeoDataFrame) -> tuple[int, int, int]:
    """Invalid polygons, overlaps and holes of a layer, by geopandas alone."""
    flat = layer.to_crs(4544)
    pairs = flat.overlay(flat, how="intersection", keep_geom_type=True)
    whole = flat.union_all()
    parts = getattr(whole, "geoms", [whole])
    return (
        int((~flat.is_valid).sum()),
        int((pairs["code_1"] < pairs["code_2"]).sum()),
        sum(len(p.interiors) for p in parts),
    )


if __name__ == "__main__":
    print(faults(gpd.read_file(sys.argv[1])))
