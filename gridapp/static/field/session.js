// Who is signed in on this phone: by a token of its own, or by the browser's session. Known without a network, as last time.

import { ask, forgetPictures, isNoNetwork } from "./api.js";
import { recover } from "./core/items.js";
import { dropMirror } from "./core/mirror.js";
import * as outbox from "./core/outbox.js";
import { deviceId, forgetDevice } from "./core/device.js";
import { forgetPerson, known, remember } from "./core/person.js";
import { clear, forget } from "./core/store.js";
import { useToken } from "./core/wire.js";

const DEVICE_LENGTH = 200;
const SIGNED_OUT = 401;
const language = document.documentElement.lang;

export const session = { me: null, leaving: false };
let turnedAt = 0;
let own = null; // the token of this page

/** The signed-in person, or null where somebody has to sign in. `onLost` hears when the sign-in ends. */
export async function resume(onLost) {
  await recover();
  const last = await known();
  useToken(last?.token ?? null, { language, onLost });
  if (last?.me) {
    await remember(last.me, last.token, { language });
    refresh().catch(() => {});
    return settle(last.me, last.token);
  }
  try {
    return await become(await ask("/me"), last?.token ?? null, last?.token ? undefined : null);
  } catch (error) {
    if (error.status === SIGNED_OUT || isNoNetwork(error)) return null;
    throw error;
  }
}

async function become(me, token, key) {
  await remember(me, token, { key, language });
  return settle(me, token);
}

function settle(me, token) {
  own = token;
  session.me = me;
  outbox.sendFor(me.id);
  return me;
}

/** Reads anew who I am: duty and posts may have changed. */
export async function refresh() {
  const begun = performance.now();
  const me = await ask("/me");
  const last = await known();
  if (!session.me || last?.person !== me.id) return session.me; // somebody else, or nobody, meanwhile
  if (turnedAt > begun) me.duty = session.me.duty; // the answer is older than what was done meanwhile
  await remember(me, last.token, { language });
  session.me = me;
  return me;
}

/** On or off duty from now on, as the server has answered, or as it will once what waits has arrived; nobody where they left. */
export async function turnDuty({ on, since }) {
  if (!session.me) return;
  turnedAt = performance.now();
  session.me.duty = { on, since };
  const last = await known();
  if (last?.person === session.me?.id) await remember(session.me, last.token, { language });
}

/** Signs this phone in: `by` is {username, password}, or {code}, which the desk showed. The key of what lies here comes with it. */
export async function signIn(by) {
  const device = navigator.userAgent.slice(0, DEVICE_LENGTH);
  const { token, me, key } = await ask("/auth/token", { method: "POST", json: { ...by, device, device_id: await deviceId() } });
  useToken(token);
  return become(me, token, key);
}

/** Signs this phone out. What waits to be sent stays for the person's next sign-in. */
export async function signOut() {
  session.leaving = true; // what is refused from now on is no surprise
  try {
    await ask("/auth/token", { method: "DELETE" });
  } catch (error) {
    if (isNoNetwork(error)) throw error;
  } finally {
    session.leaving = false;
  }
  await leave();
}

/** Whether somebody signed in by another page of this phone meanwhile: what lies here is theirs now. */
export async function isOvertaken() {
  const last = await known();
  return Boolean(last) && last.token !== own;
}

/** Forgets who was signed in and what they were shown; what they wrote stays, shut, for their next sign-in. */
export async function leave() {
  session.me = null;
  outbox.sendFor(null);
  useToken(null);
  if (await isOvertaken()) return;
  await forgetPerson();
  await Promise.all([forgetPictures(), clear("tasks", "notices")]);
  await forget("cursor", "grids", "basemap", "day", "track", "stocked");
}

/** The desk locked this phone out: nothing stays on it. */
export async function erase() {
  await leave();
  await dropMirror(); // before what says that it is not needed
  await clear("outbox", "photos", "drafts", "sent", "keep");
  await forgetDevice();
}
