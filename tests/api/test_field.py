"""The phone page's shell: open to everybody, without anybody's data, installable, and kept in one piece."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
from flask.testing import FlaskClient

from gridapp.web import field
from tests.conftest import SignIn
from tests.support.world import say

STATIC = Path(field.__file__).parents[1] / "static"
IMPORTED = re.compile(r'(?:from|import)\s*\(?"(\.[^"]+)"')


def is_there(client: FlaskClient, path: str) -> bool:
    with client.get(path) as answer:
        return answer.status_code == 200


def test_the_shell_says_nothing_of_anybody(client: FlaskClient, sign_in: SignIn) -> None:
    page = client.get("/field")
    assert page.status_code == 200
    mine = sign_in("worker_a", browser=True).get("/field")
    without_nonce = [re.sub(r'nonce="[^"]+"', "", text) for text in (page.text, mine.text)]
    assert without_nonce[0] == without_nonce[1]
    assert "Worker A" not in mine.text


@pytest.mark.parametrize(("language", "name"), [("zh-CN", "我的网格"), ("en", "My grid")])
def test_the_page_can_be_installed(client: FlaskClient, language: str, name: str) -> None:
    answer = client.get("/field/manifest.webmanifest", **say(client, language))
    assert answer.mimetype == "application/manifest+json"
    manifest = orjson.loads(answer.data)
    assert (manifest["short_name"], manifest["start_url"], manifest["display"]) == (name, "/field", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert [icon["src"] for icon in manifest["icons"] if not is_there(client, icon["src"])] == []


def shell(client: FlaskClient) -> dict[str, object]:
    text = client.get("/field/sw.js").text
    found: dict[str, object] = orjson.loads(text.split("begin(")[1].split(");\n")[0])
    return found


def test_the_service_worker_keeps_every_part_that_the_page_uses(client: FlaskClient) -> None:
    kept = shell(client)
    parts = kept["parts"]
    assert isinstance(parts, list)
    assert [part for part in parts if not is_there(client, part)] == []
    page = client.get("/field").text
    used = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
    for module in (STATIC / path.removeprefix("/static/") for path in parts if path.endswith(".js")):
        if "vendor" not in module.parts:
            used |= {f"/static/{(module.parent / name).resolve().relative_to(STATIC)}" for name in imported(module)}
    assert used - set(parts) == set()
    assert f'data-version="{kept["version"]}"' in page


def imported(module: Path) -> list[str]:
    return IMPORTED.findall(module.read_text())


def test_the_service_worker_governs_the_page_and_is_always_asked_for(client: FlaskClient) -> None:
    answer = client.get("/field/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/field"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_words_from_the_server_never_become_markup() -> None:
    risky = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function")
    assert [file.name for file in (STATIC / "field").rglob("*.js") if risky.search(file.read_text())] == []


def test_whoever_works_elsewhere_is_sent_there(client: FlaskClient) -> None:
    setup = orjson.loads(re.findall(r'id="setup">(.+?)</script>', client.get("/field").text)[0])
    assert set(setup["elsewhere"]) == {"dispatcher", "reviewer", "planner", "admin", "auditor"}
    assert setup["elsewhere"]["planner"]["path"] == "/planning"
