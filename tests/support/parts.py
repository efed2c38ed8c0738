"""Sending photos in parts, as a phone does that speaks tus."""

from __future__ import annotations

from tests.support.pictures import sha256

TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def patch(client, content, start, end=None, *, name=None, length=None, **headers):
    """Send ``content[start:end]``; the length goes with the first part, or where it is given."""
    said = {**TUS, "Upload-Offset": str(start)}
    if length is not None or start == 0:
        said["Upload-Length"] = str(length or len(content))
    address = f"/api/v1/photos/{name or sha256(content)}"
    return client.patch(address, data=content[start:end], headers={**said, **headers})


def head(client, content, *, name=None):
    """Ask how much is here: the offset, None where nothing is."""
    answer = client.head(f"/api/v1/photos/{name or sha256(content)}", headers={"Tus-Resumable": "1.0.0"})
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    return int(answer.headers["Upload-Offset"]), int(answer.headers["Upload-Length"])


def send(client, content, step):
    """Send the rest in parts of ``step`` bytes, from where the server stands; the last status."""
    status, offset = 0, (head(client, content) or (0, 0))[0]
    while offset < len(content):
        answer = patch(client, content, offset, offset + step)
        status, offset = answer.status_code, int(answer.headers["Upload-Offset"])
        assert status == 204, answer.text
    return status
