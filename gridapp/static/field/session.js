// Who is signed in on this phone: by a token of its own, or by the browser's session. Without a network: as last time.

import { Refused, word } from "../app.js";
import { ask, isNoNetwork, useToken } from "./api.js";
import { alert, el, field, show } from "./dom.js";
import * as outbox from "./outbox.js";
import { forget, keep, kept } from "./store.js";

const KEY = "session";
const DEVICE_LENGTH = 200;
const SIGNED_OUT = 401;

export const session = { me: null };

/** The signed-in person, or null where somebody has to sign in. `onLost` hears when the sign-in ends. */
export async function resume(onLost) {
  const known = await kept(KEY);
  useToken(known?.token ?? null, onLost);
  try {
    return await become(await whoAmI(known), known?.token ?? null);
  } catch (error) {
    if (error.status === SIGNED_OUT) {
      useToken(null);
      return null;
    }
    if (known) return settle(known.me);
    if (isNoNetwork(error)) return null;
    throw error;
  }
}

/** A token that the server no longer knows gives way to the browser's session. */
async function whoAmI(known) {
  try {
    return await ask("/me");
  } catch (error) {
    if (!known?.token || !(error instanceof Refused) || error.status !== SIGNED_OUT) throw error;
    await forget(KEY);
    known.token = null;
    useToken(null);
    return ask("/me");
  }
}

async function become(me, token) {
  await keep(KEY, { me, token });
  return settle(me);
}

function settle(me) {
  session.me = me;
  outbox.sendFor(me.id);
  return me;
}

/** Reads anew who I am: duty and posts may have changed. */
export async function refresh() {
  const known = await kept(KEY);
  return become(await ask("/me"), known?.token ?? null);
}

async function signIn(username, password) {
  const device = navigator.userAgent.slice(0, DEVICE_LENGTH);
  const { token, me } = await ask("/auth/token", { method: "POST", json: { username, password, device } });
  useToken(token);
  return become(me, token);
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

/** Forgets who was signed in, as after the desk ended it. */
export async function leave() {
  session.me = null;
  outbox.sendFor(null);
  useToken(null);
  await forget(KEY);
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
      show(said, alert("", isNoNetwork(error) ? word("sign_in_offline") : error.message));
    } finally {
      send.disabled = false;
    }
  };
  const form = el("form", { class: "panel form f-sign-in", onsubmit: submit }, said, field("username", word("username"), username), field("password", word("password"), password), send);
  show(screen, form);
  username.focus();
}
