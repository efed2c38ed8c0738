"""What keeps a file from being imported: one sentence with file, row or feature, and the remedy, in both languages."""

from __future__ import annotations

from geodata.errors import GeodataError

Words = tuple[str, str]


class ImportRefused(GeodataError):
    """The file can be read, but what it says cannot be stored."""

    code = "import_refused"
    en = "{why}."
    zh = "{why}。"
    remedy_en = "{hint}"
    remedy_zh = "{hint}"


def refused(why: Words, hint: Words, *, file: str | None = None, feature: int | None = None) -> ImportRefused:
    """The error for ``why`` with the remedy ``hint``, each (English, Chinese)."""
    return ImportRefused(file=file, feature=feature, why=why[0], why_zh=why[1], hint=hint[0], hint_zh=hint[1])
