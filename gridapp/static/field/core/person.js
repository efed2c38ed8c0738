// Who is signed in on this phone, as it lies on the disk: the token with its person, and what was last known of them.

import { dropKey, seal, takeKey, unseal } from "./seal.js";
import { forget, keep, kept } from "./store.js";

const SESSION = "session";

/** What is kept: `{person, token, language, me}`; `me` is null where the key is not here. Null where nobody is signed in. */
export async function known() {
  const found = await kept(SESSION);
  if (!found) return null;
  const me = found.sealed ? await unseal(found.sealed).catch(() => null) : null;
  return { ...found, me };
}

/** Keeps who is signed in; `key` comes with a token, and with nothing else. */
export async function remember(me, token, { key, language }) {
  if (key !== undefined) await takeKey(me.id, key);
  await keep(SESSION, { person: me.id, token, language, sealed: await seal(me) });
}

/** Forgets the token and its key; what waits to be sent stays, shut, for the person's next sign-in. */
export async function forgetPerson() {
  await forget(SESSION);
  await dropKey();
}
