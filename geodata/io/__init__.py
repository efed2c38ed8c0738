"""Layers and tables, in and out: formats by content first, sizes bounded, faults named, no network."""

from geodata.io.limits import Limits
from geodata.io.notes import Note
from geodata.io.reader import Layer, read, read_layer
from geodata.io.tables import Table, TableRow, read_table
from geodata.io.tables_out import write_table
from geodata.io.writer import write_layer

__all__ = [
    "Layer",
    "Limits",
    "Note",
    "Table",
    "TableRow",
    "read",
    "read_layer",
    "read_table",
    "write_layer",
    "write_table",
]
