"""Photos: taken by their bytes, kept once under their SHA-256, shown to who uploaded them or sees a task with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.dialects.postgresql import insert

from gridapp.access import HANDLER, Principal
from gridapp.config import Settings
from gridapp.db import flush, hot, session
from gridapp.errors import Problem, invalid
from gridapp.models import Photo, PhotoUpload
from gridapp.services import scope
from gridapp.services.pictures import photo_files, photo_film_length, photo_films, photo_pictures
from gridapp.timesource import now

SHA256 = re.compile(r"\A[0-9a-f]{64}\Z")
KINDS = ("image/jpeg", "image/png", "image/webp", "image/heic", "video/mp4", "audio/mp4")
FILM, SOUND = "video/mp4", "audio/mp4"
FILMS = (FILM, SOUND)

CARRIED = """(
  e.actor_id is null or not exists (select 1 from photo_upload u where u.sha256 = tp.sha256)
  or exists (select 1 from photo_upload u where u.sha256 = tp.sha256 and u.person_id = e.actor_id))"""
"""Whether the event ``e`` truly brought its photo ``tp``: naming a stranger's photo opens it to nobody."""

SEEN = f"""
select p.mime, p.size,
  exists (select 1 from photo_upload u where u.sha256 = p.sha256 and u.person_id = %(person)s) as own,
  carried.seen, carried.handles
from photo p
cross join lateral (
  select count(*) > 0 as seen, bool_or(
    t.assignee_post_id = any(%(scope_posts)s::uuid[]) or t.assignee_unit_id = %(handling_unit)s::uuid
    or %(person)s = any(t.handlers)) as handles
  from task_photo tp join task_event e on e.id = tp.event_id
  join task t on t.id = tp.task_id join grid g on g.id = t.grid_id
  where tp.sha256 = p.sha256 and {scope.TASK_SQL.format(grid="g", task="t")} and {CARRIED}
) carried
where p.sha256 = %(sha256)s
"""


@dataclass(frozen=True)
class Facts:
    """What a photo is: its type by its bytes, its size in bytes, and in pixels where it is a picture."""

    mime: str
    size: int
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Shown:
    """A file to send."""

    path: Path
    mime: str


def put(who: Principal, settings: Settings, sha256: str, stream: BinaryIO) -> bool:
    """Keep a photo whose bytes come in ``stream``; whether it is new for this person.

    Raises:
        Problem: ``invalid`` for a name that is no SHA-256 or a damaged picture, ``too_large``, ``wrong_type``,
            ``film_length``, ``checksum_differs``, or ``busy`` where the disk is full; nothing is kept then.
    """
    check_name(sha256)
    with photo_files.receiving(settings.instance, stream, settings.photo_max_bytes) as received:
        if received.sha256 != sha256:
            raise Problem("checksum_differs")
        facts = examine(received.path, settings)
        photo_files.keep(received.path, photo_files.path_of(settings.instance, sha256))
    return record(who, sha256, facts)


def check_name(sha256: str) -> None:
    """Refuse a name that is no SHA-256.

    Raises:
        Problem: ``invalid``.
    """
    if not SHA256.match(sha256):
        raise invalid(sha256=("pattern", "Name it by its SHA-256, 64 hex digits.", "请以 64 位十六进制 SHA-256 命名。"))


def examine(path: Path, settings: Settings) -> Facts:
    """What the bytes are, looked at whole.

    Raises:
        Problem: ``wrong_type``, ``too_large`` in pixels or seconds, ``film_length``, or ``invalid`` where damaged.
    """
    mime = _kind(path, settings.film_max_seconds)
    width, height = _size(path, mime, settings)
    return Facts(mime, path.stat().st_size, width, height)


