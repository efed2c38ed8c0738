"""Photos in parts: what arrived stays, nothing is kept twice or wrongly, whatever is cut, killed or full."""

from __future__ import annotations

import io
import os
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from gridapp.access import Principal
from gridapp.services import uploads
from gridapp.services.pictures import photo_files
from gridapp.services.uploads import partials
from gridapp.timesource import now
from tests.api.test_photo_uploads import REFUSED, Endless, disk_with
from tests.support import pictures
from tests.support.parts import head, patch, send
from tests.support.photos import files, get, kept, put
from tests.support.pictures import sha256


def test_a_photo_sent_in_parts_is_the_photo(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=900)
    assert head(client, content) is None
    half = len(content) // 2
    first = patch(client, content, 0, half)
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, str(half))
    assert first.headers["Tus-Resumable"] == "1.0.0"
    assert head(client, content) == (half, len(content))
    assert kept(app) == 0
    last = patch(client, content, half)
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(content)))
    assert head(client, content) == (len(content), len(content))
    assert get(client, content, "original").data == content
    assert kept(app) == 1
    assert files(app) >= {sha256(content)}
    assert not [name for name in files(app) if name.startswith(f"{sha256(content)}-")], "the part is gone"


def test_a_photo_in_one_part_needs_no_second(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=901)
    assert patch(client, content, 0).status_code == 204
    assert put(client, content).status_code == 200, "for a client that knows only the plain call it was here"
    assert kept(app) == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_6_mb_cut_anywhere_go_on_where_they_were_cut(app, sign_in, share):
    client, content = sign_in("worker_a"), pictures.heavy(seed=int(share * 100))
    assert 5_500_000 < len(content) < 8_000_000
    cut = int(len(content) * share)
    length = {"CONTENT_LENGTH": str(len(content))}
    broken = {"environ_overrides": length}
    answer = client.patch(
        f"/api/v1/photos/{sha256(content)}",
        data=content[:cut],
        headers={
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": "0",
            "Upload-Length": str(len(content)),
        },
        **broken,
    )
    assert answer.status_code == 400, "the wire was cut: nobody hears this"
    offset, _ = head(client, content)
    assert offset == cut
    assert send(client, content, len(content)) == 204
    assert send(client, content, len(content)) == 0, "nothing is left to send"
    assert get(client, content, "original").data == content
    assert kept(app) == 1


def test_after_the_commit_and_before_the_answer_the_phone_finds_it_whole(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=903)
    patch(client, content, 0)
    assert head(client, content) == (len(content), len(content))
    again = patch(client, content, 0)
    assert (again.status_code, again.json["code"]) == (409, "wrong_offset")
    assert again.headers["Upload-Offset"] == str(len(content))
    assert patch(client, content, len(content)).status_code == 204
    assert kept(app) == 1


def test_what_arrived_whole_and_was_not_kept_when_the_server_fell_is_kept_when_the_phone_asks(app, sign_in, world):
    client, content = sign_in("worker_a"), pictures.photo(width=904)
    folder = app.extensions["settings"].instance
    partial = partials.begin(folder, world.people["worker_a"].id, sha256(content), len(content))
    partial.path.write_bytes(content)
    assert kept(app) == 0
    assert head(client, content) == (len(content), len(content))
    assert kept(app) == 1
    assert get(client, content, "original").data == content


def test_what_arrived_whole_and_is_not_what_it_was_called_is_nothing_when_the_phone_asks(app, sign_in, world):
    client, content = sign_in("worker_a"), pictures.photo(width=905)
    folder = app.extensions["settings"].instance
    partial = partials.begin(folder, world.people["worker_a"].id, sha256(content), len(content))
    partial.path.write_bytes(bytes(len(content)))
    assert head(client, content) is None
    assert not partial.path.exists()
    assert send(client, content, 10_000) == 204


@pytest.mark.parametrize("start", [1, 10**6])
def test_a_part_that_does_not_belong_here_is_told_where_to_go_on(sign_in, start):
    client, content = sign_in("worker_a"), pictures.photo(width=920 + start % 10)
    answer = patch(client, content, start, length=len(content))
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_offset")
    assert answer.headers["Upload-Offset"] == "0"
    patch(client, content, 0, 100)
    for wrong in (0, 99, 101):
        answer = patch(client, content, wrong, wrong + 1)
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "100")


def test_offsets_are_each_persons_own(app, sign_in):
    content = pictures.photo(width=907)
    patch(sign_in("worker_a"), content, 0, 1000)
    assert head(sign_in("worker_a2"), content) is None
    assert patch(sign_in("worker_a2"), content, 1000).status_code == 409
    send(sign_in("worker_a2"), content, 5000)
    assert head(sign_in("worker_a"), content) == (1000, len(content)), "another's photo is not here for them"
    send(sign_in("worker_a"), content, 5000)
    assert kept(app) == 1


def test_a_whole_that_is_another_is_dropped(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=908)
    before = files(app)
    answer = patch(client, content, 0, name="0" * 64)
    assert (answer.status_code, answer.json["code"]) == (460, "checksum_differs")
    assert head(client, content, name="0" * 64) is None
    assert (kept(app), files(app)) == (0, before)


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "nothing"])
def test_what_is_no_whole_picture_is_dropped_at_its_end(app, sign_in, name):
    content, status = REFUSED[name]
    client, before = sign_in("worker_a"), files(app)
    assert patch(client, content, 0).status_code == status
    assert head(client, content) is None
    assert (kept(app), files(app)) == (0, before)


