"""Geometry and formats for grids: coordinates, files, checks, editing and drawing. Neither Flask nor a database.

Every layer inside is longitude first in WGS 84 (EPSG:4326, degrees); lengths are metres, areas square metres, both on
the ellipsoid or in the local CGCS2000 Gauss-Krueger zone. A layer goes in, a new layer comes out; nothing is edited in
place. What a file or a person got wrong is a `geodata.errors.GeodataError` with words in English and Chinese.
"""
