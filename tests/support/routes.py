"""Addresses of the URL map with ids of things in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.support.world import World

ZOOMS = (10, 12, 14, 16)
TILE = {"z", "x", "y"}
# Streams never end: what they tell is tried in tests/api/test_live.py. The base map is no secret.
NOT_WALKED = {"live.live", "static"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def reading(app: Flask) -> Iterator[Rule]:
    """Routes that are read."""
    return (rule for rule in _walked(app) if "GET" in (rule.methods or ()))


def writing(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Methods that write and their routes."""
    return ((method, rule) for rule in _walked(app) for method in sorted((rule.methods or set()) - SAFE))


def _walked(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint not in NOT_WALKED)


def ids(rule: Rule) -> set[str]:
    """Arguments of a route that name a thing of somebody."""
    return set(rule.arguments) - TILE - {"layer"}


def asker(phone: FlaskClient, browser: FlaskClient, rule: Rule) -> FlaskClient:
    """Who asks: phones have a token and use the API, browsers have a cookie and see the pages."""
    return phone if rule.rule.startswith("/api/") else browser


def tiles(world: World) -> Iterator[dict[str, int]]:
    """Tiles at several zooms that lie over community A."""
    area = world.areas["a1"]
    for z in ZOOMS:
        x = int((area.lon + 180) / 360 * 2**z)
        y = int((1 - math.asinh(math.tan(math.radians(area.lat))) / math.pi) / 2 * 2**z)
        yield {"z": z, "x": x, "y": y}


def addresses(
    app: Flask, rule: Rule, values: Mapping[str, list[Any]], over: Iterable[Mapping[str, int]] = ()
) -> Iterator[str]:
    """Addresses of a route with every combination of the values in it; ``over`` are tiles.

    An argument for which there is no value fails: somebody has to say which ids belong there.
    """
    names = set(rule.arguments)
    choices: list[dict[str, Any]] = [{}]
    if names >= TILE:
        choices, names = [dict(tile) for tile in over], names - TILE
    for name in sorted(names):
        assert name in values, f"say which ids belong into <{name}> of {rule.rule}"
        choices = [{**chosen, name: value} for chosen in choices for value in values[name]]
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for chosen in choices:
            yield adapter.build(rule.endpoint, chosen, method=next(iter(rule.methods or {"GET"})))


def mixed(rule: Rule, own: Mapping[str, list[Any]], foreign: Mapping[str, list[Any]]) -> Iterator[dict[str, list[Any]]]:
    """Values for a route whose ids are foreign: all of them, and each one beside own ones."""
    names = ids(rule)
    missing = {name: foreign[name] for name in names if name in foreign}
    yield {**own, **missing}
    if len(names) > 1:
        for name in names & own.keys() & foreign.keys():
            yield {**{other: own[other][:1] for other in names}, name: foreign[name]}
