"""Words find places in scope, streets and buildings, and categories to file under."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from gridapp.db import session
from gridapp.services import search
from tests.conftest import SignIn
from tests.support.world import World


def found(sign_in: SignIn, who: str, words: str) -> str:
    client = sign_in(who)
    client.set_cookie("lang", "en")
    answer = client.get("/command/places", query_string={"q": words})
    assert answer.status_code == 200
    return answer.text


def test_a_grid_is_found_by_name_in_both_languages_and_by_code(sign_in: SignIn, world: World) -> None:
    for words in ("东一组", "east 1", world.areas["a1"].code):
        assert "East 1" in found(sign_in, "dispatcher_a", words)


def test_grids_outside_the_scope_are_not_found(sign_in: SignIn, world: World) -> None:
    for words in ("东一组", world.areas["a1"].code):
        assert "East 1" not in found(sign_in, "dispatcher_b", words)


def test_streets_and_buildings_are_found_by_everybody(app: Flask, sign_in: SignIn) -> None:
    street = "insert into street (source, kind, name, geom) values ('t', 'primary', '长江大道', :line)"
    building = "insert into building (source, name, geom) values ('t', '长江大厦', :area)"
    with app.app_context():
        session.execute(text(street), {"line": "SRID=4326;LINESTRING(1 1, 2 2)"})
        session.execute(text(building), {"area": "SRID=4326;POLYGON((1 1, 2 1, 2 2, 1 1))"})
        session.commit()
    both = found(sign_in, "dispatcher_b", "长江")
    assert "长江大道" in both
    assert "长江大厦" in both
    assert 'data-bounds="1.0,1.0,2.0,2.0"' in both


@pytest.mark.parametrize("words", ["", " ", "%", "_", "\\", "'", "\0", "<script>", "啊" * 5000])
def test_odd_words_find_nothing_and_break_nothing(sign_in: SignIn, words: str) -> None:
    assert "data-bounds" not in found(sign_in, "dispatcher_district", words)


def test_categories_are_found_by_name_class_and_code(app: Flask) -> None:
    with app.app_context():
        assert [c["code"] for c in search.categories("消防通道")] == ["07001"]
        assert "07001" in [c["code"] for c in search.categories("fire")]
        assert search.categories("06001")[0]["code"] == "06001"
        assert search.categories("没有这样的事") == []
