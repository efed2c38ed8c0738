"""Units and people of a made-up district: a worker a group grid, a chief a community, the command centre."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final, Literal

import geopandas as gpd
import numpy as np

from geodata.sample.names import people

Role = Literal["worker", "chief", "dispatcher", "reviewer", "handler", "planner", "admin", "auditor"]

DEPARTMENTS: Final = {
    "d_grid": ("区网格化服务管理中心", "District grid service and management centre"),
    "d_enforcement": ("区综合行政执法局（城市管理局）", "District enforcement and city management bureau"),
    "d_sanitation": ("区环境卫生服务中心", "District sanitation centre"),
    "d_parks": ("区园林绿化中心", "District parks centre"),
    "d_housing": ("区住房和城乡建设局", "District housing and construction bureau"),
    "d_police": ("公安分局", "District police"),
    "d_traffic_police": ("交警大队", "Traffic police"),
    "d_emergency": ("区应急管理局", "District emergency bureau"),
    "d_market": ("区市场监督管理局", "District market supervision bureau"),
    "d_transport": ("区交通运输局", "District transport bureau"),
    "d_civil": ("区民政局", "District civil affairs bureau"),
    "d_health": ("区卫生健康局", "District health bureau"),
}
"""Codes and names as usual districts have them; whoever has a catalogue of units knows them by these codes."""
DESK: Final[dict[Role, int]] = {"dispatcher": 4, "reviewer": 3, "planner": 1, "admin": 1, "auditor": 1}
TITLES: Final = ((), (), ("居民小组长",), ("党支部书记",), ("居民小组长", "党支部书记"))


@dataclass(frozen=True)
class Unit:
    """A responsible unit and the grid that it works for."""

    code: str
    name: str
    name_en: str
    level: Literal["district", "street"]
    grid: str


@dataclass(frozen=True)
class Person:
    """Somebody with an account; `scope` and `post` are codes of grids, `unit` the code of a unit.

    The phone number is one that nobody has. Titles are further offices of the same person (一肩挑).
    """

    username: str
    name: str
    role: Role
    phone: str
    scope: str
    post: str | None = None
    unit: str | None = None
    titles: tuple[str, ...] = ()


def make_units(grids: gpd.GeoDataFrame) -> tuple[Unit, ...]:
    """The departments of the district and one unit for each street office."""
    district = _codes(grids, "district")[0]
    streets = grids[grids["level"] == "street"].sort_values("code")
    offices = zip(streets["code"], streets["name"], streets["name_en"], strict=True)
    return (
        *(Unit(code, zh, en, "district", district) for code, (zh, en) in DEPARTMENTS.items()),
        *(Unit(f"street-{code}", f"{zh}办事处", f"{en} Office", "street", code) for code, zh, en in offices),
    )


def make_people(grids: gpd.GeoDataFrame, units: tuple[Unit, ...], rng: np.random.Generator) -> Iterator[Person]:
    """Everybody, with usernames `worker1`, `chief1` … in the order of the codes of their grids."""
    names, phones = people(rng), (f"138 0000 {number:04d}" for number in count(1))
    district = _codes(grids, "district")[0]
    groups = _codes(grids[grids["kind"] == "normal"], "group")
    titles = [TITLES[i] for i in rng.integers(len(TITLES), size=len(groups)).tolist()]
    for number, (code, more) in enumerate(zip(groups, titles, strict=True), 1):
        yield Person(f"worker{number}", next(names), "worker", next(phones), code, post=code, titles=more)
    for number, code in enumerate(_codes(grids, "community"), 1):
        yield Person(f"chief{number}", next(names), "chief", next(phones), code, post=code)
    for number, unit in enumerate(units, 1):
        yield Person(f"handler{number}", next(names), "handler", next(phones), unit.grid, unit=unit.code)
    for role, many in DESK.items():
        for number in range(1, many + 1):
            yield Person(f"{role}{number}", next(names), role, next(phones), district)


def _codes(grids: gpd.GeoDataFrame, level: str) -> list[str]:
    return sorted(grids.loc[grids["level"] == level, "code"])
