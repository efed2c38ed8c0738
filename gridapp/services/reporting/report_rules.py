"""What a report must carry, by the catalogue: fields, photos, severity; and what self-handling needs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from geodata import crs
from geodata.errors import GeodataError
from gridapp.access import Principal
from gridapp.db import hot
from gridapp.errors import Field as Wrong
from gridapp.errors import Problem
from gridapp.services.editions.categories import CategoryFacts, wrong_condition
from gridapp.services.ground.locate import leaf_sql
from gridapp.services.moments import Moment
from gridapp.services.pictures.photos import CARRIED
from gridapp.services.reporting.phone_facts import PhotoNotes, PositionNote

Words = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$", strip_whitespace=True)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Photos = Annotated[tuple[Sha256, ...], Field(max_length=20)]

MISSING = f"""(
  select array_agg(distinct p.sha256) from unnest(%(photos)s::text[]) as p (sha256)
  where not exists (select 1 from photo f where f.sha256 = p.sha256 and (
    exists (select 1 from photo_upload u where u.sha256 = p.sha256 and u.person_id = %(reporter)s)
    or exists (select 1 from task_photo tp join task_event e on e.id = tp.event_id
               join task xt on xt.id = tp.task_id join grid xg on xg.id = xt.grid_id
               where tp.sha256 = p.sha256 and xg.path && %(scope_ids)s::bigint[] and {CARRIED}))))"""


class Strict(BaseModel):
    """A body that says nothing unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Location(Strict):
    """A point as a phone sends it: degrees in ``crs``, accuracy in metres."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    crs: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84"
    accuracy: float | None = Field(None, ge=0, le=1_000_000)
    mock: bool = False


class SelfHandled(Strict):
    """What was done on the spot."""

    note: Words
    photos: Photos = ()
    handled_at: Moment


class Report(Strict):
    """A report, whole."""

    category: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
    catalogue_version: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")] | None = None
    description: Words
    location: Location | None = None
    address: Words | None = None
    reported_at: Moment
    severity: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")] | None = None
    photos: Photos = ()
    fields: dict[str, Any] = Field(default_factory=dict, max_length=50)
    condition: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")] | None = None
    duplicate_of: uuid.UUID | None = None
    self_handled: SelfHandled | None = None
    position: PositionNote | None = None
    photo_facts: PhotoNotes = ()

    @field_validator("fields")
    @classmethod
    def _has_numbers_that_travel(cls, fields: dict[str, Any]) -> dict[str, Any]:
        try:
            orjson.dumps(fields)
        except TypeError as error:
            raise PydanticCustomError("number_too_large", "A number is too large") from error
        return fields

    @model_validator(mode="after")
    def _has_a_place(self) -> Report:
        if self.location is None and self.address is None:
            raise ValueError("location or address")
        return self


class Point(Strict):
    """Degrees in WGS 84."""

    lon: float
    lat: float


def point_of(report: Report) -> Point | None:
    """The report's place in WGS 84, or None where only an address is known."""
    if report.location is None:
        return None
    lon, lat = wgs84(report.location)
    return Point(lon=lon, lat=lat)


def wgs84(location: Location) -> tuple[float, float]:
    """A location in WGS 84, rounded to 9 decimals, the precision that events keep.

    Raises:
        Problem: ``invalid`` where it is no place, axes swapped in China among it.
    """
    try:
        lon, lat = crs.to_wgs84(location.lon, location.lat, location.crs)
    except GeodataError as error:
        words = Wrong(error.code, error.message_en, error.message_zh)
        raise Problem("invalid", errors={"location": words}) from error
    return round(lon, 9), round(lat, 9)


def check(report: Report, facts: CategoryFacts, *, hotline: bool) -> None:
    """Refuse a report that lacks what its category asks for; a call on the hotline has no photos to ask for.

    Raises:
        Problem: ``invalid`` naming every field that is missing or wrong.
    """
    wrong: dict[str, Wrong] = {}
    if not hotline and len(report.photos) < facts.photos_before:
        wrong["photos"] = _photos_wanted(facts.photos_before)
    if report.severity is not None and report.severity not in facts.severities:
        wrong["severity"] = Wrong("unknown", "Choose a severity of the category.", "请选择该类别的严重程度。")
    if (unknown := wrong_condition(facts, report.condition)) is not None:
        wrong["condition"] = unknown
    _check_fields(report.fields, facts, wrong)
    if report.self_handled:
        _check_self_handled(report, facts, wrong)
    if wrong:
        raise Problem("invalid", errors=wrong)


