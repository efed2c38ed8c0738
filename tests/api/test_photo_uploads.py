"""Sending photos: what is no whole picture is refused, a full disk or a cut wire leaves nothing, memory is bounded."""

from __future__ import annotations

import io
import resource
import tracemalloc
from contextlib import contextmanager

import pytest
from hypothesis import given, settings, strategies

from tests.support import pictures
from tests.support.photos import files, get, kept, put
from tests.support.pictures import sha256

REFUSED = {
    "a PHP script": (b"<?php system($_GET['c']); ?>", 415),
    "a PHP script that says GIF": (b"GIF89a<?php system($_GET['c']); ?>", 415),
    "a page": (b"<!doctype html><script>alert(1)</script>", 415),
    "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
    "nothing": (b"", 415),
    "one byte": (b"\xff", 415),
    "the head of a JPEG only": (b"\xff\xd8\xff\xe0" + b"\0" * 100, 422),
    "a JPEG with a script for pixels": (b"\xff\xd8\xff<?php system($_GET['c']); ?>", 422),
    "half a PNG": (pictures.photo("PNG")[:700], 422),
    "half a WebP": (pictures.photo("WEBP")[:300], 422),
    "half a HEIC": (pictures.photo("HEIC")[:600], 422),
    "a film of no boxes": (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\xff" * 200, 415),
    "a PNG of 50,000 x 50,000": (pictures.huge_png(), 413),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_whole_picture_is_refused_and_leaves_nothing(app, sign_in, name):
    content, status = REFUSED[name]
    before = files(app)
    answer = put(sign_in("worker_a"), content)
    assert answer.status_code == status, answer.json
    assert kept(app) == 0
    assert files(app) == before


def test_bytes_that_do_not_match_their_name_are_dropped(app, sign_in):
    before = files(app)
    answer = put(sign_in("worker_a"), pictures.photo(), name="0" * 64)
    assert (answer.status_code, answer.json["code"]) == (460, "checksum_differs")
    assert kept(app) == 0
    assert files(app) == before


@pytest.mark.parametrize("name", ["x", "0" * 63, "G" * 64, "..%2f..%2fetc%2fpasswd", "A" * 64])
def test_a_name_that_is_no_sha256_is_refused(sign_in, name):
    assert put(sign_in("worker_a"), b"x", name=name).status_code in (404, 422)
    assert sign_in("worker_a").get(f"/api/v1/photos/{name}").status_code == 404


def test_a_packed_photo_is_refused(sign_in):
    assert put(sign_in("worker_a"), pictures.photo(), **{"Content-Encoding": "gzip"}).status_code == 415


def test_an_auditor_adds_nothing(sign_in):
    assert put(sign_in("auditor_a"), pictures.photo()).status_code == 403


def test_an_unknown_size_is_refused(sign_in):
    assert get(sign_in("worker_a"), pictures.photo(), "poster").status_code == 422


@contextmanager
def disk_with(room):
    """No file can grow beyond ``room`` bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_busy_and_nothing_is_recorded(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=2000, height=1500)
    before = files(app)
    with disk_with(len(content) // 2):
        answer = put(client, content)
    assert (answer.status_code, answer.json["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0
    assert kept(app) == 0
    assert files(app) == before
    assert put(client, content).status_code == 201, "the phone kept it and sends it again"


def test_a_full_disk_keeps_nobody_from_seeing_the_original(sign_in):
    client, content = sign_in("worker_a"), pictures.photo(width=2000, height=1500)
    put(client, content)
    with disk_with(100):
        assert get(client, content, "screen").status_code == 503
        assert get(client, content, "original").status_code == 200
    assert get(client, content, "screen").status_code == 200


def test_a_photo_beyond_the_limit_is_refused_by_its_length_and_by_its_bytes(app, sign_in):
    client = sign_in("worker_a")
    limit = app.extensions["settings"].photo_max_bytes
    before = files(app)
    told = client.put(f"/api/v1/photos/{'0' * 64}", environ_overrides={"CONTENT_LENGTH": str(limit + 1)})
    assert told.status_code == 413
    endless = {"wsgi.input": Endless(limit + 10), "wsgi.input_terminated": True}
    sent = client.put(f"/api/v1/photos/{'0' * 64}", environ_overrides=endless)
    assert (sent.status_code, sent.json["code"]) == (413, "too_large")
    assert files(app) == before


class Endless(io.RawIOBase):
    """So many bytes that never were in memory at once."""

    def __init__(self, size):
        self.left = size

    def readable(self):
        return True

    def readinto(self, buffer):
        count = min(len(buffer), self.left)
        self.left -= count
        return count


def test_a_large_film_passes_through_little_memory(sign_in):
    client = sign_in("worker_a")
    content = pictures.film(frames=b"\0" * 40_000_000)
    tracemalloc.start()
    answer = client.put(f"/api/v1/photos/{sha256(content)}", input_stream=io.BytesIO(content))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 201
    assert peak < 5_000_000


def test_an_upload_that_breaks_off_leaves_nothing(app, sign_in):
    client, content = sign_in("worker_a"), pictures.photo()
    before = files(app)
    length = {"CONTENT_LENGTH": str(len(content))}
    answer = client.put(f"/api/v1/photos/{sha256(content)}", data=content[:500], environ_overrides=length)
    assert answer.status_code == 400
    assert kept(app) == 0
    assert files(app) == before


WHOLE = {kind: pictures.photo(kind, width=64, height=48) for kind in ("JPEG", "PNG", "WEBP", "HEIC")} | {
    "MP4": pictures.film()
}


def test_bytes_changed_anywhere_are_kept_whole_or_refused_in_words(sign_in):
    client = sign_in("worker_a")

    @settings(max_examples=100)
    @given(strategies.sampled_from(sorted(WHOLE)), strategies.data())
    def spoil(kind, data):
        content = bytearray(WHOLE[kind])
        for _ in range(data.draw(strategies.integers(1, 6))):
            content[data.draw(strategies.integers(0, len(content) - 1))] = data.draw(strategies.integers(0, 255))
        answer = put(client, bytes(content))
        assert answer.status_code in (200, 201, 413, 415, 422)
        if answer.status_code < 300:
            assert get(client, bytes(content), "screen").status_code in (200, 422)

    spoil()
