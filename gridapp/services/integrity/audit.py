"""The audit of the record: the chain computed anew, and every row named that is not what it was when it was sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from gridapp.services.bulk import take_time, wire
from gridapp.services.doctor.finding import Trouble
from gridapp.services.integrity.chain import DIGEST, METHOD, NOTHING, UTC, head_of

LINKS = 200
"""Links that are looked at together."""
NAMED = 1000
"""Rows of one kind that are named; beyond it they are counted."""

CHAIN = "select number, day, method, events, digests, head from seal where number > %s order by number limit %s"
CHANGED = f"""
select t.number, e.seq, e.action, e.at, s.number, e.id
from seal s cross join lateral unnest(s.events, s.digests) as u (id, digest)
join task_event e on e.id = u.id join task t on t.id = e.task_id
where s.number between %s and %s and {DIGEST} <> u.digest
order by s.number, t.number, e.seq
"""
GONE = """
select u.id, s.number from seal s cross join lateral unnest(s.events) as u (id)
where s.number between %s and %s and not exists (select 1 from task_event e where e.id = u.id)
order by s.number
"""
GONE_UNSEALED = (
    "select event_id, null from unsealed u where not exists (select 1 from task_event e where e.id = u.event_id)"
)
INSERTED = """
select t.number, e.seq, e.action, e.at, e.id
from task_event e left join task t on t.id = e.task_id
left join (select unnest(events) as id from seal) s on s.id = e.id
left join unsealed u on u.event_id = e.id left join outbox o on o.kind = 'event' and o.key = e.id::text
where s.id is null and u.event_id is null and o.id is null
order by e.at limit %s
"""
CLOSED = """
select d.day, d.number, d.head from day_head d left join seal s on s.number = d.number
where s.head is distinct from d.head order by d.day
"""
HEADS = """
select day, number, encode(head, 'hex') from (
  select distinct on (day) day, number, head from seal order by day desc, number desc
) last order by day desc limit %s
"""
HELD = "select encode(head, 'hex') from seal where number = %s"


@dataclass
class Audited:
    """What the audit saw: how many links and events, the last head, and what is wrong."""

    links: int = 0
    events: int = 0
    head: str = ""
    troubles: list[Trouble] = field(default_factory=list)


def audit(held: list[tuple[int, str]]) -> Audited:
    """Look at the whole record.

    Args:
        held: heads that were held elsewhere, as number of the link and hexadecimal head: without such, somebody who
            may do everything in the database could make the whole chain anew.
    """
    seen = Audited()
    with wire() as connection:
        take_time(connection)
        connection.execute(UTC)
        _walk(connection, seen)
        seen.troubles += [_gone(event, None) for event, _ in connection.execute(GONE_UNSEALED).fetchall()]
        seen.troubles += [_inserted(*row) for row in connection.execute(INSERTED, (NAMED,)).fetchall()]
        seen.troubles += [_rewritten(*row) for row in connection.execute(CLOSED).fetchall()]
        for number, head in held:
            found = connection.execute(HELD, (number,)).fetchone()
            if found is None or found[0] != head.lower():
                seen.troubles.append(_other_head(number))
    return seen


def heads(most: int = 400) -> list[dict[str, Any]]:
    """The last head of each day, newest first, to be held elsewhere."""
    with wire() as connection:
        rows = connection.execute(HEADS, (most,)).fetchall()
    return [{"day": day.isoformat(), "number": number, "head": head} for day, number, head in rows]


def _walk(connection: Connection[Any], seen: Audited) -> None:
    """Along the chain, some links at a time; a link that does not follow is named, and the walk goes on from it."""
    last, before = 0, NOTHING
    while links := connection.execute(CHAIN, (last, LINKS)).fetchall():
        first = links[0][0]
        for number, day, method, events, digests, head in links:
            members = list(zip(events, map(bytes, digests), strict=True))
            follows = number == last + 1 and method == METHOD
            if not follows or head_of(before, number, day, members) != bytes(head):
                seen.troubles.append(_broken(number, last))
            last, before = number, bytes(head)
            seen.links += 1
            seen.events += len(members)
        seen.troubles += [_changed(*row) for row in connection.execute(CHANGED, (first, last)).fetchall()]
        seen.troubles += [_gone(*row) for row in connection.execute(GONE, (first, last)).fetchall()]
    seen.head = before.hex() if last else ""


def _changed(task: int, seq: int, action: str, at: Any, link: int, event: Any) -> Trouble:
    return Trouble(
        f"Event {seq} ({action}, {at:%Y-%m-%d %H:%M}) of task #{task} was changed after it was sealed (link {link}).",
        f"任务 #{task} 的第 {seq} 条事件（{action}，{at:%Y-%m-%d %H:%M}）在封存后被修改（链节 {link}）。",
        {"kind": "changed", "task": task, "seq": seq, "event": str(event), "link": link},
    )


def _gone(event: Any, link: int | None) -> Trouble:
    return Trouble(
        f"Event {event}, sealed in link {link or '-'}, is gone.",
        f"事件 {event}（链节 {link or '-'}）已不存在。",
        {"kind": "gone", "event": str(event), "link": link},
    )


def _inserted(task: int | None, seq: int, action: str, at: Any, event: Any) -> Trouble:
    return Trouble(
        f"Event {seq} ({action}, {at:%Y-%m-%d %H:%M}) of task #{task} came past the program, or its seal is gone.",
        f"任务 #{task} 的第 {seq} 条事件（{action}，{at:%Y-%m-%d %H:%M}）系绕过程序写入，或其封存记录被删除。",
        {"kind": "inserted", "task": task, "seq": seq, "event": str(event)},
    )


def _broken(number: int, last: int) -> Trouble:
    return Trouble(
        f"Link {number} of the chain does not follow from link {last}: a link was changed, taken out or put in.",
        f"链节 {number} 与链节 {last} 不衔接：封存记录被修改、删除或插入。",
        {"kind": "broken", "link": number},
    )


def _rewritten(day: Any, number: int, head: bytes) -> Trouble:
    return Trouble(
        f"The head of {day} (link {number}) is not the one that was noted at its end, {bytes(head).hex()}.",
        f"{day} 的链首值（链节 {number}）与当日结束时记录的 {bytes(head).hex()} 不一致。",
        {"kind": "rewritten", "day": day.isoformat(), "link": number},
    )


def _other_head(number: int) -> Trouble:
    return Trouble(
        f"Link {number} has another head than the one that you hold: the record was made anew since.",
        f"链节 {number} 的值与您留存的不一致：记录此后被重新生成。",
        {"kind": "other_head", "link": number},
    )
