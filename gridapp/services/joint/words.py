"""Who is told of what happens in joint work."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.models import Assist, Person, Task, TaskEvent
from gridapp.services import notices


def speak(task: Task, event: TaskEvent, who: Principal) -> None:
    """Tell the unit that it is asked or released, and the lead and who asked of what the unit answers."""
    told = event.changes.get("assist")
    if told is None:
        return
    part = session.get_one(Assist, uuid.UUID(told["id"]))
    if event.action in ("involve", "release"):
        heard: set[uuid.UUID | None] = set(
            session.scalars(select(Person.id).where(Person.unit_id == part.unit_id, Person.retired_at.is_(None)))
        )
    else:
        heard = {*notices.holders_of(task), part.asked_by}
    notices.tell(heard - {who.person_id}, f"task_{event.action}", task, unit=part.unit.name)
    flush()