def record(who: Principal, sha256: str, facts: Facts) -> bool:
    """Note that a photo lies on disk and that this person sent it; whether that is new."""
    values = {"mime": facts.mime, "size": facts.size, "width": facts.width, "height": facts.height}
    session.execute(insert(Photo).values(sha256=sha256, received_at=now(), **values).on_conflict_do_nothing())
    added = session.execute(
        insert(PhotoUpload)
        .values(sha256=sha256, person_id=who.person_id, at=now())
        .on_conflict_do_nothing()
        .returning(PhotoUpload.sha256)
    ).first()
    flush()
    return added is not None


def show(who: Principal, settings: Settings, sha256: str, size: str) -> Shown:
    """The file of a photo in a size: ``thumb``, ``screen`` (both without what the camera wrote beside) or ``original``.

    The original may tell where it was taken, so only its uploader and those who handle a task with it get it. A film
    has no thumb; its ``screen`` is the film without its metadata.

    Raises:
        Problem: ``not_found`` where it is not here for this person; ``forbidden`` for another's original.
    """
    row = _seen(who, sha256)
    if row is None:
        raise Problem("not_found")
    mime, _, own, _, handles = row
    if size == "original":
        if not (own or handles):
            raise Problem("forbidden", why=("the original is for those who handle the task", "原图仅限处置人员查看"))
        return Shown(photo_files.path_of(settings.instance, sha256), mime)
    return _derived(settings, sha256, mime, size)


def size_of(who: Principal, sha256: str) -> int | None:
    """Bytes of a photo that is here for this person, None where it is not."""
    row = _seen(who, sha256)
    return None if row is None else int(row[1])


def _seen(who: Principal, sha256: str) -> tuple[str, int, bool, bool, bool] | None:
    """Type, size, and whether it is their own, seen by them, handled by them; None where it is not theirs to see."""
    values = {
        "sha256": sha256,
        "person": who.person_id,
        "handling_unit": who.unit_id if who.role == HANDLER else None,
        **scope.params(who),
    }
    with hot() as connection:
        row = connection.execute(SEEN, values).fetchone()
    return row if row is not None and (row[2] or row[3]) else None


def _derived(settings: Settings, sha256: str, mime: str, size: str) -> Shown:
    """The smaller one, made at its first showing and kept."""
    source = photo_files.path_of(settings.instance, sha256)
    target = photo_files.path_of(settings.instance, sha256, f".{size}")
    if mime in FILMS and size == "thumb":
        raise Problem("not_found")
    if not target.exists():
        with photo_files.writing(target) as file:
            if mime in FILMS:
                photo_films.without_metadata(source, file)
            else:
                file.write(photo_pictures.shrink(source, mime, settings.photo_max_pixels, size))
    return Shown(target, mime if mime in FILMS else "image/jpeg")


def _kind(path: Path, most_seconds: int) -> str:
    with path.open("rb") as file:
        head = file.read(photo_pictures.HEAD)
    mime = photo_pictures.kind_of(head, photo_films.BRANDS)
    if mime is None or (mime == FILM and not photo_films.is_film(path)):
        raise Problem("wrong_type", type=("unknown", "未知"), known="JPEG, PNG, WebP, HEIC, MP4, M4A")
    return _checked_film(path, most_seconds) if mime == FILM else mime


def _checked_film(path: Path, most_seconds: int) -> str:
    """Film or voice note, by its tracks and not by its brand.

    Raises:
        Problem: ``too_large`` where it lasts longer than a film may, ``film_length`` where nothing in it says how long.
    """
    seconds = photo_film_length.seconds_of(path)
    if seconds is None:
        raise Problem("film_length", most=most_seconds)
    if seconds > most_seconds:
        raise Problem("too_large", limit=(f"{most_seconds} s", f"{most_seconds} 秒"))
    return SOUND if photo_films.content_of(path).only_sound else FILM


def _size(path: Path, mime: str, settings: Settings) -> tuple[int | None, int | None]:
    if mime in FILMS:
        return None, None
    return photo_pictures.check(path, mime, settings.photo_max_pixels)
