"""Vector tiles for the maps of all workplaces: what is unchanged is answered with 304."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gridapp.doors import permit, principal
from gridapp.services.ground import layers

blueprint = Blueprint("tiles", __name__, url_prefix="/tiles")

MVT = "application/vnd.mapbox-vector-tile"


@blueprint.get("/<any(grids, base):layer>/<int:z>/<int:x>/<int:y>.mvt")
@permit("area.read")
def tile(layer: str, z: int, x: int, y: int) -> Response:
    """A tile of the grids in scope or of the base map, gzipped, to be asked for again each time."""
    drawn = layers.tile(principal(), layer, z, x, y)
    answer = Response(drawn.body, mimetype=MVT)
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Cookie, Authorization"
    answer.set_etag(drawn.etag)
    answer.make_conditional(request)
    return answer
