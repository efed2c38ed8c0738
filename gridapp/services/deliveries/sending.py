"""One try to hand a message to its receiver: no redirects, bounded in time and in what is read of the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass

import urllib3
from urllib3.exceptions import HTTPError

from gridapp import __version__
from gridapp.config import Settings
from gridapp.services.deliveries import reach, signing
from gridapp.timesource import now

TIMEOUT = urllib3.Timeout(connect=5.0, read=15.0)
HEARD = 2000
"""Bytes of an answer that are kept."""
GOOD = range(200, 300)


@dataclass(frozen=True)
class Parcel:
    """A message about to be sent."""

    url: str
    message_id: str
    body: bytes
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a try: the status answered, or why there was none."""

    status: int | None
    error: str | None
    took_ms: int

    @property
    def good(self) -> bool:
        """Whether the receiver has it."""
        return self.status in GOOD


def send(settings: Settings, parcel: Parcel) -> Outcome:
    """Try once; whatever goes wrong is an outcome."""
    began = time.monotonic()
    try:
        status, heard = _post(reach.look_up(settings, parcel.url), parcel)
        error = None if status in GOOD else heard
    except reach.Unreachable as refusal:
        status, error = None, str(refusal)
    except (HTTPError, OSError) as trouble:
        status, error = None, f"{type(trouble).__name__}: {trouble}"
    return Outcome(status, error[:HEARD] if error else None, round((time.monotonic() - began) * 1000))


def _post(target: reach.Target, parcel: Parcel) -> tuple[int, str]:
    headers = {
        "Host": target.name,
        "Content-Type": "application/json",
        "User-Agent": f"gridapp/{__version__}",
        **signing.headers(parcel.message_id, now(), parcel.body, parcel.keys),
    }
    with _pool(target) as pool:
        answer = pool.request(
            "POST",
            target.path,
            body=parcel.body,
            headers=headers,
            redirect=False,
            retries=False,
            timeout=TIMEOUT,
            preload_content=False,
            decode_content=False,
        )
        heard = b"" if answer.status in GOOD else answer.read(HEARD) or b""
        answer.close()
    return answer.status, heard.decode("utf-8", "replace").replace("\0", "")


def _pool(target: reach.Target) -> urllib3.HTTPConnectionPool:
    """A pool for one request to the checked address; the certificate must be that of the receiver's name."""
    if target.secure:
        return urllib3.HTTPSConnectionPool(
            target.address, target.port, server_hostname=target.host, assert_hostname=target.host, maxsize=1
        )
    return urllib3.HTTPConnectionPool(target.address, target.port, maxsize=1)
