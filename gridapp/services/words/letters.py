"""Letters to persons: what is due to one person goes as one e-mail, without what was read or overtaken meanwhile.

Nothing holds a transaction while the mail server is spoken to: which letters go as one e-mail, and what they say, is
noted before it is tried, and that it went right after the server took it. Where a process was killed in between, the
same goes again under the same Message-ID, and nothing that came meanwhile goes with it: that goes by itself, and does
not say again what was said.
"""

from __future__ import annotations

import smtplib
import uuid
from dataclasses import dataclass
from email.message import EmailMessage

from flask import current_app

from gridapp.config import Settings
from gridapp.db import commit, hot
from gridapp.services.deliveries.queue import PAUSES
from gridapp.services.words import mail, reading
from gridapp.services.words.reading import Message
from gridapp.timesource import now

PACK = """
with p as materialized (
  select person_id, gen_random_uuid() as parcel from letter
  where state = 'waiting' and next_at <= %(at)s and parcel is null group by person_id
)
update letter l set parcel = p.parcel, holds = array(
  select n.id from notice n where n.person_id = l.person_id and n.batch = l.batch and n.id <> all(l.told) order by n.id)
from p where l.person_id = p.person_id and l.state = 'waiting' and l.next_at <= %(at)s and l.parcel is null
"""
DUE = """
select l.person_id, p.name, case when c.confirmed_at is not null then c.email end, p.language,
  array_agg(l.id order by l.id), max(l.tries), l.parcel
from letter l join person p on p.id = l.person_id left join contact c on c.person_id = p.id
where l.state = 'waiting' and l.next_at <= %(at)s and l.parcel is not null
group by l.person_id, p.id, c.person_id, l.parcel order by min(l.next_at) limit 200
"""
NOTE = """
update letter set state = %(state)s, tries = tries + %(tried)s, error = %(error)s, next_at = coalesce(%(next)s, next_at)
where id = any(%(ids)s) and state = 'waiting'
"""
# What came to the batch while the letter waited or went is packed anew: nothing, where it went with this one.
SAID = """
update letter set error = null, told = told || holds, holds = '{}', again_at = null,
  state = case when again_at is not null then 'waiting' when told <> '{}' then 'done' else %(state)s end,
  next_at = coalesce(again_at, next_at), parcel = case when again_at is null then parcel end,
  tries = case when again_at is null then tries + %(tried)s else 0 end,
  done_at = case when again_at is null and (%(state)s = 'done' or told <> '{}') then %(at)s::timestamptz end
where id = any(%(ids)s) and state = 'waiting'
"""
UNPACK = "update letter set parcel = null, holds = '{}' where parcel = any(%s) and state = 'waiting'"
ERROR = 500

GREETINGS = {
    "en": ("Grid management: {first}", "Grid management: {count} messages", "Open: {url}"),
    "zh_CN": ("网格管理：{first}", "网格管理：{count} 条消息", "打开：{url}"),
}


@dataclass(frozen=True)
class _Bundle:
    """All letters that are due to one person."""

    person_id: uuid.UUID
    name: str
    email: str | None
    language: str
    ids: list[int]
    tries: int
    parcel: uuid.UUID


def send_due() -> int:
    """Send every letter that is due; none without a mail server, or while another process does.

    Returns:
        How many e-mails went out.
    """
    settings: Settings = current_app.extensions["settings"]
    with mail.turn_to_send(settings, "letters") as connection:
        if connection is None:
            return 0
        values = {"at": now()}
        connection.execute(PACK, values)
        rows = connection.execute(DUE, values).fetchall()
        return _send_all(settings, [_Bundle(*row) for row in rows])


def _send_all(settings: Settings, bundles: list[_Bundle]) -> int:
    """One connection for all; a server that fails is left alone until the next run, the letter that met it waits."""
    wanted = [(bundle, said) for bundle in bundles if (said := _still_to_say(bundle))]
    sent = tried = 0
    commit()  # what was read is known: no transaction waits for the mail server
    if not wanted:
        return sent
    try:
        with mail.server(settings) as server:
            for bundle, said in wanted:
                tried += 1
                sent += _send_one(settings, server, bundle, said)
    except mail.TROUBLE as error:
        _failed(wanted[max(tried - 1, 0)][0], f"{type(error).__name__}: {error}")
        _unpack([bundle for bundle, _ in wanted[tried:]])
    return sent


def _still_to_say(bundle: _Bundle) -> list[Message]:
    """What is left of it; a letter with nothing left is dropped."""
    said = reading.of_letters(bundle.person_id, bundle.ids) if bundle.email else []
    if not said:
        _said(bundle, "dropped")
    return said


def _send_one(settings: Settings, server: smtplib.SMTP, bundle: _Bundle, said: list[Message]) -> bool:
    refused = mail.send_one(server, _written(settings, bundle, said))
    if refused is not None:
        _failed(bundle, refused)
        _unpack([bundle])
        return False
    _said(bundle, "done", tried=1)
    return True


def _written(settings: Settings, bundle: _Bundle, said: list[Message]) -> EmailMessage:
    lines = [message.words(bundle.language) for message in said]
    alone, several, opens = GREETINGS["en" if bundle.language == "en" else "zh_CN"]
    subject = alone.format(first=lines[0]) if len(lines) == 1 else several.format(count=len(lines))
    url = f"{settings.public_url.rstrip('/')}/notices"
    to, words = (bundle.name, str(bundle.email)), [*lines, "", opens.format(url=url)]
    return mail.letter(settings, to, subject, words, f"letter.{bundle.parcel.hex}")


def _unpack(bundles: list[_Bundle]) -> None:
    """What the server certainly did not take may go with what comes meanwhile."""
    with hot() as connection:
        connection.execute(UNPACK, ([bundle.parcel for bundle in bundles],))


def _failed(bundle: _Bundle, error: str) -> None:
    last = bundle.tries >= len(PAUSES)
    values = {
        "ids": bundle.ids,
        "state": "failed" if last else "waiting",
        "tried": 1,
        "error": error[:ERROR],
        "next": None if last else now() + PAUSES[bundle.tries],
    }
    with hot() as connection:
        connection.execute(NOTE, values)


def _said(bundle: _Bundle, state: str, *, tried: int = 0) -> None:
    with hot() as connection:
        connection.execute(SAID, {"ids": bundle.ids, "state": state, "tried": tried, "at": now()})
