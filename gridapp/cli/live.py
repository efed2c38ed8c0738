"""Made-up workers for the demo: they walk, report and handle through the real API, as phones do."""

import contextlib
import datetime as dt
import hashlib
import http.client
import json
import queue
import random
import threading
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

import shapely

from geodata.sample import draw_photo

WALKERS = 8
PAUSE = 4.0
STEP_DEGREES = 0.00012
REPORTS = 0.12
"""Chance of a report with each pause."""
WORDS = ("路口有垃圾堆积，请清理。", "人行道地砖松动，行人容易绊倒。", "店外摆放货物，占了人行道。", "楼道堆放杂物。")


class Phone:
    """One person's device: signed in, patient with limits."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._url, self._token = f"{url}/api/v1", ""
        answer = self.call("POST", "/auth/token", {"username": username, "password": password, "device": "demo"})
        self._token = answer["token"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer as JSON; None where it was refused, for a made-up worker goes on with something else."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        kind = "image/jpeg" if isinstance(body, bytes) else "application/json"
        said = {"Content-Type": kind, **({"Authorization": f"Bearer {self._token}"} if self._token else {}), **headers}
        request = urllib.request.Request(self._url + path, content, said, method=method)  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                text = response.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            wait = error.headers.get("Retry-After")
            error.close()
            time.sleep(min(float(wait), 60.0) if wait else 0)
            return None


class Walker:
    """A worker who walks in the own grid, and says by radio what was reported."""

    def __init__(self, url: str, username: str, password: str, radio: "queue.SimpleQueue[str]") -> None:
        self._phone = Phone(url, username, password)
        self._radio = radio
        self._rng = random.Random(username)  # noqa: S311 - a sample
        self._phone.call("POST", "/duty", {"on": True, "at": _stamp()})
        grids = self._phone.call("GET", "/grids/mine")["features"]
        self._grid = shapely.geometry.shape(grids[0]["geometry"])
        self._place = self._grid.representative_point()
        self._categories = _leaves(self._phone.call("GET", "/catalogue")["categories"])

    def go_on(self) -> None:
        """A few steps, now and then a report, and whatever there is to do."""
        self._walk()
        if self._rng.random() < REPORTS:
            self._report()
        for task in (self._phone.call("GET", "/tasks?view=mine&limit=3") or {"items": []})["items"]:
            self._work_on(task)

    def _walk(self) -> None:
        moved = shapely.Point(*(value + self._rng.uniform(-1, 1) * STEP_DEGREES for value in self._place.coords[0]))
        self._place = moved if self._grid.contains(moved) else self._grid.representative_point()
        fix = {**self._here(), "at": _stamp(), "speed": 1.1, "battery": 80}
        self._phone.call("POST", "/positions", {"points": [fix]})

    def _here(self) -> dict[str, float]:
        return {"lon": round(self._place.x, 7), "lat": round(self._place.y, 7), "accuracy": 9.0}

    def _photo(self, name: str, phase: str) -> str:
        content = draw_photo(name, self._rng.randrange(10_000), "after" if phase == "after" else "before")
        sha256 = hashlib.sha256(content).hexdigest()
        self._phone.call("PUT", f"/photos/{sha256}", content)
        return sha256

    def _report(self) -> None:
        category = self._rng.choice(self._categories)
        photos = [self._photo(category["name"]["zh"], "before") for _ in range(max(1, category["photos"]["before"]))]
        body = {
            "category": category["code"],
            "description": self._rng.choice(WORDS),
            "location": self._here(),
            "reported_at": _stamp(),
            "photos": photos,
        }
        if task := self._phone.call("PUT", f"/reports/{uuid.uuid4()}", body):
            self._radio.put(task["id"])

    def _work_on(self, task: dict[str, Any]) -> None:
        if task["stage"] == "assign":
            act(self._phone, task["id"], "accept")
        elif task["stage"] == "handle" and self._rng.random() < REPORTS:
            photos = [self._photo("", "after")]
            act(self._phone, task["id"], "feedback", note="已处理完毕。", location=self._here(), photos=photos)


class Desk:
    """The command centre: assigns what came in, first what the walkers reported, and reviews what was fed back."""

    def __init__(self, url: str, password: str, radio: "queue.SimpleQueue[str]") -> None:
        self._dispatcher = Phone(url, "dispatcher1", password)
        self._reviewer = Phone(url, "reviewer1", password)
        self._radio = radio

    def go_on(self) -> None:
        """All that came by radio, and a task or two of each kind."""
        told = [self._radio.get() for _ in range(self._radio.qsize())]
        for task_id in [*told, *(task["id"] for task in _tasks(self._dispatcher, "report"))]:
            self._assign(task_id)
        for task in _tasks(self._reviewer, "feedback"):
            act(self._reviewer, task["id"], "pass", scores={"speed": 5, "quality": 4})

    def _assign(self, task_id: str) -> None:
        """To whoever stands nearest to the place: the first on offer."""
        offered = self._dispatcher.call("GET", f"/tasks/{task_id}") or {"actions": []}
        fields = [f for a in offered["actions"] if a["action"] == "assign" for f in a["fields"]]
        choices: list[dict[str, Any]] = next((f["choices"] for f in fields if f["name"] == "assignee"), [])
        if choices:
            chosen = {key: choices[0][key] for key in ("post", "unit") if key in choices[0]}
            act(self._dispatcher, task_id, "assign", assignee=chosen)


def act(phone: Phone, task_id: str, action: str, **given: Any) -> None:
    """Do an action on the task as it is now; whoever was faster has done something else meanwhile."""
    task = phone.call("GET", f"/tasks/{task_id}")
    if task and action in {offered["action"] for offered in task["actions"]}:
        body = {"id": str(uuid.uuid4()), "action": action, "at": _stamp(), **given}
        phone.call("POST", f"/tasks/{task_id}/actions", body, **{"If-Match": f'"{task["version"]}"'})


def start(url: str, password: str, workers: int, over: threading.Event, pause: float = PAUSE) -> list[threading.Thread]:
    """Let some workers and the desk live beside the server until it is over, a step each `pause` seconds."""
    names = [f"worker{number}" for number in range(1, min(WALKERS, workers) + 1)]
    radio: queue.SimpleQueue[str] = queue.SimpleQueue()
    makers = [lambda name=name: Walker(url, name, password, radio) for name in names]
    lives = [
        threading.Thread(target=_live, args=(maker, number * pause / WALKERS, over, pause), daemon=True)
        for number, maker in enumerate([*makers, lambda: Desk(url, password, radio)])
    ]
    for life in lives:
        life.start()
    return lives


def _live(maker: Any, delay: float, over: threading.Event, pause: float) -> None:
    if over.wait(delay):
        return
    who = maker()
    while not over.is_set():
        with contextlib.suppress(OSError, http.client.HTTPException):  # the server restarts: go on when it is back
            who.go_on()
        over.wait(pause)


def _tasks(phone: Phone, stage: str) -> list[dict[str, Any]]:
    found = phone.call("GET", f"/tasks?view=scope&stage={stage}&limit=20") or {"items": []}
    items: list[dict[str, Any]] = found["items"]
    return random.sample(items, min(2, len(items)))


def _leaves(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Categories that ask for no further fields."""
    leaves = [leaf for node in nodes for leaf in node["children"]]
    return [leaf for leaf in leaves if not any(field["required"] for field in leaf["fields"])]


def _stamp() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
