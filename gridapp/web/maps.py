"""The Leaflet map of a page, composed by folium out of our own assets; the only file that imports folium.

Folium says where its libraries lie (not at a CDN), makes the element and the script that opens the map. What is drawn
on it, and how, is the business of the page's modules: they take the map from the element's ``map`` property. No word
typed by a person passes through here.
"""

from __future__ import annotations

from dataclasses import dataclass

import folium
from branca.element import CssLink, Figure, JavascriptLink, MacroElement
from flask import url_for
from folium.elements import JSCSSMixin
from folium.template import Template
from markupsafe import Markup

LEAFLET = ("vendor/leaflet/leaflet.js", "vendor/leaflet/leaflet.css")
TILES = ("vendor/protomaps-leaflet/protomaps-leaflet.js",)
CLUSTERS = ("vendor/leaflet.markercluster/leaflet.markercluster.js", "vendor/leaflet.markercluster/MarkerCluster.css")
EDITOR = ("vendor/leaflet-geoman-free/leaflet-geoman.js", "vendor/leaflet-geoman-free/leaflet-geoman.css")

FIRST_ZOOM = 4
EVERYWHERE = (73.5, 18.0, 135.1, 53.6)
"""West, south, east, north of China: where a map opens whose reader's area has no boundary yet."""


@dataclass(frozen=True)
class MapParts:
    """What a template puts where: style sheets in the head, the element, libraries and the script at the end."""

    styles: list[str]
    element: Markup
    libraries: list[str]
    script: Markup


class _Handle(MacroElement):
    """Hands the map to the page's modules."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "{{ this._parent.get_name() }}.attributionControl.setPrefix(false);"
        "document.getElementById({{ this._parent.get_name()|tojson }}).map = {{ this._parent.get_name() }};"
        "{% endmacro %}"
    )


class _OwnMap(folium.Map):
    """A map whose Leaflet is ours."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  # folium's way to name them
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class _Assets(JSCSSMixin, MacroElement):
    """Libraries and style sheets from our own folder, in their order."""

    _template = Template("")

    def __init__(self, paths: tuple[str, ...]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        addresses = [(path, url_for("static", filename=path)) for path in paths]
        self.default_js = [pair for pair in addresses if pair[0].endswith(".js")]
        self.default_css = [pair for pair in addresses if pair[0].endswith(".css")]


def compose(bounds: list[float] | None, *extras: tuple[str, ...]) -> MapParts:
    """Compose a map that opens on ``bounds`` (west, south, east, north in degrees; all of China where None).

    Args:
        bounds: what is seen at first.
        extras: further libraries, such as ``CLUSTERS`` and ``EDITOR``.
    """
    west, south, east, north = bounds or EVERYWHERE
    drawn = _OwnMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_start=FIRST_ZOOM,
        zoom_control="topright",
    )
    for paths in (LEAFLET, TILES, *extras):
        drawn.add_child(_Assets(paths))
    drawn.fit_bounds([[south, west], [north, east]])
    drawn.add_child(_Handle())  # type: ignore[no-untyped-call]
    figure = drawn.get_root()
    if not isinstance(figure, Figure):
        raise TypeError("folium keeps a map in a figure")
    figure.render()
    links = figure.header._children.values()  # noqa: SLF001  # branca offers no other way to its parts
    return MapParts(
        styles=[link.url for link in links if isinstance(link, CssLink)],
        element=Markup(figure.html.render()),  # noqa: S704  # made of folium's template and our own name
        libraries=[link.url for link in links if isinstance(link, JavascriptLink)],
        script=Markup(figure.script.render()),  # noqa: S704  # made of folium's template and numbers
    )
