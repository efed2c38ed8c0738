"""How long an MP4 lasts, by what its boxes say: its head, its tracks or, where a recorder streamed it, its fragments.

ISO/IEC 14496-12, 8.2.2 (mvhd), 8.4.2 (mdhd), 8.8 (mehd, trex, tfhd, tfdt, trun). A recorder in a browser writes a head
without a length and says in each fragment how long its samples last. Of several lengths the longest counts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from gridapp.services.pictures.photo_films import Box, boxes

HEAD_BYTES = 36
DEFAULT_DURATION = 0x08
BEFORE_DEFAULT = ((0x01, 8), (0x02, 4))
"""What stands in ``tfhd`` before the default duration, by its flag, and how many bytes it takes."""
OFFSET, FIRST_FLAGS, DURATION = 0x01, 0x04, 0x100
PER_SAMPLE = (0x100, 0x200, 0x400, 0x800)
MOST_SAMPLES = 1_000_000


@dataclass
class _Track:
    """A track: units a second, the usual length of a sample in them, and where its last fragment ends."""

    scale: int = 0
    length: int = 0
    usual: int = 0
    ends: int = 0

    @property
    def seconds(self) -> float:
        return max(self.length, self.ends) / self.scale if self.scale else 0.0


@dataclass
class _Film:
    seconds: float = 0.0
    scale: int = 0
    tracks: dict[int, _Track] = field(default_factory=dict)


def seconds_of(path: Path) -> float | None:
    """How long a film lasts; None where none of its boxes says so."""
    film = _Film()
    with path.open("rb") as file:
        for box in boxes(file, 0, path.stat().st_size):
            if box.kind == b"moov":
                _read_head(file, box, film)
            elif box.kind == b"moof":
                for traf in _inside(file, box, b"traf"):
                    _read_fragment(file, traf, film)
    longest = max([film.seconds, *(track.seconds for track in film.tracks.values())])
    return longest or None


def _read_head(file: BinaryIO, moov: Box, film: _Film) -> None:
    for box in boxes(file, moov.content, moov.end):
        if box.kind == b"mvhd":
            film.scale, length = _timed(_content(file, box))
            film.seconds = max(film.seconds, length / film.scale if film.scale else 0.0)
        elif box.kind == b"trak":
            _read_track(file, box, film)
        elif box.kind == b"mvex":
            _read_extension(file, box, film)


def _read_track(file: BinaryIO, trak: Box, film: _Film) -> None:
    track = _Track()
    for box in boxes(file, trak.content, trak.end):
        if box.kind == b"tkhd":
            head = _content(file, box)
            at = 20 if head[:1] == b"\x01" else 12
            film.tracks[int.from_bytes(head[at : at + 4])] = track
        elif box.kind == b"mdia":
            for mdhd in _inside(file, box, b"mdhd"):
                track.scale, track.length = _timed(_content(file, mdhd))


def _read_extension(file: BinaryIO, mvex: Box, film: _Film) -> None:
    for box in boxes(file, mvex.content, mvex.end):
        said = _content(file, box)
        if box.kind == b"mehd" and film.scale:
            length = int.from_bytes(said[4:12] if said[:1] == b"\x01" else said[4:8])
            film.seconds = max(film.seconds, length / film.scale)
        elif box.kind == b"trex":
            film.tracks.setdefault(int.from_bytes(said[4:8]), _Track()).usual = int.from_bytes(said[12:16])


def _read_fragment(file: BinaryIO, traf: Box, film: _Film) -> None:
    """Where the fragment of a track ends: where it begins, else where the one before ended, and its samples."""
    track, usual, begins, samples = _Track(), 0, None, 0
    for box in boxes(file, traf.content, traf.end):
        said = _content(file, box)
        if box.kind == b"tfhd":
            track = film.tracks.setdefault(int.from_bytes(said[4:8]), _Track())
            usual = _usual(said) or track.usual
        elif box.kind == b"tfdt":
            begins = int.from_bytes(said[4:12] if said[:1] == b"\x01" else said[4:8])
        elif box.kind == b"trun":
            samples += sum(_samples(_whole(file, box), usual))
    track.ends = max(track.ends, (track.ends if begins is None else begins) + samples)


def _usual(tfhd: bytes) -> int:
    flags = int.from_bytes(tfhd[1:4])
    if not flags & DEFAULT_DURATION:
        return 0
    at = 8 + sum(size for flag, size in BEFORE_DEFAULT if flags & flag)
    return int.from_bytes(tfhd[at : at + 4])


def _samples(trun: bytes, usual: int) -> Iterable[int]:
    """How long each sample lasts; those that say nothing last as long as usual."""
    flags, count = int.from_bytes(trun[1:4]), min(int.from_bytes(trun[4:8]), MOST_SAMPLES)
    if not flags & DURATION:
        return [usual * count]
    at = 8 + 4 * sum(bool(flags & flag) for flag in (OFFSET, FIRST_FLAGS))
    words = sum(bool(flags & flag) for flag in PER_SAMPLE)
    told = trun[at : at + 4 * words * count]
    whole = len(told) - len(told) % (4 * words)
    return (sample[0] for sample in struct.iter_unpack(f">{words}I", told[:whole]))


def _timed(head: bytes) -> tuple[int, int]:
    """Units a second and the length in them, of ``mvhd`` and ``mdhd`` alike; a length that is not known is 0."""
    scale, length = (head[20:24], head[24:32]) if head[:1] == b"\x01" else (head[12:16], head[16:20])
    unknown = (1 << (8 * len(length))) - 1  # written so by a recorder that streams
    units = int.from_bytes(length)
    return int.from_bytes(scale), 0 if units == unknown else units


def _inside(file: BinaryIO, box: Box, kind: bytes) -> Iterator[Box]:
    return (one for one in boxes(file, box.content, box.end) if one.kind == kind)


def _content(file: BinaryIO, box: Box) -> bytes:
    file.seek(box.content)
    return file.read(min(HEAD_BYTES, box.end - box.content))


def _whole(file: BinaryIO, box: Box) -> bytes:
    file.seek(box.content)
    return file.read(box.end - box.content)
