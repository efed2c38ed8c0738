"""A person's messages as screens and phones show them: notices of one batch as one, without what was overtaken."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from gridapp.access import Principal
from gridapp.db import session
from gridapp.services.words.sentences import LANGUAGES, sentence
from gridapp.timesource import now

MOST = 50

MESSAGES = """
select h.id, h.kind, h.params, h.at, h.person_id, m.read_at, m.alive, m.numbers, m.tasks, m.en, m.zh
from notice h cross join lateral (
  select count(*) filter (where n.overtaken_at is null) as alive,
    case when bool_and(n.read_at is not null or n.overtaken_at is not null) then max(n.read_at) end as read_at,
    array_agg(t.number order by n.id) filter (where n.overtaken_at is null and t.id is not null) as numbers,
    array_agg(t.id order by n.id) filter (where n.overtaken_at is null and t.id is not null) as tasks,
    (array_agg(c.name_en order by n.id) filter (where n.overtaken_at is null))[1] as en,
    (array_agg(c.name_zh order by n.id) filter (where n.overtaken_at is null))[1] as zh
  from notice n left join task t on t.id = n.task_id
  left join category c on c.edition = t.edition and c.code = t.category_code
  where (n.id = h.id or n.head_id = h.id) and (cast(:only as bigint[]) is null or n.id = any(:only))
) m
"""
OWN = f"{MESSAGES} where h.person_id = :me and h.head_id is null and h.id = any(:ids)"
NEWEST = f"""{MESSAGES} where h.person_id = :me and h.head_id is null and m.alive > 0
  and (cast(:before as bigint) is null or h.id < :before) and (not :unread or m.read_at is null)
order by h.id desc limit :limit"""
OF_THESE = f"""{MESSAGES} where h.person_id = :me and h.head_id is null and m.alive > 0 and m.read_at is null
  and h.id in (select coalesce(n.head_id, n.id) from notice n where n.id = any(:only)) order by h.id"""
HELD = "select unnest(holds) from letter where id = any(:letters)"
UNREAD = """
select count(distinct coalesce(head_id, id)) from notice
where person_id = :me and read_at is null and overtaken_at is null
"""
READ = """
update notice set read_at = :at where person_id = :me and read_at is null
  and (id = any(cast(:ids as bigint[])) or head_id = any(cast(:ids as bigint[])) or id <= cast(:until as bigint))
"""


@dataclass(frozen=True)
class Message:
    """What one person is told at once.

    Attributes:
        id: of its first notice.
        kind: what it is about.
        params: what was told with it.
        at: when.
        read_at: when the person had read all of it.
        alive: how many of its notices have not been overtaken.
        numbers: numbers of the tasks that it is about.
        tasks: their ids.
        matter: category of the first one, in English and Chinese.
    """

    id: int
    kind: str
    params: dict[str, Any]
    at: dt.datetime
    read_at: dt.datetime | None
    alive: int
    numbers: list[int]
    tasks: list[uuid.UUID]
    matter: tuple[str, str] | None

    def words(self, language: str) -> str:
        """The message in a language."""
        return sentence(self.kind, self.params, self.numbers, self.matter, language)

    def in_both(self) -> dict[str, str]:
        """The message in both languages, as JSON carries it."""
        return {language.partition("_")[0]: self.words(language) for language in LANGUAGES}


def newest(who: Principal, *, before: int | None = None, unread: bool = False, limit: int = MOST) -> list[Message]:
    """A person's own messages, newest first; ``before`` is the id of the last one of the page before."""
    return _messages(NEWEST, me=who.person_id, before=before, unread=unread, limit=limit)


def by_ids(who: Principal, ids: Iterable[int]) -> list[Message]:
    """A person's own messages of these ids, overtaken ones too."""
    return _messages(OWN, me=who.person_id, ids=list(ids))


def of_letters(person_id: uuid.UUID, letters: list[int]) -> list[Message]:
    """What letters to a person are about to say, as far as it is neither read nor overtaken."""
    held = list(session.scalars(text(HELD), {"letters": letters}))
    return _messages(OF_THESE, me=person_id, only=held) if held else []


def unread(who: Principal) -> int:
    """How many messages wait to be read."""
    return int(session.scalar(text(UNREAD), {"me": who.person_id}) or 0)


def mark_read(who: Principal, ids: Iterable[int] = (), *, until: int | None = None) -> None:
    """Note that a person has read these messages, or all up to one."""
    session.execute(text(READ), {"me": who.person_id, "ids": list(ids), "until": until, "at": now()})


def _messages(sql: str, **values: Any) -> list[Message]:
    rows = session.execute(text(sql), {"only": None, **values})
    return [
        Message(
            id=row.id,
            kind=row.kind,
            params=row.params,
            at=row.at,
            read_at=row.read_at,
            alive=row.alive,
            numbers=row.numbers or [],
            tasks=row.tasks or [],
            matter=(row.en, row.zh) if row.zh else None,
        )
        for row in rows
    ]
