"""Filing reports, and finding what was reported already."""

from __future__ import annotations

import uuid

from flask import Response

from gridapp.doors import principal
from gridapp.services import duplicates
from gridapp.services.reporting import reports
from gridapp.services.reporting.report_rules import Location, Report, wgs84
from mobile_api.answers import answer, conditional
from mobile_api.calls import DEVICE_TIME, IF_NONE_MATCH, UNCHANGED, Answer, call
from mobile_api.schemas import Crs, Lat, Line, Lon, Query
from mobile_api.shapes.tasks import Reported, SimilarTasks


class SimilarQuery(Query):
    """A category and a point."""

    category: Line
    lon: Lon
    lat: Lat
    crs: Crs = "wgs84"


@call(
    "PUT",
    "/reports/<uuid:report_id>",
    permission="task.report",
    body=Report,
    answers={
        201: Answer("The task", Reported, headers=("ETag",)),
        200: Answer("The same task as when it was sent before", Reported, headers=("ETag",)),
    },
    problems=("id_reused",),
    reads_headers=DEVICE_TIME,
)
def file_report(report_id: uuid.UUID, body: Report) -> Response:
    """File a report, whole; sending it again is harmless."""
    task, created = reports.file_report(principal(), report_id, body)
    return answer(task, 201 if created else 200, etag=str(task["version"]))


@call(
    "GET",
    "/reports/similar",
    permission="task.read",
    query=SimilarQuery,
    answers={200: Answer("At most ten, nearest first", SimilarTasks, headers=("ETag",)), 304: UNCHANGED},
    reads_headers=IF_NONE_MATCH,
)
def similar(query: SimilarQuery) -> Response:
    """Find open tasks that may be the same matter."""
    lon, lat = wgs84(Location(lon=query.lon, lat=query.lat, crs=query.crs, accuracy=None))
    return conditional({"items": duplicates.similar(principal(), query.category, lon, lat)})
