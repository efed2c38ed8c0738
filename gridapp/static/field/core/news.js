// What becomes of things that wait to be sent, told to everybody who watches: in this page, in others, from the service worker.

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("field-outbox") : null;
const watchers = new Set();

/**
 * Hears of every change: `watch(({ id, about, outcome, done, total, offline, again }) => …)`, `again` where something was put
 * right and is to be sent once more; gives back how to stop.
 */
export function watch(hear) {
  watchers.add(hear);
  return () => watchers.delete(hear);
}

const tell = (news) => watchers.forEach((hear) => hear(news));

/** Tells everybody. */
export function say(news) {
  tell(news);
  channel?.postMessage(news);
}

if (channel) channel.onmessage = ({ data }) => tell(data);
