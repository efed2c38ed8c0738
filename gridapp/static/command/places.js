// Words typed over the map find a place and the map goes there.

const input = document.getElementById("places");
const found = document.getElementById("place-list");

export function bindPlaces(map) {
  let typing;
  let running;
  input.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(async () => {
      running?.abort();
      running = new AbortController();
      const words = input.value.trim();
      if (!words) return found.replaceChildren();
      const answer = await fetch(`/command/places?q=${encodeURIComponent(words)}`, { headers: { Accept: "text/html" }, signal: running.signal }).catch(() => null);
      if (answer?.ok) found.innerHTML = await answer.text();
      return undefined;
    }, 200);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") found.replaceChildren();
    if (event.key === "Enter") found.querySelector("[data-bounds]")?.click();
    if (event.key === "ArrowDown") found.querySelector("[data-bounds]")?.focus();
  });
  found.addEventListener("click", (event) => {
    const place = event.target.closest("[data-bounds]");
    if (!place) return;
    map.fit(place.dataset.bounds.split(",").map(Number));
    found.replaceChildren();
  });
}
