"""Fills the marked parts of README.md and docs/*.md from the code."""

import sys

from scripts.docs.pages import PAGES, filled


def main() -> None:
    """Write each page that is not fresh, and name it."""
    for page in PAGES:
        text = filled(page.read_text())
        if text != page.read_text():
            page.write_text(text)
            sys.stdout.write(f"{page.name} written\n")


main()