def _photos_wanted(count: int) -> Wrong:
    return Wrong("photos_wanted", f"This category asks for {count} photo(s).", f"该类别需要至少 {count} 张照片。")


def _check_self_handled(report: Report, facts: CategoryFacts, wrong: dict[str, Wrong]) -> None:
    if not facts.self_handle:
        wrong["self_handled"] = Wrong(
            "not_allowed", "This category is not handled on the spot. Report it.", "该类别不适用自行处置，请上报。"
        )
    if not report.photos:
        wrong["photos"] = _photos_wanted(max(1, facts.photos_before))
    if report.self_handled and len(report.self_handled.photos) < max(1, facts.photos_after):
        wrong["self_handled.photos"] = _photos_wanted(max(1, facts.photos_after))


_TYPES: dict[str, tuple[type, ...]] = {"text": (str,), "number": (int, float), "choice": (str,), "boolean": (bool,)}


def _check_fields(given: dict[str, Any], facts: CategoryFacts, wrong: dict[str, Wrong]) -> None:
    known = {str(field["key"]): field for field in facts.fields}
    for key in given.keys() - known.keys():
        wrong[f"fields.{key}"] = Wrong("unknown", "The category has no such field.", "该类别没有此字段。")
    for key, field in known.items():
        value = given.get(key)
        name = str(field["en"]), str(field["zh"])
        if value is None or value == "":
            if field.get("required"):
                wrong[f"fields.{key}"] = Wrong("required", "This field is required.", "此项必填。", name)
        elif not _fits(value, field):
            says = "This value does not fit the field.", "该值不符合字段要求。"
            wrong[f"fields.{key}"] = Wrong("wrong_type", *says, name)


LARGEST = 1e15
"""Beyond it the database gives a number back as digits that no JSON reader takes for a number of 64 bits."""


def _fits(value: Any, field: dict[str, Any]) -> bool:
    kind = str(field.get("type", "text"))
    if isinstance(value, bool) != (kind == "boolean") or not isinstance(value, _TYPES[kind]):
        return False
    if isinstance(value, int | float):
        return abs(value) <= LARGEST
    if kind == "choice":
        return value in {str(choice["code"]) for choice in field.get("choices", ())}
    return not isinstance(value, str) or (len(value) <= 4000 and "\x00" not in value)  # noqa: PLR2004  # as ``Words``


def own_post(who: Principal, point: Point | None, at: dt.datetime) -> tuple[uuid.UUID, list[int]]:
    """The post of the worker in whose grid the point lies, and the path of the deepest grid that holds it.

    Raises:
        Problem: ``forbidden`` outside the own grid: on-the-spot handling is for the worker of the grid.
    """
    if point is not None and who.post_ids:
        sql = (
            "with place as (select ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) as p) "
            "select po.id, g.path from place join boundary b on b.id = "
            + leaf_sql("place.p", "%(at)s")
            + " join grid g on g.id = b.grid_id join post po on po.grid_id = any(g.path) "
            "where po.id = any(%(posts)s) and po.kind = 'worker' limit 1"
        )
        with hot() as connection:
            values = {"lon": point.lon, "lat": point.lat, "at": at, "posts": list(who.post_ids)}
            row = connection.execute(sql, values).fetchone()
        if row:
            return uuid.UUID(str(row[0])), row[1]
    raise Problem(
        "forbidden",
        why=("handle on the spot only in your own grid; report it instead", "只能在自己的网格内自行处置，请改为上报"),
    )


def missing(who: Principal, photos: list[str]) -> list[str]:
    """Which of these photos are not here for this person."""
    with hot() as connection:
        values = {"photos": photos, "reporter": who.person_id, "scope_ids": list(who.scope_ids)}
        row = connection.execute(f"select {MISSING}", values).fetchone()
    return sorted(row[0] or []) if row else []
