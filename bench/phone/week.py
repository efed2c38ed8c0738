"""A week away: 40,000 changes happened on the server, and the phone comes back into step."""

from __future__ import annotations

import math
import time
from typing import Any

from playwright.sync_api import Browser

from bench.phone.reporting import Traffic, signed_in_phone
from bench.phone.served import Served

CHANGES = 40_000
AIM_S = 30
CURSOR = """async () => {
  const { kept } = await import("/static/field/core/store.js");
  const cursor = await kept("cursor");
  return cursor && !cursor.more ? cursor.cursor : null;
}"""
IN_STEP = f"""async (before) => {{
  globalThis.heap = 0;
  const watching = setInterval(() => {{ heap = Math.max(heap, performance.memory.usedJSHeapSize); }}, 20);
  for (;;) {{
    const now = await ({CURSOR})();
    if (now && now !== before) break;
    await new Promise((again) => setTimeout(again, 50));
  }}
  clearInterval(watching);
  return heap;
}}"""
MANY = (
    "insert into change (kind, key, grid_id) select 'task', t.id::text, t.grid_id "
    "from task t, generate_series(1, %s) g order by random() limit %s"
)


def away(chromium: Browser, served: Served) -> dict[str, Any]:
    """Seconds, pages, bytes and memory from the network's return until the phone knows everything."""
    page = signed_in_phone(chromium, served, served.url)
    page.wait_for_function(CURSOR)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    before = page.evaluate(CURSOR)
    with served.database() as connection:
        [tasks] = connection.execute("select count(*) from task").fetchone() or (1,)
        times = math.ceil(CHANGES / int(str(tasks)))
        written = connection.execute(MANY, (times, CHANGES)).rowcount
    pages: list[str] = []
    page.on("requestfinished", lambda request: pages.append(request.url) if "/changes?" in request.url else None)
    traffic = Traffic()
    traffic.watch(page)
    resting = served.memory_kb()
    heap = int(page.evaluate("performance.memory.usedJSHeapSize"))
    begun = time.monotonic()
    page.context.set_offline(False)
    peak = int(page.evaluate(IN_STEP, before))
    took = time.monotonic() - begun
    grown = sum(max(0, now - resting.get(pid, now)) for pid, now in served.memory_kb().items())
    page.context.close()
    return {
        "changes": written,
        "tasks_in_the_district": tasks,
        "seconds": round(took, 2),
        "aim_s": AIM_S,
        "pages": len(pages),
        "bytes": traffic.bytes.get("data", 0),
        "heap_before_mb": round(heap / 1e6, 1),
        "heap_peak_mb": round(peak / 1e6, 1),
        "server_memory_growth_mb": round(grown / 1e3, 1),
    }
