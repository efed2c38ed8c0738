"""A person's program elsewhere, by HTTP."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from gridapp.timesource import now

PATIENCE_S = 120


@dataclass(frozen=True)
class Caller:
    """Who calls.

    Attributes:
        url: of the server.
        token: the secret of a sign-in; none before it.
    """

    url: str
    token: str = ""

    def signed_in(self, username: str, password: str) -> Caller:
        body = {"username": username, "password": password, "device": "bench"}
        return Caller(self.url, self.call("POST", "/auth/token", body)["token"])

    def call(self, method: str, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        said = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", **headers}
        content = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", content, said, method=method)  # noqa: S310  # ours
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
        return answer


def report_body(lon: float, lat: float) -> dict[str, Any]:
    """A report of the most common kind, by the phone of somebody who stands there."""
    return {
        "category": "06010",
        "description": "路口有暴露垃圾，影响通行",
        "location": {"lon": lon, "lat": lat, "accuracy": 8.5},
        "reported_at": now().isoformat(),
        "photos": ["ab" * 32],
    }
