"""Pictures by their bytes: which kind they are, whether they are whole, and smaller ones made of them.

The kind is what the bytes say, whatever a name or a header claims. The size is read from the head and checked before
a pixel is decoded; one picture is decoded at a time in a process, so that memory stays bounded.
"""

from __future__ import annotations

import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageOps

from gridapp.errors import Problem, invalid

pillow_heif.register_heif_opener()

HEAD = 16
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}
HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
SIZES = {"thumb": 320, "screen": 2048}
"""Long sides in pixels."""
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What Pillow's readers raise on bytes that are not what they say."""

_decoding = threading.Lock()


def kind_of(head: bytes, film_brands: frozenset[bytes]) -> str | None:
    """Media type by the first 16 bytes, or None for anything that is not taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return "image/heic" if brand in HEIC_BRANDS else "video/mp4" if brand in film_brands else None
    return None


def check(path: Path, mime: str, most_pixels: int) -> tuple[int, int]:
    """Width and height of a whole picture.

    Raises:
        Problem: ``too_large`` beyond ``most_pixels``, ``invalid`` where it is damaged.
    """
    with _opened(path, mime, most_pixels) as picture:
        size = picture.size
        picture.draft("RGB", (SIZES["thumb"], SIZES["thumb"]))  # a JPEG is read whole, but at an eighth of its size
        picture.load()
    return size


def shrink(path: Path, mime: str, most_pixels: int, size: str) -> bytes:
    """Make a JPEG of it, upright, its long side at most that of ``SIZES``, with nothing that its EXIF said.

    The bytes are handed over, because Pillow writing to a file says nothing when a full disk takes only some of them.

    Raises:
        Problem: as ``check``.
    """
    side = SIZES[size]
    with _opened(path, mime, most_pixels) as picture:
        picture.draft("RGB", (side, side))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        flat = _flat(upright)
        made = io.BytesIO()
        flat.save(made, "JPEG", quality=82, progressive=True, icc_profile=picture.info.get("icc_profile"))
    return made.getvalue()


def glance(
    path: Path, mime: str, most_pixels: int, greys: tuple[int, int]
) -> tuple[bytes, dict[int, Any], dict[int, Any]]:
    """A picture at a glance: upright in a few greys, what its camera wrote, and of that what it wrote of its place.

    Raises:
        Problem: as ``check``.
    """
    with _opened(path, mime, most_pixels) as picture:
        exif = picture.getexif()
        said, place = dict(exif.get_ifd(ExifTags.IFD.Exif)), dict(exif.get_ifd(ExifTags.IFD.GPSInfo))
        picture.draft("L", (128, 128))
        small = ImageOps.exif_transpose(_flat(picture)).convert("L")
        return small.resize(greys, Image.Resampling.LANCZOS, reducing_gap=3.0).tobytes(), said, place


@contextmanager
def _opened(path: Path, mime: str, most_pixels: int) -> Iterator[Image.Image]:
    with _decoding, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(path, formats=[FORMATS[mime]]) as picture:
                if picture.width * picture.height > most_pixels:
                    raise _too_large(most_pixels)
                yield picture
        except Image.DecompressionBombError as error:
            raise _too_large(most_pixels) from error
        except BROKEN as error:
            raise invalid(
                photo=("damaged", "The picture is damaged. Send it again.", "图片已损坏，请重新发送。")
            ) from error


def _too_large(most_pixels: int) -> Problem:
    return Problem("too_large", limit=(f"{most_pixels // 1_000_000} megapixels", f"{most_pixels // 10_000} 万像素"))


def _flat(picture: Image.Image) -> Image.Image:
    """Without transparency: what was clear becomes white."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        ground = Image.new("RGB", clear.size, "white")
        ground.paste(clear, mask=clear.getchannel("A"))
        return ground
    return picture.convert("RGB")
