"""What was said is forgotten after a while: messages that nobody waits for any more, and letters that went out.

What was not read and still holds, what was not sent, and what was refused and waits for somebody stays, however old.
The record of tasks is none of it: events and photos are never deleted.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from gridapp.db import session

# A message goes whole: its first notice is what the others and the feed know it by.
NOTICES = text("""
delete from notice where coalesce(head_id, id) in (
  select coalesce(n.head_id, n.id) from notice n group by 1
  having bool_and((n.read_at is not null or n.overtaken_at is not null) and n.at < :before
    and coalesce(n.read_at, n.overtaken_at) < :before)
) and not exists (select from outbox o where o.kind = 'notice' and o.key = notice.id::text)
""")
LETTERS = text("delete from letter where state in ('done', 'dropped') and coalesce(done_at, created_at) < :before")
LINKS = text("""
update contact set confirm_hash = null, confirm_until = null where confirm_until < :before
""")


def forget_notices(before: dt.datetime) -> int:
    """Forget messages of which everything was read, or overtaken, before a time; how many notices went."""
    return int(session.execute(NOTICES, {"before": before}).rowcount)  # type: ignore[attr-defined]


def forget_letters(before: dt.datetime) -> int:
    """Forget letters that went out, or were no longer needed, before a time; how many went."""
    session.execute(LINKS, {"before": before})
    return int(session.execute(LETTERS, {"before": before}).rowcount)  # type: ignore[attr-defined]
