// A photo on its way: a small one in one go, a larger one in pieces that go on after a cut where the server has it (tus 1.0).

import { Refused } from "./wire.js";

const TUS = { "Tus-Resumable": "1.0.0" };
const LEAST_PIECE = 128 * 1024;
const MOST_PIECE = 1024 * 1024;
const QUICK_MS = 3_000;
const PATIENCE_MS = 180_000;
const DIFFERS = 460;
const MOST_TURNS = 3;
const UNKNOWN_WAY = new Set([405, 501]);
let piece = 2 * LEAST_PIECE;

const put = (call, { sha256, type }, bytes) => call(`/photos/${sha256}`, { method: "PUT", body: bytes, headers: { "Content-Type": type }, patience: PATIENCE_MS });

/** How far an answer says that the server is; whoever says nothing is not this server, and is asked again later. */
function offsetIn(answer) {
  const said = answer.headers.get("Upload-Offset");
  if (said === null || !Number.isInteger(Number(said))) throw new TypeError("no Upload-Offset");
  return Number(said);
}

/** How much of a photo the server has from this person. */
async function offsetOf(call, sha256) {
  const answer = await call(`/photos/${sha256}`, { method: "HEAD", headers: TUS, fine: [404, 405, 501] });
  if (UNKNOWN_WAY.has(answer.status)) return null;
  return answer.status === 404 ? 0 : offsetIn(answer);
}

async function sendPiece(call, { sha256 }, bytes, offset) {
  const begun = performance.now();
  const headers = { ...TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), "Upload-Length": String(bytes.byteLength) };
  try {
    const answer = await call(`/photos/${sha256}`, { method: "PATCH", body: bytes.slice(offset, offset + piece), headers, patience: PATIENCE_MS, fine: [409, DIFFERS, 405, 501] });
    if (performance.now() - begun < QUICK_MS) piece = Math.min(piece * 2, MOST_PIECE);
    return answer;
  } catch (error) {
    if (!(error instanceof Refused)) piece = Math.max(piece / 2, LEAST_PIECE);
    throw error;
  }
}

/** Sends a photo whole by the `call` of one sign-in; `told(share)` hears how far it is. Throws what `call` throws. */
export async function sendPhoto(call, photo, told = () => {}) {
  const { bytes } = photo;
  if (bytes.byteLength <= LEAST_PIECE) return put(call, photo, bytes);
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    let offset = await offsetOf(call, photo.sha256);
    while (offset !== null && offset < bytes.byteLength) {
      told(offset / bytes.byteLength);
      const answer = await sendPiece(call, photo, bytes, offset);
      if (UNKNOWN_WAY.has(answer.status)) offset = null;
      else if (answer.status === 409 || answer.status === DIFFERS) break;
      else offset = offsetIn(answer);
    }
    if (offset === null) return put(call, photo, bytes);
    if (offset >= bytes.byteLength) return null;
  }
  return put(call, photo, bytes);
}
