"""What every other test stands on: the world is there, a test's doings are undone, live copies are really apart."""

from __future__ import annotations

from sqlalchemy import func, select, text, update

from gridapp.db import hot, session
from gridapp.models import Boundary, Grid, Person


def name_of(world):
    return session.scalar(select(Person.name).where(Person.id == world.people["chief_a"].id))


def test_every_role_stands_in_both_communities_and_above(world):
    assert len(world.people) == 8 * 3 - 1 + 2
    assert world.people["worker_a"].post
    assert world.people["handler_b"].unit == world.units["b"]


def test_children_tile_their_parent_vertex_for_vertex(app, world):
    with app.app_context():
        tiled = session.execute(
            text(
                "select parent.code from boundary child join grid g on g.id = child.grid_id "
                "join boundary parent on parent.grid_id = g.parent_id "
                "group by parent.id having not ST_Equals(ST_Union(child.geom), parent.geom)"
            )
        ).all()
        corner = func.ST_SetSRID(func.ST_MakePoint(104.62, 28.71), 4326)
        triple = session.scalars(
            select(Boundary.code)
            .where(Boundary.level == "group", func.ST_Intersects(Boundary.geom, corner))
            .order_by(Boundary.code)
        ).all()
    assert tiled == []
    assert triple == [world.areas[key].code for key in ("a1", "a2", "b1")]


def test_commits_of_sessions_and_hot_statements_see_each_other(app, world):
    with app.app_context():
        session.execute(update(Person).values(name="Changed"))
        session.commit()
    with app.app_context(), hot() as connection:
        assert connection.execute("select distinct name from person").fetchall() == [("Changed",)]
        connection.execute("update person set name = 'Hot'")
    with app.app_context():
        assert name_of(world) == "Hot"


def test_and_are_undone_after_the_test(app, world):
    with app.app_context():
        assert name_of(world) == "Chief A"


def test_a_refusal_rolls_back_to_the_last_commit_only(app, world):
    with app.app_context():
        session.execute(update(Person).values(name="Kept"))
        session.commit()
        session.execute(update(Person).values(name="Lost"))
        session.rollback()
        assert name_of(world) == "Kept"


def test_a_live_copy_commits_for_real(live_app, world):
    with live_app.app_context():
        session.execute(update(Person).values(name="Changed"))
        session.commit()
    with live_app.app_context(), hot() as connection:
        assert connection.execute("select distinct name from person").fetchall() == [("Changed",)]


def test_an_empty_database_is_migrated_and_empty(empty_app):
    with empty_app.app_context():
        assert session.scalar(select(func.count()).select_from(Grid)) == 0
        assert session.scalar(text("select version_num from alembic_version"))
