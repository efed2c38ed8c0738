"""The command centre's list as a client without a browser reads it."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

FRAGMENT = {"HX-Request": "true", "Accept": "text/html", "Accept-Language": "en"}


def listed(client: FlaskClient, **args: object) -> list[str]:
    """The tasks of a page of the list, in their order."""
    answer = client.get("/command/list", query_string=args, headers=FRAGMENT)
    assert answer.status_code == 200, answer.text
    return re.findall(r'id="task-([0-9a-f-]{36})"', answer.text)
