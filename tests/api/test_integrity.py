"""Notes for who reviews: facts worth a closer look, shown to them alone, never to who handled the task."""

from __future__ import annotations

import datetime as dt
import io
import random
import uuid
from typing import Any

import pytest
from PIL import Image, ImageEnhance

from gridapp.db import session
from gridapp.models import PhotoFact, TaskEvent
from gridapp.services.integrity import facts, looks
from gridapp.timesource import now
from tests.support import tasking
from tests.support.photos import put
from tests.support.pictures import sha256

GPS, EXIF = 0x8825, 0x8769
TAKEN, OFFSET = 0x9003, 0x9011


def scene(seed: int) -> Image.Image:
    """A picture with something in it: patches of grey, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  # pictures, not secrets
    small = Image.new("L", (12, 9))
    small.putdata([chance.randrange(256) for _ in range(12 * 9)])
    return small.resize((480, 360), Image.Resampling.BICUBIC).convert("RGB")


def shot(seed: int, *, at: dt.datetime | None = None, place: tuple[float, float] | None = None, **save: Any) -> bytes:
    """A photo of a scene, with the time and the place that a camera writes."""
    words = Image.Exif()
    if at:
        words.get_ifd(EXIF).update({TAKEN: f"{at:%Y:%m:%d %H:%M:%S}", OFFSET: f"{at:%z}"[:3] + ":00"})
    if place:
        lon, lat = place
        words.get_ifd(GPS).update({1: "N", 2: (lat, 0.0, 0.0), 3: "E", 4: (lon, 0.0, 0.0)})
    out = io.BytesIO()
    scene(seed).save(out, "JPEG", exif=words, **{"quality": 90, **save})
    return out.getvalue()


@pytest.fixture
def desk(app, world, sign_in):
    """Tasks of worker_a with real photos, and what the panel of a person says about them."""

    class Desk:
        def take(self, content: bytes) -> str:
            assert put(sign_in("worker_a"), content).status_code in (200, 201)
            return sha256(content)

        def task(self, before: bytes, after: bytes, **feedback: Any) -> uuid.UUID:
            with app.app_context():
                task_id = tasking.file(world, photos=[self.take(before)])
                tasking.act(world, "dispatcher_a", task_id, "assign")
                tasking.act(world, "worker_a", task_id, "accept")
                tasking.act(world, "worker_a", task_id, "feedback", photos=[self.take(after)], **feedback)
                session.commit()
            return task_id

        def notes(self, task_id: uuid.UUID, who: str = "reviewer_a") -> list[str]:
            page = sign_in(who, browser=True).get(f"/command/tasks/{task_id}", headers={"HX-Request": "true"})
            assert page.status_code == 200
            return [part.split('"')[0] for part in page.text.split('data-note="')[1:]]

    return Desk()


def test_an_honest_task_has_no_notes(desk, world):
    here = tuple(world.inside("a1").values())
    assert desk.notes(desk.task(shot(1, at=now(), place=here), shot(2, at=now(), place=here))) == []


def test_a_photo_that_another_task_had_before_is_noted(desk, app):
    earlier = desk.task(shot(1), shot(2))
    again = io.BytesIO()
    ImageEnhance.Brightness(scene(2)).enhance(1.1).resize((320, 240)).save(again, "JPEG", quality=60)
    with app.app_context():
        facts.catch_up()  # the job, soon after a photo came
    later = desk.task(shot(3), again.getvalue())
    assert desk.notes(later) == ["seen_before"]
    assert desk.notes(earlier) == []


def test_a_photo_afterwards_that_shows_the_matter_as_before_is_noted(desk):
    assert desk.notes(desk.task(shot(1), shot(1, quality=70))) == ["unchanged"]


def test_a_photo_taken_elsewhere_or_long_ago_is_noted(desk, world):
    lon, lat = world.inside("a1").values()
    old = now() - dt.timedelta(days=3)
    assert desk.notes(desk.task(shot(1, place=(lon + 0.02, lat)), shot(2))) == ["elsewhere"]
    assert desk.notes(desk.task(shot(3, at=old), shot(4))) == ["long_ago"]
    assert "long_ago" in desk.notes(desk.task(shot(5), shot(6, at=now() - dt.timedelta(hours=2))))


def test_a_camera_that_writes_the_chinese_map_datum_is_not_blamed(desk, world):
    lon, lat = world.inside("a1").values()
    assert desk.notes(desk.task(shot(1, place=(lon + 0.0025, lat - 0.0028)), shot(2))) == []


def test_a_simulated_position_is_noted(desk, world):
    place = {**world.inside("a1"), "mock": True}
    assert desk.notes(desk.task(shot(1), shot(2), location=place)) == ["mock"]


def test_many_tasks_reported_and_closed_by_one_person_in_minutes_are_noted(desk):
    tasks = [desk.task(shot(n), shot(n + 100)) for n in range(3)]
    assert desk.notes(tasks[0]) == ["burst"]


def test_notes_are_for_who_reviews_and_not_for_who_handled(desk, app, world):
    task_id = desk.task(shot(1), shot(1))
    assert desk.notes(task_id, "chief_a") == ["unchanged"]
    assert desk.notes(task_id, "dispatcher_a") == []
    with app.app_context():
        assert session.query(TaskEvent).filter_by(mock=True).count() == 0


def test_every_photo_is_looked_at_by_and_by(desk, app):
    desk.task(shot(1), shot(2))
    with app.app_context():
        assert facts.catch_up() == 2
        assert facts.catch_up() == 0
        assert session.query(PhotoFact).filter(PhotoFact.look.is_not(None)).count() == 2


def test_pictures_that_show_nothing_look_like_nothing():
    assert looks.look(bytes([90] * 72)) is None
    assert looks.look(bytes(range(0, 216, 3))) is None
