"""Finished tiles kept in memory, at most so many bytes, the least recently used dropped first."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock


class BlobCache:
    """Blobs by key, shared by the threads of a process.

    Args:
        max_bytes: bytes of all blobs together; a blob larger than that is not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.held_bytes = 0
        self._blobs: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...]) -> bytes | None:
        """The blob, now the most recently used; None where it is not held."""
        with self._lock:
            blob = self._blobs.get(key)
            if blob is not None:
                self._blobs.move_to_end(key)
            return blob

    def put(self, key: tuple[object, ...], blob: bytes) -> None:
        """Keep the blob, and drop old ones until all fit."""
        with self._lock:
            self.held_bytes += len(blob) - len(self._blobs.pop(key, b""))
            self._blobs[key] = blob
            while self.held_bytes > self.max_bytes:
                self.held_bytes -= len(self._blobs.popitem(last=False)[1])
