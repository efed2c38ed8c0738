"""Attributes made fit for a format before it is written, so that nothing is cut or dropped behind people's backs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

from geodata.errors import CannotWrite

if TYPE_CHECKING:
    import geopandas as gpd

NAME_BYTES, TEXT_BYTES = 10, 254  # what a table of dBase holds
INT32 = 2**31


def as_text(value: Any) -> str:
    """Lists, structures and odd values as JSON text; words as they are."""
    if isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY, default=str).decode()


def is_nested(value: Any) -> bool:
    """Whether a value is a list or a structure, which most formats cannot hold."""
    return isinstance(value, list | tuple | dict | np.ndarray)


def plain(attributes: pd.DataFrame) -> pd.DataFrame:
    """A new frame with one type a column: nested and mixed values become text."""
    return attributes.assign(
        **{str(name): _plain(attributes[name]) for name in attributes if attributes[name].dtype == object}
    )


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    there = column[column.notna()]
    kinds = {type(value) for value in there}
    if len(kinds) > 1 or any(is_nested(value) for value in there):
        return column.map(as_text, na_action="ignore")
    return column


def for_shapefile(frame: gpd.GeoDataFrame, encoding: str, file: str) -> gpd.GeoDataFrame:
    """A new frame with names of 10 bytes, times as text and truths as 0 and 1; raises CannotWrite for longer text."""
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    made = frame.assign(**{name: _dbase(frame[name]) for name in columns})
    for name in columns:
        _check_text(made[name], name, encoding, file)
    return made.rename(columns=dict(zip(columns, short_names(columns, encoding), strict=True)))


def _dbase(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.map(lambda moment: moment.isoformat(), na_action="ignore").astype("str")
    return column.astype("Int64") if pd.api.types.is_bool_dtype(column.dtype) else column


def _check_text(column: pd.Series[Any], name: str, encoding: str, file: str) -> None:
    for row, value in enumerate(column, start=1):
        if not isinstance(value, str):
            continue
        try:
            long = len(value.encode(encoding)) > TEXT_BYTES
        except UnicodeEncodeError as error:
            raise _too_much(file, row, f"“{name}” is not in {encoding}", f"“{name}”超出 {encoding} 字符集") from error
        if long:
            raise _too_much(file, row, f"“{name}” is longer than 254 bytes", f"“{name}”超过 254 字节")


def _too_much(file: str, feature: int, why: str, why_zh: str) -> CannotWrite:
    hint, hint_zh = "Write a GeoPackage, or UTF-8.", "请改写 GeoPackage，或使用 UTF-8。"
    return CannotWrite(file=file, feature=feature, why=why, why_zh=why_zh, hint=hint, hint_zh=hint_zh)


def short_names(names: list[str], encoding: str) -> list[str]:
    """Each name cut to 10 bytes at a whole character, told apart by a number where two became the same."""
    shorts: list[str] = []
    taken: set[str] = set()
    for name in names:
        short, number = _cut(name, NAME_BYTES, encoding), 1
        while short.lower() in taken:
            mark = f"_{number}"
            short, number = _cut(name, NAME_BYTES - len(mark), encoding) + mark, number + 1
        taken.add(short.lower())
        shorts.append(short)
    return shorts


def _cut(name: str, size: int, encoding: str) -> str:
    while len(name.encode(encoding, errors="replace")) > size:
        name = name[:-1]
    return name


def for_kml(attributes: pd.DataFrame) -> pd.DataFrame:
    """A new frame with whole numbers of 32 bits, the only ones that KML keeps as numbers, where they fit."""
    fitting = [
        name
        for name in attributes
        if pd.api.types.is_integer_dtype(attributes[name].dtype)
        and attributes[name].notna().all()
        and attributes[name].abs().max() < INT32
    ]
    return attributes.astype(dict.fromkeys(fitting, "int32"))
