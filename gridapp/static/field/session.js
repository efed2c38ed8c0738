// Who is signed in on this phone: by a token of its own, or by the browser's session. Known without a network, as last time.

import { word } from "../app.js";
import { ask, isNoNetwork, saying } from "./api.js";
import { recover } from "./core/items.js";
import * as outbox from "./core/outbox.js";
import { forgetPerson, known, remember } from "./core/person.js";
import { clear, forget } from "./core/store.js";
import { useToken } from "./core/wire.js";
import { alert, el, field, show } from "./dom.js";

const DEVICE_LENGTH = 200;
const SIGNED_OUT = 401;
const language = document.documentElement.lang;

export const session = { me: null };

/** The signed-in person, or null where somebody has to sign in. `onLost` hears when the sign-in ends. */
export async function resume(onLost) {
  await recover();
  const last = await known();
  useToken(last?.token ?? null, { language, onLost });
  if (last?.me) {
    await remember(last.me, last.token, { language });
    refresh().catch(() => {});
    return settle(last.me);
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
  return settle(me);
}

function settle(me) {
  session.me = me;
  outbox.sendFor(me.id);
  return me;
}

/** Reads anew who I am: duty and posts may have changed. */
export async function refresh() {
  const me = await ask("/me");
  const last = await known();
  if (!last || last.person !== me.id) return session.me;
  await remember(me, last.token, { language });
  session.me = me;
  return me;
}

async function signIn(username, password) {
  const device = navigator.userAgent.slice(0, DEVICE_LENGTH);
  const { token, me, ...more } = await ask("/auth/token", { method: "POST", json: { username, password, device } });
  useToken(token);
  return become(me, token, more.key ?? null);
}

/** Signs this phone out. What waits to be sent stays for the person's next sign-in. */
export async function signOut() {
  try {
    await ask("/auth/token", { method: "DELETE" });
  } catch (error) {
    if (isNoNetwork(error)) throw error;
  }
  await leave();
}

/** Forgets who was signed in and what they were shown; what they wrote stays, shut, for their next sign-in. */
export async function leave() {
  session.me = null;
  outbox.sendFor(null);
  useToken(null);
  await forgetPerson();
  await clear("tasks", "pictures", "notices");
  await forget("cursor", "grids", "basemap", "day");
}

/** The sign-in screen; `onDone` gets the person. */
export function signInScreen(screen, onDone) {
  const said = el("div");
  const username = el("input", { id: "username", name: "username", autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: 100, required: true });
  const password = el("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", maxlength: 200, required: true });
  const send = el("button", { class: "button primary wide f-big" }, word("sign_in"));
  const submit = async (event) => {
    event.preventDefault();
    event.stopPropagation();
    send.disabled = true;
    try {
      onDone(await signIn(username.value.trim(), password.value));
    } catch (error) {
      show(said, alert("", isNoNetwork(error) ? word("sign_in_offline") : saying(error)));
    } finally {
      send.disabled = false;
    }
  };
  const form = el("form", { class: "panel form f-sign-in", onsubmit: submit }, said, field("username", word("username"), username), field("password", word("password"), password), send);
  show(screen, form);
  username.focus();
}
