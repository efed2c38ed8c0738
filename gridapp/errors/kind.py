"""What a kind of problem is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of problem: HTTP status and the sentence in English and Chinese, with ``{names}`` of parameters."""

    status: int
    en: str
    zh: str
