"""Walking distances over streets: a small graph near one place, by shared vertices as OpenStreetMap draws them.

Pure geometry in degrees of WGS 84 in, metres out. A place is joined to the nearest street by the shortest way across;
where there is no street near enough, or none that leads there, nothing is said and the caller falls back.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

METRES_A_DEGREE = 111_320.0
TO_STREET_M = 250.0
"""How far a place may lie from its nearest street."""

Key = TypeVar("Key", bound=Hashable)
Node = tuple[float, float]


@dataclass(frozen=True)
class _Foot:
    """Where a place meets its street: the two ends of the segment, how far each is along it, and the way across."""

    ends: tuple[Node, Node]
    along: tuple[float, float]
    across: float


def distances(
    goal: tuple[float, float], starts: Mapping[Key, tuple[float, float]], streets: Iterable[BaseGeometry]
) -> dict[Key, float]:
    """Metres on foot from each start to the goal, of those that streets join.

    Args:
        goal: longitude and latitude.
        starts: longitude and latitude by key.
        streets: lines that may be walked on, in degrees; they cross in common vertices.
    """
    scale = math.cos(math.radians(goal[1])) * METRES_A_DEGREE, METRES_A_DEGREE
    graph, segments, ends = _graph(streets, scale)
    if not segments:
        return {}
    tree = shapely.STRtree(segments)
    goal_foot = _foot(goal, scale, tree, segments, ends)
    if goal_foot is None:
        return {}
    reached = _dijkstra(graph, goal_foot)
    found: dict[Key, float] = {}
    for key, place in starts.items():
        foot = _foot(place, scale, tree, segments, ends)
        if foot is not None and (metres := _joined(foot, goal_foot, reached)) < math.inf:
            found[key] = metres
    return found


def _graph(
    streets: Iterable[BaseGeometry], scale: tuple[float, float]
) -> tuple[dict[Node, list[tuple[Node, float]]], list[shapely.LineString], list[tuple[Node, Node]]]:
    """Neighbours of each vertex with the metres to them, and the segments with their ends, in metres."""
    graph: dict[Node, list[tuple[Node, float]]] = defaultdict(list)
    ends: list[tuple[Node, Node]] = []
    for street in streets:
        for line in getattr(street, "geoms", [street]):
            metres = np.round(shapely.get_coordinates(line) * scale, 2)
            nodes = [(float(x), float(y)) for x, y in metres]
            for a, b in pairwise(nodes):
                if a != b:
                    length = math.dist(a, b)
                    graph[a].append((b, length))
                    graph[b].append((a, length))
                    ends.append((a, b))
    return graph, list(shapely.linestrings(ends)) if ends else [], ends


def _foot(
    place: tuple[float, float],
    scale: tuple[float, float],
    tree: shapely.STRtree,
    segments: list[shapely.LineString],
    ends: list[tuple[Node, Node]],
) -> _Foot | None:
    point = shapely.Point(place[0] * scale[0], place[1] * scale[1])
    nearest = int(tree.nearest(point))
    segment = segments[nearest]
    across = float(segment.distance(point))
    if across > TO_STREET_M:
        return None
    along = float(segment.project(point))
    return _Foot(ends[nearest], (along, float(segment.length) - along), across)


def _dijkstra(graph: dict[Node, list[tuple[Node, float]]], goal: _Foot) -> dict[Node, float]:
    """Metres along the streets from the goal's foot to every vertex that can be reached."""
    reached: dict[Node, float] = {}
    queue = [(goal.along[0], goal.ends[0]), (goal.along[1], goal.ends[1])]
    heapq.heapify(queue)
    while queue:
        metres, node = heapq.heappop(queue)
        if node in reached:
            continue
        reached[node] = metres
        for other, length in graph[node]:
            if other not in reached:
                heapq.heappush(queue, (metres + length, other))
    return reached


def _joined(foot: _Foot, goal: _Foot, reached: dict[Node, float]) -> float:
    """From a place over its street and the streets between to the goal."""
    ways = [reached.get(end, math.inf) + along for end, along in zip(foot.ends, foot.along, strict=True)]
    if foot.ends == goal.ends:
        ways.append(abs(foot.along[0] - goal.along[0]))
    return min(ways) + foot.across + goal.across
