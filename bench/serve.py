"""Serve a module's ``app`` by the production stack: ``python -m bench.serve MODULE PORT``."""

from __future__ import annotations

import sys

from gridapp.config import read_settings
from gridapp.server import find_nginx, serve


def main() -> None:
    module, port = sys.argv[1], int(sys.argv[2])
    settings = read_settings(port=port)
    serve(settings, nginx=find_nginx(), jobs=False, ready=lambda: None, say=lambda _: None, module=module)


main()
