"""Photos made for tests: with EXIF that tells a place, turned, broken, dangerous."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from functools import cache

import pillow_heif
from PIL import Image

GPS_IFD = 0x8825
ORIENTATION = 0x0112
MAKER = 0x010F


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def exif(orientation: int = 1) -> Image.Exif:
    """A phone's words beside its picture: how it was held, and where."""
    words = Image.Exif()
    words[ORIENTATION] = orientation
    words[MAKER] = "Made-up Phone"
    words.get_ifd(GPS_IFD).update({1: "N", 2: (28.0, 42.0, 18.0), 3: "E", 4: (104.0, 36.0, 18.0)})
    return words


def drawn(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """The left half dark, the right half light, so that turning shows."""
    picture = Image.new(mode, (width, height), "#204060")
    picture.paste(Image.new(mode, (width - width // 2, height), "#e0d0a0"), (width // 2, 0))
    return picture


def photo(kind: str = "JPEG", *, width: int = 640, height: int = 480, orientation: int = 1) -> bytes:
    """A whole picture with EXIF."""
    out = io.BytesIO()
    if kind == "HEIC":
        pillow_heif.from_pillow(drawn(width, height)).save(out, exif=exif(orientation).tobytes(), quality=80)
    else:
        drawn(width, height).save(out, kind, exif=exif(orientation))
    return out.getvalue()


def huge_png(side: int = 50_000) -> bytes:
    """A PNG of side x side grey pixels that are all alike: small to send, gigabytes to hold."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    row = b"\0" * (side + 1)
    pixels = b"".join(packer.compress(row) for _ in range(100)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def box(kind: bytes, content: bytes = b"") -> bytes:
    """A box of a film."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def film(
    place: bytes = b"+28.7050+104.6050/",
    frames: bytes = b"\x00" * 1000,
    *,
    brand: bytes = b"isom",
    tracks: tuple[bytes, ...] = (),
    seconds: int = 5,
) -> bytes:
    """The boxes of an MP4 that says where it was taken, and how long it is; nobody could watch it."""
    said = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(place), 0x15C7) + place))
    kinds = b"".join(box(b"mdia", box(b"hdlr", b"\0" * 8 + kind + b"\0" * 13)) for kind in tracks)
    track = box(b"trak", box(b"tkhd", b"\0" * 84) + kinds + said)
    head = b"\0" * 12 + struct.pack(">II", 1000, seconds * 1000) + b"\0" * 80
    return (
        box(b"ftyp", brand + b"\0\0\2\0isomiso2mp41")
        + box(b"moov", box(b"mvhd", head) + track + said)
        + box(b"mdat", frames)
    )


@cache
def heavy(seed: int = 1) -> bytes:
    """A picture of about 6 MB, as a camera's own is: noise cannot be packed."""
    width, height, out = 3000, 3000, io.BytesIO()
    noise = random.Random(seed).randbytes(width * height * 3)  # noqa: S311  # the same each time
    Image.frombytes("RGB", (width, height), noise).save(out, "JPEG", quality=80, exif=exif())
    return out.getvalue()


def streamed_film(seconds: int, *, starts: bool = True) -> bytes:
    """An MP4 as a recorder in a browser writes it: a head without a length, and a fragment a second that tells its own.

    Without ``starts`` the fragments do not say when they begin.
    """
    track, scale, rate = 1, 1000, 10
    head = box(b"mvhd", b"\0" * 12 + struct.pack(">II", scale, 0) + b"\0" * 80)
    media = box(b"mdhd", b"\0" * 12 + struct.pack(">II", scale, 0) + b"\0" * 4)
    media += box(b"hdlr", b"\0" * 8 + b"soun" + b"\0" * 13)
    trak = box(b"trak", box(b"tkhd", b"\0" * 12 + struct.pack(">I", track) + b"\0" * 68) + box(b"mdia", media))
    usual = box(b"mvex", box(b"trex", struct.pack(">6I", 0, track, 1, scale // rate, 0, 0)))
    parts = [box(b"ftyp", b"iso5\0\0\2\0iso5iso6mp41"), box(b"moov", head + trak + usual)]
    for second in range(seconds):
        told = struct.pack(f">I{rate}I", rate, *[scale // rate] * rate)
        run = box(b"trun", struct.pack(">I", 0x100) + told) if second % 2 else box(b"trun", struct.pack(">II", 0, rate))
        begins = box(b"tfdt", struct.pack(">II", 0, second * scale)) if starts else b""
        fragment = box(b"tfhd", struct.pack(">II", 0, track)) + begins + run
        parts += [box(b"moof", box(b"mfhd", b"\0" * 8) + box(b"traf", fragment)), box(b"mdat", b"\0" * 100)]
    return b"".join(parts)
