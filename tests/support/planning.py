"""Drawing plans in the tests' world through the planner's door."""

from __future__ import annotations

from typing import Any

import shapely
from flask.testing import FlaskClient

from tests.support.world import World


class Desk:
    """A plan at a planner's desk, with the version that was seen last."""

    def __init__(self, client: FlaskClient, world: World, area: str = "a", name: str = "调整一号") -> None:
        self.client, self.world = client, world
        made = client.post("/planning", data={"name": name, "area": world.areas[area].code})
        assert made.status_code == 303, made.text
        self.path = made.location
        self.seen: dict[str, Any] = {}
        self.load()

    def load(self, parent: str | None = None) -> dict[str, Any]:
        """The drawing below the plan's area, or below another of its grids."""
        query = {"parent": self.world.areas[parent].id} if parent else {}
        answer = self.client.get(f"{self.path}/drawing", query_string=query)
        assert answer.status_code == 200, answer.text
        self.seen = answer.get_json()
        return self.seen

    def post(self, call: str, body: Any = None, *, version: int | None = None) -> Any:
        """A call with the version seen last, or another; the answer is seen where it is good."""
        seen = version or self.seen["plan"]["version"]
        answer = self.client.post(f"{self.path}/{call}", json=body or {}, headers={"If-Match": f'"{seen}"'})
        if answer.status_code == 200:
            self.seen = answer.get_json()
        return answer

    def drag(self, grid: str, vertex: tuple[float, float], to: tuple[float, float]) -> Any:
        """Drag a vertex of a grid from one place of the world's drawing to another."""
        return self.redraw(grid, moved(self.shape(grid), self.world, vertex, to))

    def redraw(self, grid: str, outline: Any) -> Any:
        """Give a grid a new outline."""
        body = shapely.geometry.mapping(outline) if isinstance(outline, shapely.Polygon) else outline
        return self.post(f"grids/{self.world.areas[grid].id}", body)

    def shape(self, grid: str) -> shapely.Polygon:
        """A grid of one part as the plan has it."""
        wanted = self.world.areas[grid].id
        feature = next(f for f in self.seen["grids"]["features"] if f["id"] == wanted)
        shell, *holes = feature["geometry"]["coordinates"]
        return shapely.Polygon(shell, holes)

    def publish(self, **body: Any) -> Any:
        """Publish it."""
        return self.post("publish", body)


def moved(shape: shapely.Polygon, world: World, vertex: tuple[float, float], to: tuple[float, float]) -> Any:
    """A polygon with one vertex elsewhere, places given by the world's drawing."""
    old, new = (tuple(world.point(*place).values()) for place in (vertex, to))
    ring = [tuple(point) for point in shapely.get_coordinates(shape).round(6)]
    assert old in ring
    return shapely.Polygon([new if point == old else point for point in ring])
