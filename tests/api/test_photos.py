"""Photos: kept once, shown to those who may, silent about where they were taken."""

from __future__ import annotations

import io
import uuid

import pytest
from PIL import Image

from gridapp.timesource import now
from tests.support import pictures
from tests.support.catalogue import LITTER
from tests.support.photos import get, kept, picture_of, put
from tests.support.pictures import GPS_IFD, MAKER, ORIENTATION, sha256


def body_of(world, photos):
    place = world.inside("a1")
    moment = now().isoformat()
    return {"category": LITTER, "description": "瓶子", "location": place, "reported_at": moment, "photos": photos}


def report(client, world, photos):
    return client.put(f"/api/v1/reports/{uuid.uuid4()}", json=body_of(world, photos))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_every_kind_of_picture_is_taken_and_shown(sign_in, kind):
    client, content = sign_in("worker_a"), pictures.photo(kind)
    assert put(client, content).status_code == 201
    assert get(client, content, "original").data == content
    for size, side in (("thumb", 320), ("screen", 640)):
        shown = get(client, content, size)
        assert shown.mimetype == "image/jpeg"
        assert max(picture_of(shown).size) == side


def test_sent_again_it_was_here(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=101)
    assert [put(client, content).status_code for _ in range(2)] == [201, 200]
    assert kept(app) == 1


def test_for_another_person_it_is_new_and_kept_once(app, sign_in):
    content = pictures.photo(width=102)
    assert put(sign_in("worker_a"), content).status_code == 201
    assert put(sign_in("worker_b"), content).status_code == 201
    assert kept(app) == 1


def test_smaller_ones_say_nothing_about_place_and_phone_and_stand_upright(sign_in):
    client = sign_in("worker_a")
    content = pictures.photo(orientation=6)
    put(client, content)
    for size in ("thumb", "screen"):
        shown = picture_of(get(client, content, size))
        assert not shown.getexif()
        assert shown.height > shown.width
        top, bottom = (shown.getpixel((shown.width // 2, y))[0] for y in (5, shown.height - 5))
        assert top < 100 < bottom
    told = picture_of(get(client, content, "original")).getexif()
    assert (told[ORIENTATION], told[MAKER]) == (6, "Made-up Phone")
    assert told.get_ifd(GPS_IFD)


def test_a_picture_that_is_clear_in_places_becomes_white_there(sign_in):
    client, out = sign_in("worker_a"), io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(out, "PNG")
    put(client, out.getvalue())
    assert picture_of(get(client, out.getvalue())).getpixel((25, 25)) == (255, 255, 255)


def test_a_picture_may_be_kept_by_the_phone_for_ever_but_by_nobody_else(sign_in):
    client, content = sign_in("worker_a"), pictures.photo()
    put(client, content)
    first = get(client, content, "thumb")
    assert first.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in first.headers["Content-Security-Policy"]
    assert get(client, content, "thumb", **{"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("who", ["worker_b", "worker_a2", "dispatcher_district", "admin_a"])
@pytest.mark.parametrize("size", ["thumb", "screen", "original"])
def test_a_photo_that_no_task_carries_is_its_uploaders(sign_in, who, size):
    content = pictures.photo()
    put(sign_in("worker_a"), content)
    assert get(sign_in(who), content, size).status_code == 404


def test_a_photo_of_a_task_is_seen_in_its_scope(sign_in, world):
    content = pictures.photo()
    put(sign_in("worker_a"), content)
    assert report(sign_in("worker_a"), world, [sha256(content)]).status_code == 201
    for who in ("dispatcher_a", "chief_a", "reviewer_district", "auditor_a"):
        assert get(sign_in(who), content, "thumb").status_code == 200
    for who in ("dispatcher_b", "worker_a2", "worker_b"):
        assert get(sign_in(who), content, "thumb").status_code == 404


def test_the_original_is_for_those_who_handle_the_task(sign_in, world):
    content, dispatcher = pictures.photo(), sign_in("dispatcher_a")
    put(dispatcher, content)
    task = report(dispatcher, world, [sha256(content)]).json
    assert get(dispatcher, content, "original").status_code == 200, "it is their own"
    assert get(sign_in("worker_a"), content, "original").status_code == 403
    assignee = {"post": str(world.people["worker_a"].post)}
    body = {"id": str(uuid.uuid4()), "action": "assign", "at": now().isoformat(), "assignee": assignee}
    answer = dispatcher.post(f"/api/v1/tasks/{task['id']}/actions", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.json
    assert get(sign_in("worker_a"), content, "original").status_code == 200
    assert get(sign_in("auditor_a"), content, "original").status_code == 403


def test_naming_a_photo_of_others_in_a_report_does_not_open_it(sign_in, world):
    client, content = sign_in("worker_a"), pictures.photo()
    put(sign_in("worker_b"), content)
    task_id, body = uuid.uuid4(), body_of(world, [sha256(content)])
    for status in (201, 200):
        answer = client.put(f"/api/v1/reports/{task_id}", json=body)
        assert (answer.status_code, answer.json["missing_photos"]) == (status, [sha256(content)])
    assert get(client, content, "thumb").status_code == 404


def test_what_is_missing_is_listed_until_it_is_here(sign_in, world):
    client, content = sign_in("worker_a"), pictures.photo()
    task_id, body = uuid.uuid4(), body_of(world, [sha256(content)])
    first = client.put(f"/api/v1/reports/{task_id}", json=body)
    assert (first.status_code, first.json["missing_photos"]) == (201, [sha256(content)])
    put(client, content)
    again = client.put(f"/api/v1/reports/{task_id}", json=body)
    assert (again.status_code, again.json["missing_photos"]) == (200, [])


def test_a_film_is_kept_and_its_screen_size_says_nothing_about_place(sign_in):
    client, content = sign_in("worker_a"), pictures.film()
    assert put(client, content).status_code == 201
    screen = get(client, content, "screen")
    assert screen.mimetype == "video/mp4"
    assert len(screen.data) == len(content)
    assert b"udta" not in screen.data
    assert b"+28.7050" not in screen.data
    assert screen.data.endswith(content[-1000:])
    assert b"+28.7050" in get(client, content, "original").data
    assert get(client, content, "thumb").status_code == 404


def test_a_film_can_be_watched_from_the_middle(sign_in):
    client, content = sign_in("worker_a"), pictures.film()
    put(client, content)
    part = get(client, content, "original", Range="bytes=10-19")
    assert (part.status_code, part.data) == (206, content[10:20])


def test_a_part_beyond_the_end_is_refused_with_the_length(sign_in):
    client, content = sign_in("worker_a"), pictures.film()
    put(client, content)
    beyond = get(client, content, "original", Range=f"bytes={len(content)}-")
    assert (beyond.status_code, beyond.json["code"]) == (416, "range_not_satisfiable")
    assert beyond.headers["Content-Range"] == f"bytes */{len(content)}"