def test_a_length_said_wrongly_at_first_does_not_lock_the_photo_out(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=909)
    patch(client, content, 0, 100, length=10**6)
    answer = patch(client, content, 100, length=len(content))
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "0")
    assert patch(client, content, 0).status_code == 204
    assert kept(app) == 1


def test_no_more_is_taken_than_a_photo_may_be_or_was_said_to_be(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=910)
    limit = app.extensions["settings"].photo_max_bytes
    assert patch(client, content, 0, 10, length=limit + 1).status_code == 413
    assert head(client, content) is None
    assert patch(client, content, 0, length=100).status_code == 413
    source = Endless(limit)
    endless = {"wsgi.input": source, "wsgi.input_terminated": True}
    headers = {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": "0",
        "Upload-Length": "200000",
    }
    answer = client.patch(f"/api/v1/photos/{'1' * 64}", headers=headers, environ_overrides=endless)
    assert answer.status_code == 460
    assert source.left >= limit - 200_000


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"Content-Type": "image/jpeg"}, 415, "wrong_type"),
        ({"Content-Encoding": "gzip"}, 415, "wrong_type"),
        ({"Tus-Resumable": "0.2.2"}, 412, "tus_version"),
        ({"Upload-Offset": "-1"}, 422, "invalid"),
        ({"Upload-Offset": "x"}, 422, "invalid"),
        ({"Upload-Length": "0"}, 422, "invalid"),
        ({"Upload-Length": "９"}, 422, "invalid"),
        ({"Upload-Length": "9" * 16}, 422, "invalid"),
    ],
)
def test_headers_that_are_not_right_are_refused_in_words(sign_in, wrong, status, code):
    answer = patch(sign_in("worker_a"), b"x" * 10, 0, **wrong)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    if status == 412:
        assert answer.headers["Tus-Version"] == "1.0.0"


def test_the_first_part_says_the_length(sign_in):
    headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    answer = sign_in("worker_a").patch(f"/api/v1/photos/{'2' * 64}", data=b"x", headers=headers)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["Upload-Length"])


def test_an_auditor_sends_nothing_and_nobody_asks_without_a_name(sign_in, client):
    assert patch(sign_in("auditor_a"), b"x", 0).status_code == 403
    assert client.head(f"/api/v1/photos/{'0' * 64}").status_code == 401
    assert sign_in("worker_a").head("/api/v1/photos/xyz").status_code == 422


def test_a_full_disk_keeps_what_found_room_and_the_phone_goes_on_later(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=2000, height=1500)
    room = len(content) // 2
    with disk_with(room):
        answer = patch(client, content, 0)
    assert (answer.status_code, answer.json["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0
    assert head(client, content) == (room, len(content))
    assert send(client, content, 50_000) == 204
    assert kept(app) == 1


def test_many_who_send_the_same_part_at_once_mix_nothing(live_app, live_sign_in):
    content = pictures.photo(width=1600, height=1200)
    step, together = 20_000, threading.Barrier(4)
    token = live_sign_in("worker_a").environ_base["HTTP_AUTHORIZATION"]

    def sender(_):
        client = live_app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = token
        together.wait()
        seen = set()
        while (offset := (head(client, content) or (0, 0))[0]) < len(content):
            seen.add(patch(client, content, offset, offset + step).status_code)
        return seen

    with ThreadPoolExecutor(4) as pool:
        seen = set.union(*pool.map(sender, range(4)))
    assert seen <= {204, 409, 503}
    assert get(live_sign_in("worker_a"), content, "original").data == content
    assert kept(live_app) == 1
    assert not list((live_app.extensions["settings"].instance / "photos" / "partial").glob("*/*"))


def test_the_database_is_not_held_while_bytes_arrive(live_app, world):
    """A sender who never ends: asked from within its stream, no connection of the app is lent out."""
    content, busy = pictures.photo(width=911), []
    worker = world.people["worker_a"]

    class Slow(io.BytesIO):
        def read(self, size=-1):
            stats = live_app.extensions["hot_pool"].get_stats()
            busy.append(stats.get("pool_size", 0) - stats.get("pool_available", 0))
            return super().read(size)

    who = Principal(person_id=worker.id, role="worker", name="x")
    with live_app.test_request_context():
        part = uploads.Part(0, None, len(content) + 1)
        settings = live_app.extensions["settings"]
        assert uploads.append(who, settings, sha256(content), part, Slow(content)) == len(content)
    assert set(busy) == {0}


def test_parts_that_nobody_goes_on_with_are_cleared_after_days(tmp_path):
    person, old = uuid.uuid4(), (now() - timedelta(days=8)).timestamp()
    stale, fresh = (partials.begin(tmp_path, person, name * 64, 10).path for name in "ab")
    incoming = tmp_path / "photos" / "incoming" / "tmpx"
    incoming.parent.mkdir()
    incoming.write_bytes(b"x")
    photo = photo_files.path_of(tmp_path, "c" * 64)
    photo.parent.mkdir()
    photo.write_bytes(b"x")
    for path in (stale, incoming, photo):
        os.utime(path, (old, old))
    assert uploads.clear(tmp_path, 7) == 2
    assert (stale.exists(), incoming.exists(), fresh.exists(), photo.exists()) == (False, False, True, True)
